#include <algorithm>
#include <cerrno>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <agent/host/fd.hpp>
#include <agent/host/look.hpp>
#include <agent/host/system_failure.hpp>

namespace agent {
namespace {

bool is_absent(int code) {
  return code == ENOENT || code == ENOTDIR;
}

FileInfo::Type type_of(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFDIR:
      return FileInfo::Type::directory;
    case S_IFLNK:
      return FileInfo::Type::link;
    case S_IFIFO:
      return FileInfo::Type::fifo;
    case S_IFSOCK:
      return FileInfo::Type::socket;
    case S_IFBLK:
      return FileInfo::Type::block;
    case S_IFCHR:
      return FileInfo::Type::character;
    default:
      return FileInfo::Type::file;
  }
}

double seconds(const timespec& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

std::string link_target(const Path& path) {
  std::string target(4096, '\0');
  const ssize_t size = ::readlink(path.c_str(), target.data(), target.size());
  target.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return target;
}

}  // namespace

std::optional<std::string> read_file(const Path& file, std::size_t limit) {
  // Neither a pipe without a writer nor a terminal must hold us up.
  const Fd fd(::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!fd && is_absent(errno)) return std::nullopt;
  if (!fd) throw system_failure("read", file, errno);
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) throw system_failure("read", file, errno);
  if (S_ISDIR(info.st_mode)) throw system_failure("read", file, EISDIR);
  if (!S_ISREG(info.st_mode) && !S_ISCHR(info.st_mode))
    throw Error("cannot read '" + file.string() + "': it is not a regular file");
  const auto too_large = [&] {
    return Error("cannot read '" + file.string() + "': it is larger than " + std::to_string(limit >> 20) + " MiB")
        .hint("let a command work on it where it is");
  };
  if (static_cast<std::uint64_t>(info.st_size) > limit) throw too_large();
  std::string content(static_cast<std::size_t>(info.st_size) + 4096, '\0');
  std::size_t have = 0;
  for (;;) {
    if (have == content.size()) content.resize(std::min(content.size() * 2, limit + 1));
    const ssize_t size = ::read(fd.get(), content.data() + have, content.size() - have);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) throw system_failure("read", file, errno);
    have += static_cast<std::size_t>(size);
    if (have > limit) throw too_large();
    if (size == 0) break;
  }
  content.resize(have);
  return content;
}

std::optional<FileInfo> look_at(const Path& path, bool follow) {
  struct stat info {};
  if ((follow ? ::stat(path.c_str(), &info) : ::lstat(path.c_str(), &info)) != 0) {
    if (is_absent(errno)) return std::nullopt;
    throw system_failure("look at", path, errno);
  }
  FileInfo result;
  result.type = type_of(info.st_mode);
  result.mode = info.st_mode & 07777u;
  result.size = static_cast<std::uint64_t>(info.st_size);
  result.uid = info.st_uid;
  result.gid = info.st_gid;
  result.inode = info.st_ino;
  result.device = info.st_dev;
  result.links = info.st_nlink;
  result.access_time = seconds(info.st_atim);
  result.modification_time = seconds(info.st_mtim);
  result.change_time = seconds(info.st_ctim);
  if (result.is_link()) result.target = link_target(path);
  return result;
}

Strings list_directory(const Path& directory) {
  const int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0 && is_absent(errno)) return {};
  DIR* stream = fd < 0 ? nullptr : ::fdopendir(fd);
  if (stream == nullptr) throw system_failure("read the directory", directory, errno);
  Strings names;
  while (const dirent* entry = ::readdir(stream)) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  ::closedir(stream);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace agent
