#include <thread>

#include <unistd.h>

#include <agent/host/login_session.hpp>
#include <agent/host/process_table.hpp>
#include <agent/host/transient_scope.hpp>
#include <agent/sdk/text.hpp>

namespace agent {
namespace {

using Clock = std::chrono::steady_clock;
constexpr const char* worker_name = "agent worker";  // as each of them calls itself
constexpr std::chrono::seconds patience{5};          // of each of two calls, within what a worker may take to start

bool is_there(pid_t process, const std::string& scope) {
  return text::contains(systemd_place_of(process) + "/", "/" + scope + "/");
}

// The call is answered when the job is queued, which is not yet the move.
void wait_until_there(pid_t process, const std::string& scope) {
  for (const auto until = Clock::now() + patience; !is_there(process, scope);) {
    if (Clock::now() > until) throw Error("systemd took the call for '" + scope + "' and did not move the agent there");
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

}  // namespace

Command scope_call(const TransientScope& scope, Manager manager, bool oom_continues) {
  Strings properties = {"PIDs", "au", std::to_string(scope.processes.size())};
  for (const pid_t process : scope.processes) properties.push_back(std::to_string(process));
  std::size_t count = 1;
  const auto add = [&](const std::string& name, const std::string& value) {
    properties.insert(properties.end(), {name, "s", value});
    ++count;
  };
  add("Description", "A run of agent");
  add("CollectMode", "inactive-or-failed");
  if (!scope.slice.empty()) add("Slice", scope.slice);
  if (oom_continues) add("OOMPolicy", "continue");

  Command command;
  command.environment = {{"PATH", "/usr/sbin:/usr/bin:/sbin:/bin"}, {"LC_ALL", "C"}};
  command.deadline = patience;
  command.argv = {"busctl", "--quiet"};
  if (manager == Manager::of_user) {
    command.argv.push_back("--user");
    command.environment["XDG_RUNTIME_DIR"] = "/run/user/" + std::to_string(::getuid());
  }
  const Strings call = {"call",
                        "org.freedesktop.systemd1",
                        "/org/freedesktop/systemd1",
                        "org.freedesktop.systemd1.Manager",
                        "StartTransientUnit",
                        "ssa(sv)a(sa(sv))",
                        scope.name,
                        "fail",
                        std::to_string(count)};
  command.argv.insert(command.argv.end(), call.begin(), call.end());
  command.argv.insert(command.argv.end(), properties.begin(), properties.end());
  command.argv.push_back("0");
  return command;
}

void leave_session(pid_t agent, const std::string& scope, Manager manager) {
  TransientScope wanted{scope, "", {}};
  if (manager == Manager::of_machine) wanted.slice = slice_of_session_at(systemd_place_of(agent));
  Finished done;
  for (const bool oom_continues : {true, false}) {
    wanted.processes = led_by(agent, worker_name);  // again: one of them may have ended meanwhile
    done = run(scope_call(wanted, manager, oom_continues));
    if (done.output.rc == 0) return wait_until_there(agent, scope);
    if (done.output.rc == 127 || done.timed_out) break;
  }
  if (done.output.rc == 127) throw Error("there is no busctl to ask systemd with");
  if (done.timed_out) throw Error("systemd did not answer");
  throw Error("systemd said: " + text::last_line(done.output.err));
}

}  // namespace agent
