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
  if (::geteuid() == 0) return "/var/cache/agent/lock";
  const char* home = std::getenv("HOME");
  return Path(home ? home : "/nonexistent") / ".cache/agent/lock";
}

std::string RunLock::holder(const std::string& run) {
  return "run " + run + std::string(pid_mark) + std::to_string(::getpid()) + ", as " + current_user().name + ")";
}

RunLock::RunLock(Path file, Folder folder) : path_(std::move(file)), folder_(folder) {
  open();
}

// What others wait for is removed while it is held: whoever gets it next sees that it is not in its place any more.
RunLock::~RunLock() {
  if (!is_held_ || made_.empty() || !is_still_in_place()) return;
  ::unlink(path_.c_str());
  for (const Path& folder : made_)
    if (::rmdir(folder.c_str()) != 0) return;  // something else came to be kept there
}

void RunLock::open() {
  namespace fs = std::filesystem;
  // The folder may go between these two calls, with another run that had made it.
  for (int tries = 0; tries < 3; ++tries) {
    std::error_code error;
    if (folder_ == Folder::may_be_made && !fs::exists(path_.parent_path(), error)) {
      made_.clear();
      for (Path at = path_.parent_path(); !fs::exists(at, error) && at.has_relative_path(); at = at.parent_path())
        made_.push_back(at);
      fs::create_directories(path_.parent_path(), error);
      if (!error) fs::permissions(path_.parent_path(), fs::perms::owner_all, error);
    }
    file_ = Fd(::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (file_ || errno != ENOENT) break;
  }
  struct stat info {};
  if (!file_ || ::fstat(file_.get(), &info) != 0)
    throw Error("the lock of runs, '" + path_.string() + "', cannot be had: " + std::strerror(errno));
  if (info.st_uid != ::geteuid()) throw Error("the lock of runs, '" + path_.string() + "', is somebody else's");
}

bool RunLock::is_still_in_place() const {
  struct stat ours {
  }, there{};
  return ::fstat(file_.get(), &ours) == 0 && ::lstat(path_.c_str(), &there) == 0 && ours.st_ino == there.st_ino &&
         ours.st_dev == there.st_dev;
}

std::optional<std::string> RunLock::take(const std::string& who) {
  struct flock all {};
  all.l_type = F_WRLCK;
  all.l_whence = SEEK_SET;
  for (int tries = 0; ::fcntl(file_.get(), F_OFD_SETLK, &all) == 0; ++tries) {
    if (tries < 10 && !is_still_in_place()) {
      open();
      continue;
    }
    is_held_ = true;
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
