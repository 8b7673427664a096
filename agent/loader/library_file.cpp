// The one door for Boost.DLL, with library.cpp.
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <agent/loader/library_file.hpp>
#include <agent/sdk/checksum.hpp>
#include <agent/sdk/error.hpp>

namespace agent {
namespace {

Path name_of(int fd, const Path& opened_as) {
  boost::dll::fs::error_code failed;
  const auto target = boost::dll::fs::read_symlink("/proc/self/fd/" + std::to_string(fd), failed);
  return failed ? opened_as : Path(target.string());
}

// Who had sudo start us as another can run anything as that one: sending modules along gives no more than that. (And
// who makes the variable up has started us as themselves.)
bool is_who_called(uid_t owner) {
  const char* caller = std::getenv("SUDO_UID");
  return caller && std::to_string(owner) == caller;
}

// A module is never unloaded: threads and handlers that it left in this process may still run its code.
const boost::dll::shared_library* keep_for_good(std::unique_ptr<boost::dll::shared_library> library) {
  static std::mutex mutex;
  static auto& all = *new std::vector<std::unique_ptr<boost::dll::shared_library>>;  // outlives every destructor
  const std::lock_guard lock(mutex);
  return all.emplace_back(std::move(library)).get();
}

// What the dynamic linker says, without the path through /proc that we gave it.
std::string reason_of(const std::string& message, const std::string& opened_as, const Path& path) {
  std::string text = message;
  if (const auto at = text.find(opened_as); at != std::string::npos) text.replace(at, opened_as.size(), path.string());
  if (text.find("invalid ELF header") != std::string::npos || text.find("file too short") != std::string::npos)
    return "it is not a shared library";
  return text;
}

}  // namespace

LibraryFile::LibraryFile(const Path& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
  if (fd_ < 0) throw Error("the module library '" + path.string() + "' cannot be opened: " + std::strerror(errno));
  name_ = name_of(fd_, path);
  try {
    check_trust();
  } catch (...) {
    ::close(fd_);
    throw;
  }
}

LibraryFile::~LibraryFile() {
  // The dynamic linker knows a library by the name it was opened under: the number must never name another file.
  if (!library_) ::close(fd_);
}

const std::string& LibraryFile::sha256() {
  std::call_once(is_hashed_, [this] { sha256_ = checksum_of_file(Digest::sha256, fd_); });
  return sha256_;
}

void LibraryFile::check_trust() const {
  struct stat info {};
  const std::string name = name_.string();
  if (::fstat(fd_, &info) != 0 || !S_ISREG(info.st_mode))
    throw Error("the module library '" + name + "' is not a file");
  if (info.st_uid != 0 && info.st_uid != ::geteuid() && info.st_uid != ::getuid() && !is_who_called(info.st_uid))
    throw Error("the module library '" + name + "' belongs to another user (uid " + std::to_string(info.st_uid) + ")")
        .hint("only libraries of root or of yourself are loaded: 'chown root " + name + "'");
  if (info.st_mode & (S_IWGRP | S_IWOTH))
    throw Error("the module library '" + name + "' may be written by others")
        .hint("'chmod go-w " + name + "', and make sure that it is what you think it is");
}

const boost::dll::shared_library& LibraryFile::load() {
  std::call_once(is_loaded_, [this] {
    const std::string opened = "/proc/self/fd/" + std::to_string(fd_);
    boost::dll::fs::error_code failed;
    auto library = std::make_unique<boost::dll::shared_library>();
    library->load(opened, failed, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
    if (!library->is_loaded()) {
      const char* message = ::dlerror();
      throw Error("'" + name_.string() +
                  "' is no module library: " + reason_of(message ? message : failed.message(), opened, name_));
    }
    library_ = keep_for_good(std::move(library));
  });
  return *library_;
}

}  // namespace agent
