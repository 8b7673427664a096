#pragma once

#include <set>
#include <string>

#include <agent/sdk/host.hpp>

namespace agent {

/// The host as `apply` gets it: nothing can be done there that the plan does not show. What a module makes of an action
/// (an answer it writes where the action said, a half-made thing it takes away again) is within the plan; another file,
/// program or package is not, and throws Error that names the module before anything is done.
class ShownHost : public Host {
 public:
  ShownHost(Host& host, const Plan& plan, std::string module);

  const System& system() const override { return host_.system(); }
  const User& self() const override { return host_.self(); }
  const PackageDb& packages() const override { return host_.packages(); }
  std::optional<std::string> read(const Path& file) const override { return host_.read(file); }
  std::optional<FileInfo> stat(const Path& path, bool follow = true) const override { return host_.stat(path, follow); }
  Strings list(const Path& directory) const override { return host_.list(directory); }
  std::optional<User> user(const std::string& name_or_uid) const override { return host_.user(name_or_uid); }
  std::optional<Group> group(const std::string& name_or_gid) const override { return host_.group(name_or_gid); }
  std::optional<std::string> environment(const std::string& name) const override { return host_.environment(name); }
  Output query(const Query& query) const override { return host_.query(query); }
  Value facts(const Strings& subsets) const override { return host_.facts(subsets); }
  Output perform(const Action& action) override;
  void progress(const std::string& text, double fraction = -1) const override { host_.progress(text, fraction); }

 private:
  bool is_shown(const Action& action) const;
  bool covers(const Path& path) const;
  bool is_another_name(const Action& action, const Path& path) const;

  Host& host_;
  const Plan& plan_;
  std::string module_;
  std::set<std::string> paths_, programs_;
};

}  // namespace agent
