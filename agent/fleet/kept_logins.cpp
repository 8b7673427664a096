#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <sys/stat.h>
#include <unistd.h>

#include <agent/fleet/kept_logins.hpp>
#include <agent/fleet/ssh.hpp>
#include <agent/host/atomic_file.hpp>
#include <agent/host/process.hpp>
#include <agent/sdk/checksum.hpp>
#include <agent/sdk/error.hpp>

namespace agent::fleet {
namespace {

namespace fs = std::filesystem;

// A socket's name has 107 bytes (unix(7)); ssh's %C takes 40, what it adds while it makes the socket 17, and we 6.
constexpr std::size_t longest_folder = 107 - 40 - 17 - 6;
constexpr std::chrono::seconds patience{5};

bool is_ours_alone(const Path& folder) {
  struct stat info {};
  return ::lstat(folder.c_str(), &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == ::geteuid() &&
         (info.st_mode & 077) == 0;
}

std::string quoted(const std::string& path) {
  return "\"" + path + "\"";
}

std::string text_of(const Path& file) {
  std::ifstream in(file);
  std::ostringstream out;
  out << in.rdbuf();
  return std::move(out).str();
}

/// The first value of a setting counts, so what stands last is what nobody else said.
std::string configuration_of(const std::optional<std::string>& users, const Path& socket, KeptLogins::Use use) {
  std::string out;
  if (users && *users != "none") out += "Include " + quoted(fs::absolute(*users).string()) + "\n";
  if (!users) out += "Include ~/.ssh/config\nInclude /etc/ssh/ssh_config\n";
  out += "Host *\n  ControlPath " + quoted(socket.string()) + "\n";
  if (use == KeptLogins::Use::make)
    out += "  ControlMaster auto\n  ControlPersist " + std::to_string(KeptLogins::lifetime.count()) + "\n";
  return out;
}

}  // namespace

std::optional<Path> folder_for_logins() {
  for (const auto& [variable, below] : {std::pair{"XDG_RUNTIME_DIR", "agent-ssh"}, {"HOME", ".cache/agent/ssh"}}) {
    const char* const base = std::getenv(variable);
    if (!base || *base != '/') continue;
    const Path folder = Path(base) / below;
    if (folder.string().size() > longest_folder || folder.string().find_first_of("\"%$") != std::string::npos) continue;
    std::error_code none;
    fs::create_directories(folder.parent_path(), none);
    ::mkdir(folder.c_str(), 0700);
    if (is_ours_alone(folder)) return folder;
  }
  return std::nullopt;
}

std::optional<Path> KeptLogins::configuration(const std::string& host, const executor::Login& login) {
  const std::lock_guard lock(mutex_);
  const auto known = hosts_.find(host);
  if (known != hosts_.end() && known->second.empty()) return std::nullopt;
  if (known == hosts_.end() && hosts_.size() >= most_hosts) return std::nullopt;
  const auto folder = folder_for_logins();
  if (!folder) return std::nullopt;
  const auto users = arguments_of(login).configuration;
  // Another way to a host of the same name may end at another machine.
  const std::string way =
      checksum(Digest::sha256, login.executable + '\n' + login.key + '\n' + login.arguments).substr(0, 4);
  const std::string text = configuration_of(users, *folder / (way + "-%C"), use_);
  const Path file = *folder / (way + (use_ == Use::make ? ".config" : "-take.config"));
  if (text_of(file) != text) {
    const Path fresh = *folder / temporary_name(file.filename().string());
    std::error_code failure;
    if (!(std::ofstream(fresh) << text << std::flush) || (fs::rename(fresh, file, failure), failure)) {
      fs::remove(fresh, failure);
      return std::nullopt;
    }
  }
  Strings forget{login.executable.empty() ? "ssh" : login.executable, "-F", file.string(), "-O", "stop"};
  if (!login.port.empty()) forget.insert(forget.end(), {"-p", login.port});
  if (!login.user.empty()) forget.insert(forget.end(), {"-l", login.user});
  forget.insert(forget.end(), {"--", login.address.empty() ? host : login.address});
  hosts_[host] = std::move(forget);
  return file;
}

void KeptLogins::forget(const std::vector<std::string>& hosts) {
  std::vector<Child> told;
  for (const auto& host : hosts) {
    Command command;
    {
      const std::lock_guard lock(mutex_);
      const auto known = hosts_.find(host);
      // A host that nobody has logged in to yet must not be kept later either.
      command.argv = known == hosts_.end() ? Strings() : std::move(known->second);
      hosts_[host].clear();
    }
    if (command.argv.empty()) continue;
    command.environment = own_environment();
    try {
      told.push_back(spawn(command, true));
    } catch (const Error&) {
      // Without an ssh there is no login either.
    }
  }
  for (const auto& child : told)
    if (!wait_for(child.pid, patience)) end(child.pid);
}

}  // namespace agent::fleet
