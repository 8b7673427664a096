#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <agent/fleet/run_lock.hpp>
#include <agent/sdk/error.hpp>

namespace agent::fleet {

Path RunLock::beside(const Path& executable) {
  return executable.parent_path().parent_path().parent_path() / "lock";
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
  return got > 0 ? std::string(text, static_cast<std::size_t>(got)) : "somebody";
}

}  // namespace agent::fleet
