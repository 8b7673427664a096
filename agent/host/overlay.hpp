#pragma once

#include <string>
#include <vector>

#include <agent/host/predicted_packages.hpp>
#include <agent/host/predicted_tree.hpp>
#include <agent/sdk/host.hpp>

namespace agent {

/// A host as it would be: the one behind it, which is only looked at, with the effects of every action performed here
/// laid over. What an action's effect cannot be known throws Unknown when it is asked for, or comes as
/// `Output::unknown`.
class OverlayHost : public Host {
 public:
  /// `earlier` was performed on other overlays of the same machine (another user's worker); see foresee().
  explicit OverlayHost(const Host& real, const std::vector<Action>& earlier = {});

  /// Performs what another overlay has performed. What this user may not see or do is passed over.
  void foresee(const std::vector<Action>& actions);
  /// All that was performed here, in order, what was foreseen included.
  const std::vector<Action>& performed() const { return performed_; }

  /// All files that would be others.
  std::vector<PredictedFile> files() const { return tree_.files(); }
  /// Nothing but files would be another: no package, and nothing that a command does which did not say so.
  bool changes_only_files() const;

  const System& system() const override { return real_.system(); }
  const User& self() const override { return real_.self(); }
  const PackageDb& packages() const override { return packages_; }
  std::optional<std::string> read(const Path& file) const override { return tree_.read(file); }
  std::optional<FileInfo> stat(const Path& path, bool follow = true) const override { return tree_.stat(path, follow); }
  Strings list(const Path& directory) const override { return tree_.list(directory); }
  std::optional<User> user(const std::string& name_or_uid) const override;
  std::optional<Group> group(const std::string& name_or_gid) const override;
  std::optional<std::string> environment(const std::string& name) const override { return real_.environment(name); }
  /// Asks the real host, unless something that the command looks at would be another thing by then.
  Output query(const Query& query) const override;
  Value facts(const Strings& subsets) const override { return real_.facts(subsets); }
  Output perform(const Action& action) override;
  void progress(const std::string& text, double fraction = -1) const override { real_.progress(text, fraction); }

 private:
  Output predict(const WriteFile& action, const std::string& cause);
  Output predict(const MakeDirectory& action, const std::string& cause);
  Output predict(const MakeLink& action, const std::string& cause);
  Output predict(const SetAttributes& action, const std::string& cause);
  Output predict(const CopyPath& action, const std::string& cause);
  Output predict(const RemovePath& action, const std::string& cause);
  Output predict(const Exec& action, const std::string& cause);
  template <class PackageAction>
  Output predict(const PackageAction& action, const std::string&) {
    packages_.perform(action);
    return {};
  }

  Strings doubts(const Query& query) const;
  std::optional<std::string> doubt_about_program(const std::string& program, bool as_it_is) const;
  std::optional<std::string> doubt_about_path(const Path& path) const;
  std::optional<std::string> doubt_about_argument(const std::string& argument, const Path& directory) const;
  std::optional<std::string> doubt_about_packages(const Path& program) const;
  std::optional<std::string> doubt_about_sources() const;
  std::optional<std::string> doubt_about_name(const std::string& name) const;

  /// A command that was not run and did not say all that it would do.
  struct Undeclared {
    Strings argv;
    std::string cause;
  };

  const Host& real_;
  PredictedTree tree_;
  PredictedPackages packages_;
  std::vector<Undeclared> undeclared_;
  std::vector<Action> performed_;
};

}  // namespace agent
