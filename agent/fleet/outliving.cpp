#include <unistd.h>

#include <agent/fleet/outliving.hpp>
#include <agent/host/login_session.hpp>
#include <agent/host/look.hpp>
#include <agent/host/transient_scope.hpp>
#include <agent/host/users.hpp>

namespace agent::fleet {
namespace {

// Their systemd, which is not ended with the last login.
bool lingers(const User& user) {
  return look_at("/var/lib/systemd/linger/" + user.name, true).has_value();
}

std::string warning(const User& self, const std::string& why) {
  std::string text =
      "this machine ends a user's processes with the login (KillUserProcesses in logind.conf): if the link breaks, the "
      "run ends there, and 'agent resume' goes on with it";
  if (self.uid != 0)
    text += "; a task that becomes root, or 'loginctl enable-linger " + self.name +
            "' there beforehand, lets it outlive its link";
  return why.empty() ? text : text + " (" + why + ")";
}

}  // namespace

std::optional<PoolOptions::Scope> outlive_login(const std::string& run,
                                                const std::function<void(const std::string&)>& remark) {
  if (!ends_with_login()) return std::nullopt;
  const User self = current_user();
  // Of the process, too: what is left of an agent of this run that was killed may still have the scope of that one.
  const std::string scope = "agent-" + run + "-" + std::to_string(::getpid()) + ".scope";
  std::string why;
  try {
    if (self.uid == 0 || lingers(self)) {
      leave_session(::getpid(), scope, self.uid == 0 ? Manager::of_machine : Manager::of_user);
      return std::nullopt;
    }
  } catch (const Error& error) {
    why = error.message();
  }
  return PoolOptions::Scope{
      scope, [=](const std::string& of_root) { remark(warning(self, of_root.empty() ? why : of_root)); }};
}

}  // namespace agent::fleet
