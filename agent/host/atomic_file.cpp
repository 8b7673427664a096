#include <cerrno>
#include <csignal>
#include <cstdio>
#include <ctime>

#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <agent/host/atomic_file.hpp>
#include <agent/host/system_failure.hpp>

namespace agent {
namespace {

constexpr int most_tries = 3;
constexpr std::string_view mark = ".agent-";

/// The file that is there now, as it was when we looked.
struct Old {
  Fd fd;  // none where it may not be read
  struct stat info {};
};

std::optional<Old> look(const Place& place) {
  Old old;
  if (::fstatat(place.directory.get(), place.name.c_str(), &old.info, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return std::nullopt;
    throw system_failure("look at", place.path, errno);
  }
  if (S_ISDIR(old.info.st_mode)) throw system_failure("write", place.path, EISDIR);
  if (!S_ISREG(old.info.st_mode))
    throw Error("cannot write '" + place.path.string() + "': it is there, and neither a file nor a link to one");
  old.fd = Fd(::openat(place.directory.get(), place.name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
  return old;
}

bool same(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino && a.st_size == b.st_size &&
         a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec &&
         a.st_ctim.tv_sec == b.st_ctim.tv_sec && a.st_ctim.tv_nsec == b.st_ctim.tv_nsec;
}

bool is_still(const Place& place, const std::optional<Old>& old) {
  struct stat now {};
  const bool there = ::fstatat(place.directory.get(), place.name.c_str(), &now, AT_SYMLINK_NOFOLLOW) == 0;
  return there ? old && same(old->info, now) : !old;
}

/// A file beside the one that is to be written; gone again unless it took that one's name.
class Temporary {
 public:
  explicit Temporary(const Place& place) : place_(place) {
    for (int attempt = 0; attempt < 16 && !fd_; ++attempt) {
      name_ = temporary_name(place.name);
      fd_ =
          Fd(::openat(place.directory.get(), name_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
      if (!fd_ && errno != EEXIST) break;
    }
    if (!fd_) throw system_failure("write", place.path, errno);
  }
  ~Temporary() {
    if (!name_.empty()) ::unlinkat(place_.directory.get(), name_.c_str(), 0);
  }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;

  int fd() const { return fd_.get(); }
  Path path() const { return place_.path.parent_path() / name_; }

  void sync() const {
    if (::fsync(fd_.get()) != 0 && errno != EINVAL) throw system_failure("write", place_.path, errno);
  }
  void take_name(const std::string& name) {
    if (::renameat(place_.directory.get(), name_.c_str(), place_.directory.get(), name.c_str()) == 0) {
      name_.clear();
      return;
    }
    if (errno == EBUSY)
      throw Error("cannot replace '" + place_.path.string() + "': it is a mount point of its own (a bind mount)")
          .hint("write the file that is mounted there, or run the task outside the container");
    throw system_failure("write", place_.path, errno);
  }

 private:
  const Place& place_;
  std::string name_;
  Fd fd_;
};

/// Names that a killed run of ours left behind. Nobody else's: the name holds the number of the process it was made by.
void remove_left_over(const Place& place) {
  if (!place.can_list) return;
  const int fd = ::openat(place.directory.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* directory = fd < 0 ? nullptr : ::fdopendir(fd);
  if (directory == nullptr) return;
  const std::string start = "." + place.name.substr(0, 180) + std::string(mark);
  while (const dirent* entry = ::readdir(directory)) {
    const std::string name = entry->d_name;
    if (name.compare(0, start.size(), start) != 0) continue;
    const pid_t maker = std::atoi(name.c_str() + start.size());
    if (maker > 0 && ::kill(maker, 0) != 0 && errno == ESRCH) ::unlinkat(::dirfd(directory), name.c_str(), 0);
  }
  ::closedir(directory);
}

void copy_content(int from, int to, const Path& path) {
  std::string buffer(1u << 18, '\0');
  for (off_t at = 0;;) {
    const ssize_t size = ::pread(from, buffer.data(), buffer.size(), at);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) throw system_failure("read", path, errno);
    if (size == 0) return;
    write_all(to, buffer.data(), static_cast<std::size_t>(size), path);
    at += size;
  }
}

/// As Ansible names it: FILE.PID.YYYY-MM-DD@HH:MM:SS~
std::string backup_name(const std::string& name) {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  ::localtime_r(&now, &local);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d@%H:%M:%S~", &local);
  return name + "." + std::to_string(::getpid()) + "." + text;
}

/// A copy of the old file that is taken back unless the change succeeds.
class Backup {
 public:
  Backup(const Place& place, const Old& old) : place_(place), name_(backup_name(place.name)) {
    if (!old.fd) throw system_failure("read", place.path, EACCES);
    Temporary copy(place);
    copy_content(old.fd.get(), copy.fd(), place.path);
    dress(copy.fd(), metadata_of(old.fd.get()), place.path);
    const timespec times[2] = {old.info.st_atim, old.info.st_mtim};
    ::futimens(copy.fd(), times);
    copy.sync();
    copy.take_name(name_);
    taken_ = true;
  }
  ~Backup() {
    if (taken_) ::unlinkat(place_.directory.get(), name_.c_str(), 0);
  }
  Backup(const Backup&) = delete;
  Backup& operator=(const Backup&) = delete;
  std::string keep() {
    taken_ = false;
    return (place_.path.parent_path() / name_).string();
  }

 private:
  const Place& place_;
  std::string name_;
  bool taken_ = false;
};

FileMetadata metadata_for(const std::optional<Old>& old, const Replacement& replacement) {
  FileMetadata metadata = metadata_of_new(false);
  if (replacement.mode) metadata.mode = *replacement.mode;
  if (old && old->fd) metadata = metadata_of(old->fd.get());
  if (old && !old->fd) {  // it may not be read: its labels are out of reach, its owner and mode are not
    metadata.uid = old->info.st_uid;
    metadata.gid = old->info.st_gid;
    metadata.mode = old->info.st_mode & 07777u;
  }
  return with_attributes(std::move(metadata), replacement.attributes);
}

}  // namespace

std::string temporary_name(const std::string& name) {
  std::uint64_t number = 0;
  while (::getrandom(&number, sizeof number, 0) < 0 && errno == EINTR) {
  }
  char text[20];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(number));
  return "." + name.substr(0, 180) + std::string(mark) + std::to_string(::getpid()) + "-" + text;
}

void write_all(int fd, const char* data, std::size_t size, const Path& path) {
  while (size > 0) {
    const ssize_t written = ::write(fd, data, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw system_failure("write", path, errno);
    data += written;
    size -= static_cast<std::size_t>(written);
  }
}

void expect_changeable(const Place& place) {
  struct statvfs system {};
  if (::fstatvfs(place.directory.get(), &system) == 0 && (system.f_flag & ST_RDONLY) != 0)
    throw system_failure("change", place.path, EROFS);
  const auto flags_of = [](int fd) {
    int flags = 0;
    return fd >= 0 && ::ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0 ? flags : 0;
  };
  const Fd file(::openat(place.directory.get(), place.name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
  const Path* fixed = nullptr;
  const Path parent = place.path.parent_path();
  if ((flags_of(file.get()) & (FS_IMMUTABLE_FL | FS_APPEND_FL)) != 0) fixed = &place.path;
  if (place.can_list && (flags_of(place.directory.get()) & FS_IMMUTABLE_FL) != 0) fixed = &parent;
  if (fixed != nullptr)
    throw Error("cannot change '" + place.path.string() + "': '" + fixed->string() + "' is marked immutable")
        .hint("if that is not on purpose: chattr -ia " + fixed->string());
}

void sync_directory(const Place& place) {
  if (place.can_list && ::fsync(place.directory.get()) != 0 && errno != EINVAL)
    throw system_failure("write", place.path.parent_path(), errno);
}

std::string replace_file(const Place& place, const Replacement& replacement) {
  expect_changeable(place);
  remove_left_over(place);
  for (int attempt = 0; attempt < most_tries; ++attempt) {
    const std::optional<Old> old = look(place);
    Temporary file(place);
    replacement.fill(file.fd());
    dress(file.fd(), metadata_for(old, replacement), place.path);
    file.sync();  // content and metadata at once: nothing is visible before the rename
    if (replacement.validate) replacement.validate(file.path());
    std::optional<Backup> backup;
    if (replacement.backup && old) backup.emplace(place, *old);
    if (!is_still(place, old)) continue;
    file.take_name(place.name);
    std::string kept = backup ? backup->keep() : "";
    sync_directory(place);
    return kept;
  }
  throw Error("cannot write '" + place.path.string() + "': somebody else keeps changing it, " +
              std::to_string(most_tries) + " times while it was written")
      .hint("find out who with: fuser -v " + place.path.string());
}

}  // namespace agent
