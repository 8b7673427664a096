#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <agent/sdk/host.hpp>

#include "match_spec.hpp"

namespace agent::conda {

/// A package as its file in conda-meta records it.
struct Record {
  std::string name, version, build;
  std::string channel;     ///< as conda wrote it, an address; empty: not read
  bool predicted = false;  ///< check mode put it there: its version is not known
};

/// What conda keeps of an environment, read without starting it.
class CondaEnvironment {
 public:
  /// Nothing where there is no environment (no conda-meta/history).
  static std::optional<CondaEnvironment> in(const Host& host, const Path& prefix);
  const Path& prefix() const { return prefix_; }
  const std::map<std::string, Record>& records() const { return records_; }
  bool satisfies(const MatchSpec& spec) const;
  /// "1.26.4" of what is there; nothing: not there.
  std::optional<std::string> version(const std::string& name) const;
  /// What pip put over packages of conda's: "numpy: conda's record says 1.26.4, pip put 2.0.0 there".
  Strings fights(const Host& host) const;

 private:
  Path prefix_;
  std::map<std::string, Record> records_;
};

/// What an environment.yml asks for.
struct EnvironmentFile {
  std::string name;
  Strings channels;
  Strings dependencies;
  Strings pip;
};
/// Reads the subset of YAML that such files are written in: three keys, lists of texts, and the list below "pip:".
/// Throws Error with the line that it does not understand.
EnvironmentFile read_environment_file(const std::string& text, const std::string& name);

/// The file by which check mode shows later tasks a package that conda would install.
std::pair<Path, std::string> predicted_record(const Path& prefix, const MatchSpec& spec);

}  // namespace agent::conda
