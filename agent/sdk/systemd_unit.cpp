#include <agent/sdk/systemd_unit.hpp>

namespace agent {

namespace {

Path folder_of(const SystemdUnit& unit) {
  return unit.user ? Path(unit.user->home) / ".config/systemd/user" : Path("/etc/systemd/system");
}

/// Where an `enable` puts its link, for the units that this agent writes and the packages that it installs.
Path usual_link(const SystemdUnit& unit) {
  const char* target = unit.name.ends_with(".socket") ? "sockets.target.wants"
                       : unit.user                    ? "default.target.wants"
                                                      : "multi-user.target.wants";
  return folder_of(unit) / target / unit.name;
}

/// Where systemd's own groups begin: "" on a machine, a path below others in some containers. Its first process lies in
/// ".../init.scope".
std::string group_root(const Host& host) {
  const std::string text = host.read("/proc/1/cgroup").value_or("");
  for (const char* sign : {":name=systemd:", "0::"}) {
    const auto at = text.find(sign);
    if (at == std::string::npos) continue;
    const auto begin = at + std::string_view(sign).size();
    std::string path = text.substr(begin, text.find('\n', begin) - begin);
    if (path.ends_with("/init.scope")) path.resize(path.size() - std::string_view("/init.scope").size());
    if (path.size() > 1 && path.find("..") == std::string::npos) return path.substr(1);
  }
  return "";
}

/// Where the unit's processes may be counted: in the one tree of version 2, or in those of version 1 and of both.
std::vector<Path> groups_of(const SystemdUnit& unit, const Host& host) {
  std::vector<Path> below{Path("system.slice") / unit.name};
  if (unit.user) {
    const std::string id = std::to_string(unit.user->uid);
    const Path manager = Path("user.slice") / ("user-" + id + ".slice") / ("user@" + id + ".service");
    below = {manager / "app.slice" / unit.name, manager / unit.name};  // the second before systemd 247
  }
  const Path root = group_root(host);
  std::vector<Path> all;
  for (const char* tree : {"", "systemd", "unified"})
    for (const Path& group : below) all.push_back(Path("/sys/fs/cgroup") / tree / root / group);
  return all;
}

}  // namespace

Path SystemdUnit::file() const {
  return folder_of(*this) / name;
}

bool SystemdUnit::is_enabled(const Host& host) const {
  for (const Path& folder : {folder_of(*this), user ? Path("/etc/systemd/user") : Path("/usr/lib/systemd/system")})
    for (const auto& entry : host.list(folder))
      if ((entry.ends_with(".wants") || entry.ends_with(".requires")) && host.stat(folder / entry / name, false))
        return true;
  return false;
}

bool SystemdUnit::is_running(const Host& host) const {
  // A socket has no process: its unit in /run says that it listens, or rather nothing does; being enabled has to do.
  if (name.ends_with(".socket")) return is_enabled(host);
  for (const Path& group : groups_of(*this, host))
    if (const auto processes = host.read(group / "cgroup.procs"); processes && !processes->empty()) return true;
  return false;
}

Exec SystemdUnit::systemctl(const Strings& words, const Host& host) const {
  Exec exec;
  if (user && host.self().uid != user->uid) exec.argv = {"runuser", "-u", user->name, "--"};
  if (user) {
    const std::string runtime = "XDG_RUNTIME_DIR=/run/user/" + std::to_string(user->uid);
    exec.argv.insert(exec.argv.end(), {"env", runtime});
  }
  exec.argv.push_back("systemctl");
  if (user) exec.argv.push_back("--user");
  exec.argv.insert(exec.argv.end(), words.begin(), words.end());
  if (words.empty() || words.front() != "daemon-reload") exec.argv.push_back(name);
  exec.effects.complete = true;
  return exec;
}

bool runs_systemd(const Host& host) {
  return host.stat("/run/systemd/system").has_value();
}

void plan_service(const SystemdUnit& unit, const WantedService& wanted, const Host& host, Plan& plan) {
  const bool enabled = unit.is_enabled(host), running = unit.is_running(host);
  Step step;
  if (wanted.reload) step.actions.push_back(unit.systemctl({"daemon-reload"}, host));
  const std::string subject = "service " + unit.name;
  if (wanted.enabled && *wanted.enabled != enabled) {
    step.changes.push_back(
        {subject + " at boot", enabled ? "started" : "not started", enabled ? "not started" : "started"});
    Exec exec = unit.systemctl({*wanted.enabled ? "enable" : "disable"}, host);
    (*wanted.enabled ? exec.effects.opaque : exec.effects.removed).push_back(usual_link(unit));
    step.actions.push_back(std::move(exec));
  }
  const bool restart = wanted.restart && running && wanted.running.value_or(true);
  if ((wanted.running && *wanted.running != running) || restart) {
    step.changes.push_back({subject, running ? "running" : "stopped",
                            restart   ? "restarted"
                            : running ? "stopped"
                                      : "running"});
    Exec exec = unit.systemctl({restart ? "restart" : running ? "stop" : "start"}, host);
    exec.title = (restart ? "restarting " : running ? "stopping " : "starting ") + unit.name;
    for (const Path& group : groups_of(unit, host)) {
      if (!running && group == groups_of(unit, host).front())
        exec.effects.files.push_back({group / "cgroup.procs", "1\n"});
      if (running && !restart) exec.effects.removed.push_back(group);
    }
    step.actions.push_back(std::move(exec));
  }
  if (step.changes.empty()) {
    // The unit's file alone: what shows the change is the step that writes it.
    if (wanted.reload && !plan.steps.empty() && runs_systemd(host))
      plan.steps.back().actions.push_back(std::move(step.actions.front()));
    return;
  }
  if (!runs_systemd(host) && !(wanted.running && !*wanted.running))
    throw Error("systemd does not run on this machine, so '" + unit.name + "' cannot be started")
        .hint("in a container without an init, start the program itself");
  plan.steps.push_back(std::move(step));
}

}  // namespace agent
