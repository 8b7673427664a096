#include <algorithm>
#include <cerrno>
#include <fstream>

#include <signal.h>
#include <unistd.h>

#include <agent/host/dnf_report.hpp>
#include <agent/host/dnf_system.hpp>
#include <agent/sdk/text.hpp>

namespace agent {

namespace {

using std::chrono::seconds;

Strings joined(Strings first, const Strings& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

// dnf 4 writes the number of the process that is at work into files; a number alone means nothing when it is gone.
std::optional<LockHolder> holder_by_number(const Path& file) {
  std::ifstream in(file);
  pid_t pid = 0;
  if (!(in >> pid) || pid <= 0 || pid == ::getpid()) return std::nullopt;
  if (::kill(pid, 0) != 0 && errno == ESRCH) return std::nullopt;
  std::ifstream comm("/proc/" + std::to_string(pid) + "/comm");
  LockHolder holder{pid, "", file};
  std::getline(comm, holder.command);
  return holder;
}

}  // namespace

std::string dnf_request(const std::string& request) {
  if (request.starts_with("/") || request.starts_with("@") || request.find("://") != std::string::npos) return request;
  if (request.find('/') != std::string::npos)
    throw Error("dnf does not know releases, as in '" + request + "'").hint("name the version: name=version");
  std::string text = request;
  if (const auto equals = text.find('='); equals != std::string::npos && text.find('(') == std::string::npos)
    text[equals] = '-';
  return text;
}

std::optional<LockHolder> DnfSystem::holder() const {
  for (const char* file : {"var/lib/rpm/.rpm.lock", "usr/lib/sysimage/rpm/.rpm.lock", "run/dnf/rpmtransaction.lock"})
    if (auto holder = holder_of(context_.root / file)) return holder;
  for (const char* file :
       {"var/lib/dnf/rpmdb_lock.pid", "var/cache/dnf/metadata_lock.pid", "var/cache/dnf/download_lock.pid"})
    if (auto holder = holder_by_number(context_.root / file)) return holder;
  return std::nullopt;
}

Output DnfSystem::run(const std::string& doing, Strings argv, seconds lock_timeout) {
  if (context_.root == "/" && ::geteuid() != 0)
    throw Error(doing + " needs root").hint("add 'become: true' to the task");
  LockWait([this] { return holder(); }, context_.progress).wait(lock_timeout);
  if (context_.progress) context_.progress(doing, -1);
  PackageCommand command{.argv = std::move(argv)};
  command.line = [this](std::string_view line) {
    if (!context_.progress) return;
    if (const auto progress = parse_dnf_progress(line)) context_.progress(progress->text, progress->fraction);
  };
  return context_.run(command);
}

Output DnfSystem::change(const std::string& doing, Strings argv, seconds lock_timeout) {
  Output output = run(doing, std::move(argv), lock_timeout);
  if (output.rc == 0) return output;
  Error error = dnf_error(doing, output);
  if (const std::string name = unmatched_argument(output); !name.empty())
    if (const Strings names = db_.similar(name); !names.empty())
      error.hint("names that exist: " + text::listed(names, 5));
  throw error;
}

Strings DnfSystem::words(const PackageOptions& options) const {
  Strings words = {db_.command(), "-y"};
  if (context_.root != "/") words.push_back("--installroot=" + context_.root.string());
  if (options.recommends)
    words.push_back(std::string("--setopt=install_weak_deps=") + (*options.recommends ? "1" : "0"));
  if (options.allow_unauthenticated) words.push_back("--nogpgcheck");
  return joined(words, options.extra);
}

Output DnfSystem::perform(const InstallPackages& action) {
  Strings requests;
  for (const std::string& request : action.requests) requests.push_back(dnf_request(request));
  Strings argv = words(action.options);
  argv.push_back(action.options.only_upgrade ? "upgrade" : "install");
  // What is there in an older version dnf takes for what was asked, unless it is to look for the best one.
  const Strings& extra = action.options.extra;
  const bool may_be_older = std::find(extra.begin(), extra.end(), "--nobest") != extra.end();
  const auto is_there = [this](const std::string& request) { return !db_.find(request).empty(); };
  if (!may_be_older && std::any_of(action.requests.begin(), action.requests.end(), is_there)) argv.push_back("--best");
  if (action.options.allow_downgrade && db_.command() == "dnf5") argv.push_back("--allow-downgrade");
  return change("installing " + text::listed(action.requests, 5), joined(joined(argv, {"--"}), requests),
                action.options.lock_timeout);
}

Output DnfSystem::perform(const RemovePackages& action) {
  Strings argv = words(action.options);
  argv.push_back(std::string("--setopt=clean_requirements_on_remove=") + (action.options.autoremove ? "1" : "0"));
  return change("removing " + text::listed(action.names, 5), joined(joined(argv, {"remove", "--"}), action.names),
                action.options.lock_timeout);
}

Output DnfSystem::perform(const UpgradePackages& action) {
  Strings argv = joined(words(action.options), {"upgrade"});
  if (action.kind == UpgradePackages::Kind::full) argv.push_back("--allowerasing");
  return change("upgrading the system's packages", argv, action.options.lock_timeout);
}

Output DnfSystem::perform(const RefreshPackageIndex& action) {
  const std::string doing = "fetching the package index";
  const Output output = run(
      doing, joined(words({}), {"--setopt=retries=" + std::to_string(action.retries + 1), "makecache", "--refresh"}),
      action.lock_timeout);
  if (output.rc != 0) throw dnf_error(doing, output);
  // dnf goes on without a repository that may be missing; an index without it is not what was asked for.
  if (const std::string repository = ignored_repository(output); !repository.empty()) {
    Error error = dnf_error(doing, output);
    throw Error("the package index could not be fetched: repository '" + repository + "' does not answer")
        .hint(error.hints().empty() ? "check its address in /etc/yum.repos.d" : error.hints().front())
        .with(error.result());
  }
  return output;
}

Output DnfSystem::perform(const RepairPackages& action) {
  Strings twins;
  for (const Package& package : db_.interrupted())
    twins.push_back(package.name + "-" + package.version.substr(package.version.find(':') + 1) + "." +
                    package.architecture);
  if (twins.empty()) return {};
  Strings argv = {"rpm", "-e", "--noscripts", "--nodeps"};
  if (context_.root != "/") argv.insert(argv.end(), {"--root", context_.root.string()});
  return change("taking out what a cut-off upgrade left: " + text::listed(twins, 5),
                joined(joined(argv, {"--"}), twins), action.lock_timeout);
}

Output DnfSystem::perform(const TidyPackages& action) {
  Output output;
  if (action.autoremove)
    output =
        change("removing packages that nothing needs any more", joined(words({}), {"autoremove"}), action.lock_timeout);
  if (action.clean) {
    const Output cleaned =
        change("emptying the package cache", joined(words({}), {"clean", "packages"}), action.lock_timeout);
    output.out += cleaned.out;
    output.err += cleaned.err;
  }
  return output;
}

Output DnfSystem::perform(const HoldPackages& action) {
  return change((action.hold ? "holding " : "releasing ") + text::listed(action.names, 5),
                joined(joined(words({}), {"versionlock", action.hold ? "add" : "delete"}), action.names), seconds(60));
}

}  // namespace agent
