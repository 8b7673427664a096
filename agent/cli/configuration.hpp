#pragma once

#include <map>
#include <optional>
#include <string>

#include <agent/sdk/plan.hpp>

namespace agent::cli {

/// The settings of an `ansible.cfg` that mean something here, and their ANSIBLE_... variables, which count over the
/// file. The file is the first of: $ANSIBLE_CONFIG, ./ansible.cfg, ~/.ansible.cfg, /etc/ansible/ansible.cfg; one that
/// others may write to is passed over. Unknown keys are silently ignored, as Ansible does.
class Configuration {
 public:
  using Environment = std::map<std::string, std::string>;
  /// Reads the file that `environment` and `directory` lead to.
  static Configuration find(const Environment& environment, const Path& directory);

  /// "defaults", "forks": the variable ANSIBLE_FORKS, then the file.
  std::optional<std::string> text(const std::string& section, const std::string& key) const;
  std::optional<bool> flag(const std::string& section, const std::string& key) const;
  std::optional<long> number(const std::string& section, const std::string& key) const;
  /// Several paths: colons between them, relative ones from the file's directory, `~` expanded.
  std::vector<Path> paths(const std::string& section, const std::string& key) const;
  const Path& file() const { return file_; }
  /// A file that was passed over because others may write to it.
  const Path& refused() const { return refused_; }

 private:
  void read(const Path& file);
  Path file_, refused_;
  std::map<std::string, std::string> settings_;  // "section.key"
  Environment environment_;
};

}  // namespace agent::cli
