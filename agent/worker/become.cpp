#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>

#include <grp.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <agent/host/users.hpp>
#include <agent/sdk/text.hpp>
#include <agent/worker/become.hpp>

namespace agent {

namespace {

// Reliability R16: a name that could be read as an option, or by a shell, is no name.
void check_name(const std::string& name) {
  const bool good = !name.empty() && name.size() <= 64 && name.front() != '-' &&
                    std::all_of(name.begin(), name.end(), [](unsigned char c) {
                      return std::isalnum(c) || c == '_' || c == '-' || c == '.' || c == '@' || c == '+';
                    });
  if (!good)
    throw Error("'" + name + "' is not a user name").hint("become_user takes letters, digits, '_', '-', '.' and '@'");
}

}  // namespace

Become way_to(const Identity& identity, const User& self) {
  if (!identity.become) return {};
  check_name(identity.user);
  if (identity.user == self.name) return {};
  if (self.uid == 0) {
    if (!find_user(identity.user))
      throw Error("there is no user '" + identity.user + "' to become")
          .hint("create the user first ('useradd -m " + identity.user + "'), or name another in 'become_user'");
    return {.change_ids_to = identity.user};
  }
  if (identity.method != "sudo" && identity.method != "doas")
    throw Error("become_method '" + identity.method + "' cannot be used by " + self.name)
        .hint("use 'become_method: sudo' or 'doas', or run the agent as root");
  return {.by_tool = true};
}

Command worker_command(const Path& executable, const Identity& identity, const Become& become, bool with_password) {
  Command command;
  command.environment = own_environment();
  if (become.by_tool) {
    const std::string tool = identity.executable.empty() ? identity.method : identity.executable;
    if (identity.method == "doas")
      command.argv = {tool, "-n", "-u", identity.user};
    else if (with_password)
      command.argv = {tool, "-H", "-S", "-k", "-p", "", "-u", identity.user};
    else
      command.argv = {tool, "-H", "-n", "-u", identity.user};
    const Strings flags = text::words_of(identity.flags);
    command.argv.insert(command.argv.end(), flags.begin(), flags.end());
    if (identity.method == "sudo") command.argv.push_back("--");
  }
  command.argv.insert(command.argv.end(), {executable.string(), "worker"});
  return command;
}

bool cannot_enter(const std::string& printed) {
  return text::contains(printed, "unable to execute") || text::contains(printed, ": Permission denied");
}

Error refusal(const Identity& identity, const User& self, const std::string& printed, bool with_password) {
  const std::string whom = "'" + self.name + "' cannot become '" + identity.user + "'";
  if (text::contains(printed, "incorrect password") || text::contains(printed, "Sorry, try again") ||
      text::contains(printed, "no password was provided"))
    return Error(whom + ": the password was wrong").hint("-K asks for the password of '" + self.name + "'");
  if (text::contains(printed, "password is required") || text::contains(printed, "Authentication required") ||
      text::contains(printed, "a terminal is required"))
    return Error(whom + ": " + identity.method + " wants a password")
        .hint("run again with -K to be asked for it once, or allow it in sudoers with NOPASSWD");
  if (text::contains(printed, "not in the sudoers") || text::contains(printed, "not allowed to execute") ||
      text::contains(printed, "Operation not permitted"))
    return Error(whom + ": " + identity.method + " does not allow it")
        .hint("ask the machine's administrator for the right, or run as root");
  if (cannot_enter(printed))
    return Error(whom + ": the agent lies in a folder that is closed to '" + identity.user +
                 "', and the way by root is, too")
        .hint("log in as '" + identity.user + "' or as root, or let '" + self.name + "' become root")
        .hint(identity.method + " said: " + printed);
  if (text::contains(printed, "unknown user"))
    return Error("there is no user '" + identity.user + "' to become")
        .hint("create the user first, or name another in 'become_user'");
  Error error(whom + (with_password ? " even with the password" : ""));
  if (!printed.empty()) error.hint(identity.method + " said: " + printed);
  return error;
}

void change_ids(const User& user) {
  const auto groups = group_ids(user);
  if (::setgroups(groups.size(), groups.data()) != 0 || ::setgid(user.gid) != 0 || ::setuid(user.uid) != 0)
    throw Error("the worker cannot become '" + user.name + "': " + std::strerror(errno));
  if (::setuid(0) == 0 && user.uid != 0) throw Error("the worker could take back root's ids: refusing to go on");
  // The module libraries are reached through /proc/self/fd, which a process that gave up root may no longer open.
  ::prctl(PR_SET_DUMPABLE, 1);
}

}  // namespace agent
