#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <agent/host/file_actions.hpp>
#include <agent/host/known_users.hpp>
#include <agent/host/package_system.hpp>
#include <agent/host/process.hpp>
#include <agent/sdk/host.hpp>

namespace agent {

/// This machine, worked on by the user that this process is.
class RealHost : public Host {
 public:
  using Say = std::function<void(const std::string& text, double fraction)>;
  struct Options {
    Environment environment = {};  ///< the task's
    Say progress = {};
    /// Whom it serves, where that is not who this process is (check mode, behind its wall).
    std::optional<User> self = {};
    /// Variables of every program that is started, above all others.
    Environment forced = {};
    /// Modules see them too, because they write there (a command that is run behind the wall). A module that only looks
    /// sees what it would see in a run, and of these AGENT_WALL alone.
    bool shows_forced = false;
    /// Says what a command would, in its place; nothing: it is run.
    std::function<std::optional<Output>(const Exec&)> answer = {};
    /// Makes the package system when it is first asked for; another one is for tests.
    std::function<std::unique_ptr<PackageSystem>(const System&, PackageContext)> packages = make_package_system;
  };
  explicit RealHost(Options options);
  ~RealHost() override;

  /// The `environment:` of the task that comes next.
  void set_environment(Environment environment);
  /// Why `action` cannot be carried out by this user, as far as that can be seen before anything is changed; nothing
  /// when it may be tried.
  std::optional<Error> missing_right(const Action& action) const;

  const System& system() const override { return system_; }
  const User& self() const override { return self_; }
  const PackageDb& packages() const override;
  std::optional<std::string> read(const Path& file) const override;
  std::optional<FileInfo> stat(const Path& path, bool follow = true) const override;
  Strings list(const Path& directory) const override;
  std::optional<User> user(const std::string& name_or_uid) const override;
  std::optional<Group> group(const std::string& name_or_gid) const override;
  std::optional<std::string> environment(const std::string& name) const override;
  Output query(const Query& query) const override;
  Value facts(const Strings& subsets) const override;
  /// Where an Exec names no directory, it runs in the user's home.
  Output perform(const Action& action) override;
  void progress(const std::string& text, double fraction = -1) const override;

 private:
  Output execute(const Exec& action) const;
  Output run_package_tool(const PackageCommand& tool) const;
  /// What was said for this task, over what its user logs in with.
  Environment declared() const;
  /// The same, with what is forced: what programs are started with.
  Environment surroundings() const;
  Path working_directory(const std::optional<Path>& wanted) const;
  PackageSystem& package_system() const;

  Options options_;
  System system_;
  User self_;
  bool own_login_;
  Environment login_;  ///< the minimal environment of this user
  FileActions files_;
  mutable std::unique_ptr<PackageSystem> packages_;
  mutable KnownUsers users_;
};

}  // namespace agent
