#include <algorithm>
#include <regex>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <agent/host/apt_system.hpp>
#include <agent/host/package_downloads.hpp>
#include <agent/host/package_policy_rc_d.hpp>
#include <agent/sdk/package_forecast.hpp>
#include <agent/sdk/text.hpp>

namespace agent {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// What may keep a package run from starting, below the root.
const Strings dpkg_locks = {"var/lib/dpkg/lock-frontend", "var/lib/dpkg/lock"};
const Strings install_locks = {"var/lib/dpkg/lock-frontend", "var/lib/dpkg/lock", "var/cache/apt/archives/lock"};
const Strings index_locks = {"var/lib/apt/lists/lock"};

// Nobody is there to answer.
const Environment unattended = {{"DEBIAN_FRONTEND", "noninteractive"},
                                {"DEBIAN_PRIORITY", "critical"},
                                {"APT_LISTCHANGES_FRONTEND", "none"},
                                {"APT_LISTBUGS_FRONTEND", "none"},
                                {"UCF_FORCE_CONFFOLD", "1"}};

Strings joined(Strings first, const Strings& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

Strings dpkg_words(const Strings& options) {
  Strings words;
  for (const std::string& option : options) words.push_back(option.starts_with("--") ? option : "--" + option);
  return words;
}

// How a failed download looks on a slow mirror: apt tries again itself, and gives up on a silent server.
const Strings silence = {"-o", "Acquire::http::Timeout=30", "-o", "Acquire::https::Timeout=30"};
const Strings patience = joined({"-o", "Acquire::Retries=3"}, silence);

/// An index that does not come whole stays as old as it was, whatever part of it came: apt gives the folder, whose time
/// says when the index was fetched, a new time with the first file.
class OldUntilWhole {
 public:
  OldUntilWhole(Path lists, bool is_there) : lists_(std::move(lists)) {
    struct stat found {};
    if (is_there && ::stat(lists_.c_str(), &found) == 0) before_ = found.st_mtim;
  }
  ~OldUntilWhole() {
    const timespec times[2] = {{0, UTIME_OMIT}, before_};
    if (!is_whole_) ::utimensat(AT_FDCWD, lists_.c_str(), times, 0);
  }
  OldUntilWhole(const OldUntilWhole&) = delete;
  OldUntilWhole& operator=(const OldUntilWhole&) = delete;

  /// It has come now, also where nothing of it was new: apt leaves the folder as it is then.
  void is_whole() {
    is_whole_ = true;
    ::utimensat(AT_FDCWD, lists_.c_str(), nullptr, 0);
  }

 private:
  Path lists_;
  timespec before_{};  // the epoch: never
  bool is_whole_ = false;
};

std::string progress_text(const AptStatus& status) {
  return status.text.empty() ? status.subject : status.text;
}

}  // namespace

/// One run of a package tool.
struct AptSystem::Run {
  std::string doing;  ///< "installing vim"
  Strings argv;
  Strings locks;
  seconds lock_timeout;
  bool status = true;  ///< whether it writes apt's status lines
};

AptSystem::AptSystem(PackageContext context) : context_(std::move(context)), db_(context_) {}

milliseconds AptSystem::wait(const Strings& locks, milliseconds limit) const {
  const auto look = [&]() -> std::optional<LockHolder> {
    for (const std::string& lock : locks)
      if (auto holder = holder_of(context_.root / lock)) return holder;
    return std::nullopt;
  };
  return LockWait(look, context_.progress).wait(limit);
}

// Runs a tool once the locks are free. Somebody may be quicker: then it waits again while there is time left.
Output AptSystem::run(const Run& what, std::vector<AptStatus>& errors) {
  if (context_.root == "/" && ::geteuid() != 0)
    throw Error(what.doing + " needs root").hint("add 'become: true' to the task");
  milliseconds left = what.lock_timeout;
  while (true) {
    left -= wait(what.locks, left);
    if (context_.progress) context_.progress(what.doing, -1);
    PackageCommand command{.argv = what.argv, .environment = unattended};
    if (what.status)
      command.status = [&](std::string_view line) {
        const auto status = parse_apt_status(line);
        if (!status) return;
        if (status->kind == AptStatus::Kind::error) errors.push_back(*status);
        if (context_.progress) context_.progress(progress_text(*status), status->fraction);
      };
    Output output = context_.run(command);
    if (output.rc == 0 || !is_locked(output) || left <= milliseconds::zero()) return output;
    errors.clear();
    left -= seconds(1);
  }
}

Output AptSystem::change(const Run& what) {
  std::vector<AptStatus> errors;
  Output output = run(what, errors);
  if (output.rc != 0 || !errors.empty()) throw package_error(what.doing, output, errors);
  return output;
}

namespace {

// "apt-get VERB" with what every run of it has.
Strings apt_get(const std::string& verb, const PackageOptions& options) {
  Strings argv = {"apt-get", "-y", "-q", "-o", "APT::Status-Fd=3", "-o", "Dpkg::Use-Pty=0"};
  // A name that is no package is an error, not a regular expression that may match a hundred.
  argv.insert(argv.end(), {"-o", "APT::Cmd::Pattern-Only=true"});
  return joined(joined(joined(argv, patience), apt_words(options)), {verb});
}

}  // namespace

Output AptSystem::perform(const InstallPackages& action) {
  const PackageDownloads downloads(context_, action.requests);
  const PolicyRcD policy(context_.root, action.options.policy_rc_d);
  const Run what{.doing = "installing " + text::listed(action.requests, 5),
                 .argv = joined(joined(apt_get("install", action.options), {"--"}), downloads.requests()),
                 .locks = install_locks,
                 .lock_timeout = action.options.lock_timeout};
  std::vector<AptStatus> errors;
  Output output = run(what, errors);
  if (output.rc != 0 && is_stale_index(output)) {
    if (context_.progress) context_.progress("the package index is out of date: fetching it again", -1);
    perform(RefreshPackageIndex{action.options.lock_timeout});
    errors.clear();
    output = run(what, errors);
  }
  if (output.rc != 0 || !errors.empty()) throw explained(package_error(what.doing, output, errors), output);
  return output;
}

Output AptSystem::perform(const RemovePackages& action) {
  PackageOptions options = action.options;
  options.purge = false;
  return change(
      {.doing = "removing " + text::listed(action.names, 5),
       .argv = joined(joined(apt_get(action.options.purge ? "purge" : "remove", options), {"--"}), action.names),
       .locks = install_locks,
       .lock_timeout = action.options.lock_timeout});
}

Output AptSystem::perform(const UpgradePackages& action) {
  const bool full = action.kind == UpgradePackages::Kind::full;
  const PolicyRcD policy(context_.root, action.options.policy_rc_d);
  Strings argv = apt_get(full ? "dist-upgrade" : "upgrade", action.options);
  if (!full) argv.push_back("--with-new-pkgs");
  return change({.doing = "upgrading the system's packages",
                 .argv = argv,
                 .locks = install_locks,
                 .lock_timeout = action.options.lock_timeout});
}

Output AptSystem::perform(const RefreshPackageIndex& action) {
  Strings argv = {"apt-get", "update", "-q", "-o", "APT::Status-Fd=3", "-o", "APT::Update::Error-Mode=any"};
  argv.insert(argv.end(), {"-o", "Acquire::Retries=" + std::to_string(action.retries), "-o",
                           "Acquire::Retries::Delay::Maximum=" + std::to_string(action.retry_delay.count())});
  std::vector<AptStatus> errors;
  OldUntilWhole index(context_.root / "var/lib/apt/lists", db_.refreshed() > 0);
  const Output output = run({.doing = "fetching the package index",
                             .argv = joined(argv, silence),
                             .locks = index_locks,
                             .lock_timeout = action.lock_timeout},
                            errors);
  if (output.rc != 0 || !failed_repositories(output).empty()) throw refresh_error(output);
  index.is_whole();
  return output;
}

Output AptSystem::perform(const RepairPackages& action) {
  const PackageOptions options{.lock_timeout = action.lock_timeout};
  std::vector<AptStatus> errors;
  // First let dpkg finish what it can; what it cannot is judged by what is left afterwards, not by its exit code.
  const Run configure{.doing = "finishing an interrupted package run",
                      .argv = joined(joined({"dpkg"}, dpkg_words(options.dpkg_options)), {"--configure", "-a"}),
                      .locks = dpkg_locks,
                      .lock_timeout = action.lock_timeout,
                      .status = false};
  Output output = run(configure, errors);
  Strings broken;
  for (const Package& package : db_.interrupted())
    if (package.state == Package::State::half_installed || package.state == Package::State::installed)
      broken.push_back(package.name);
  if (!broken.empty())
    output = change({.doing = "reinstalling " + text::listed(broken, 5) + " after an interrupted package run",
                     .argv = joined(joined(apt_get("install", options), {"--reinstall", "--"}), broken),
                     .locks = install_locks,
                     .lock_timeout = action.lock_timeout});
  // What waits for a dependency that never came.
  Output fixed = change({.doing = "completing an interrupted package run",
                         .argv = joined(apt_get("install", options), {"--fix-broken"}),
                         .locks = install_locks,
                         .lock_timeout = action.lock_timeout});
  output.out += fixed.out;
  output.err += fixed.err;
  output.rc = fixed.rc;
  if (const auto left = db_.interrupted(); !left.empty())
    throw package_error("repairing the package '" + left.front().name + "'", output, {})
        .hint("reinstall it from its .deb, or take it out with: dpkg --remove --force-remove-reinstreq " +
              left.front().name);
  return output;
}

Output AptSystem::perform(const TidyPackages& action) {
  Output output;
  PackageOptions options{.lock_timeout = action.lock_timeout};
  options.purge = action.purge;
  if (action.autoremove)
    output = change({.doing = "removing packages that nothing needs any more",
                     .argv = apt_get("autoremove", options),
                     .locks = install_locks,
                     .lock_timeout = action.lock_timeout});
  if (action.clean) {
    const Output cleaned = change({.doing = "emptying the package cache",
                                   .argv = {"apt-get", "clean"},
                                   .locks = {"var/cache/apt/archives/lock"},
                                   .lock_timeout = action.lock_timeout,
                                   .status = false});
    output.out += cleaned.out;
    output.err += cleaned.err;
  }
  return output;
}

Output AptSystem::perform(const HoldPackages& action) {
  return change({.doing = std::string(action.hold ? "holding " : "releasing ") + text::listed(action.names, 5),
                 .argv = joined({"apt-mark", action.hold ? "hold" : "unhold", "--"}, action.names),
                 .locks = dpkg_locks,
                 .lock_timeout = seconds(60),
                 .status = false});
}

// A name or version that does not exist is answered with those that do.
Error AptSystem::explained(Error error, const Output& output) const {
  static const std::regex package{"E: Unable to locate package (\\S+)"};
  static const std::regex version{"E: Version '([^']*)' for '([^']*)' was not found"};
  std::smatch found;
  Strings names;
  if (std::regex_search(output.err, found, package)) {
    names = db_.similar(found[1]);
    if (!names.empty()) error.hint("names that exist: " + text::listed(names, 5));
  } else if (std::regex_search(output.err, found, version)) {
    for (const Package& offered : db_.candidates(found[2])) names.push_back(offered.version);
    if (!names.empty()) error.hint("versions that exist: " + text::listed(names, 5));
  }
  return error;
}

}  // namespace agent
