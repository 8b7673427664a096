#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <thread>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <agent/fleet/run_lock.hpp>
#include <agent/host/process_table.hpp>
#include <agent/host/users.hpp>
#include <agent/sdk/error.hpp>

namespace agent::fleet {
namespace {

constexpr std::string_view pid_mark = " (pid ";

}  // namespace

Path RunLock::beside(const Path& executable) {
  return executable.parent_path().parent_path().parent_path() / "lock";
}

Path RunLock::of_this_machine(const Path& executable) {
  const Path kept_beside = beside(executable);
  const Path folder = kept_beside.parent_path();
  if (folder.filename() == "agent" && ::access(folder.c_str(), W_OK) == 0) return kept_beside;
  // Where the handshake keeps a bundle (handshake.cpp).
  const char* home = std::getenv("HOME");
  const Path own = ::geteuid() == 0 ? Path("/var/cache/agent") : Path(home ? home : "/nonexistent") / ".cache/agent";
  std::error_code ignored;
  if (std::filesystem::create_directories(own, ignored))
    std::filesystem::permissions(own, std::filesystem::perms::owner_all, ignored);
  return own / "lock";
}

std::string RunLock::holder(const std::string& run) {
  return "run " + run + std::string(pid_mark) + std::to_string(::getpid()) + ", as " + current_user().name + ")";
}

RunLock::RunLock(const Path& file) : file_(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)) {
  struct stat info {};
  if (!file_ || ::fstat(file_.get(), &info) != 0)
    throw Error("the lock of runs, '" + file.string() + "', cannot be had: " + std::strerror(errno));
  if (info.st_uid != ::geteuid()) throw Error("the lock of runs, '" + file.string() + "', is somebody else's");
}

std::optional<std::string> RunLock::take(const std::string& who) {
  struct flock all {};
  all.l_type = F_WRLCK;
  all.l_whence = SEEK_SET;
  if (::fcntl(file_.get(), F_OFD_SETLK, &all) == 0) {
    [[maybe_unused]] const int cut = ::ftruncate(file_.get(), 0);
    [[maybe_unused]] const ssize_t put = ::pwrite(file_.get(), who.data(), who.size(), 0);
    return std::nullopt;
  }
  char text[256];
  const ssize_t got = ::pread(file_.get(), text, sizeof text, 0);
  std::string holder = got > 0 ? std::string(text, static_cast<std::size_t>(got)) : "somebody";
  if (const auto at = holder.find(pid_mark); at != std::string::npos)
    if (const pid_t pid = std::atoi(holder.c_str() + at + pid_mark.size()); pid > 1 && descends_from(::getppid(), pid))
      return std::nullopt;
  return holder;
}

std::optional<std::string> RunLock::take_within(std::chrono::seconds patience, const std::string& who,
                                                const std::function<void(const std::string& holder)>& waiting,
                                                const std::function<bool()>& is_stopped) {
  const auto until = std::chrono::steady_clock::now() + patience;
  auto holder = take(who);
  if (holder && patience.count() > 0) waiting(*holder);
  while (holder && std::chrono::steady_clock::now() < until && !is_stopped()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    holder = take(who);
  }
  return holder;
}

}  // namespace agent::fleet
