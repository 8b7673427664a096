#include <algorithm>
#include <cerrno>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <agent/host/atomic_file.hpp>
#include <agent/host/system_failure.hpp>
#include <agent/host/tree.hpp>

namespace agent {
namespace {

constexpr int deepest_copy = 256;

struct stat information(int fd) {
  struct stat info {};
  ::fstat(fd, &info);
  return info;
}

Fd open_directory(int from, const char* name) {
  return Fd(::openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

Strings names_in(int directory, const Path& path) {
  const int fd = ::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* stream = fd < 0 ? nullptr : ::fdopendir(fd);
  if (stream == nullptr) throw system_failure("read the directory", path, errno);
  Strings names;
  while (const dirent* entry = ::readdir(stream)) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  ::closedir(stream);
  std::sort(names.begin(), names.end());
  return names;
}

/// Empties directories from the inside out. However deep they are, only one is open at a time: the way back up is "..",
/// which must be the directory we came from.
class Removal {
 public:
  explicit Removal(const Place& place) : place_(place) {}

  void finish() {
    if (unlink(place_.directory.get(), place_.name)) return;
    descend(place_.directory.get(), place_.name);
    while (!levels_.empty()) {
      if (levels_.back().names.empty())
        ascend();
      else
        take_next();
    }
  }

 private:
  struct Level {
    std::string name;
    Strings names;  // still to be removed
    struct stat info;
  };

  Path path() const {
    Path path = place_.path.parent_path();
    for (const auto& level : levels_) path /= level.name;
    return path;
  }

  /// True when it is gone; false when it is a directory.
  bool unlink(int directory, const std::string& name) const {
    if (::unlinkat(directory, name.c_str(), 0) == 0 || errno == ENOENT) return true;
    const int code = errno;
    struct stat info {};
    if (::fstatat(directory, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(info.st_mode)) return false;
    throw system_failure("remove", levels_.empty() ? place_.path : path() / name, code);
  }

  void descend(int from, const std::string& name) {
    Fd next = open_directory(from, name.c_str());
    if (!next) throw system_failure("empty the directory", levels_.empty() ? place_.path : path() / name, errno);
    const struct stat info = information(next.get());
    const dev_t above = information(from).st_dev;
    levels_.push_back({name, {}, info});
    if (info.st_dev != above)
      throw Error("will not remove '" + path().string() + "': a file system is mounted there")
          .hint("unmount it first: umount " + path().string());
    levels_.back().names = names_in(next.get(), path());
    at_ = std::move(next);
  }

  void take_next() {
    const std::string name = std::move(levels_.back().names.back());
    levels_.back().names.pop_back();
    if (!unlink(at_.get(), name)) descend(at_.get(), name);
  }

  void ascend() {
    const Path emptied = path();
    const std::string name = levels_.back().name;
    levels_.pop_back();
    const bool top = levels_.empty();
    Fd up = top ? Fd() : open_directory(at_.get(), "..");
    if (!top) {
      const struct stat info = information(up.get());
      if (!up || info.st_ino != levels_.back().info.st_ino || info.st_dev != levels_.back().info.st_dev)
        throw Error("gave up removing '" + place_.path.string() + "': somebody moves directories in it meanwhile");
    }
    if (::unlinkat(top ? place_.directory.get() : up.get(), name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT)
      throw system_failure("remove", emptied, errno);
    at_ = std::move(up);
  }

  const Place& place_;
  std::vector<Level> levels_;
  Fd at_;
};

Place place_in(int directory, const std::string& name, const Path& path) {
  return {Fd(::fcntl(directory, F_DUPFD_CLOEXEC, 3)), name, path};
}

void keep_times(int fd, const struct stat& info) {
  const timespec times[2] = {info.st_atim, info.st_mtim};
  ::futimens(fd, times);
}

void copy_link(const Place& from, const Place& to) {
  std::string target(4096, '\0');
  const ssize_t size = ::readlinkat(from.directory.get(), from.name.c_str(), target.data(), target.size());
  if (size < 0) throw system_failure("read the link", from.path, errno);
  target.resize(static_cast<std::size_t>(size));
  ::unlinkat(to.directory.get(), to.name.c_str(), 0);
  if (::symlinkat(target.c_str(), to.directory.get(), to.name.c_str()) != 0)
    throw system_failure("make the link", to.path, errno);
}

void copy_into(int from, const Path& from_path, int to, const Path& to_path, const Attributes& attributes, int depth);

void copy_directory(const Place& from, const Place& to, const Attributes& attributes, int depth) {
  if (depth > deepest_copy) throw Error("will not copy '" + from.path.string() + "': it is too deep");
  const Fd source = open_directory(from.directory.get(), from.name.c_str());
  if (!source) throw system_failure("read the directory", from.path, errno);
  const bool made = ::mkdirat(to.directory.get(), to.name.c_str(), 0700) == 0;
  if (!made && errno != EEXIST) throw system_failure("make the directory", to.path, errno);
  const Fd target = open_directory(to.directory.get(), to.name.c_str());
  if (!target) throw system_failure("write into", to.path, errno);
  copy_into(source.get(), from.path, target.get(), to.path, attributes, depth);
  if (made) {
    const struct stat info = information(source.get());
    FileMetadata metadata = with_attributes(metadata_of_new(true), {std::nullopt, attributes.owner, attributes.group});
    metadata.mode = info.st_mode & 07777u;
    dress(target.get(), metadata, to.path);
    keep_times(target.get(), info);
  }
}

void copy_into(int from, const Path& from_path, int to, const Path& to_path, const Attributes& attributes, int depth) {
  for (const auto& name : names_in(from, from_path)) {
    const Place source = place_in(from, name, from_path / name);
    const Place target = place_in(to, name, to_path / name);
    struct stat info {};
    if (::fstatat(from, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0)
      throw system_failure("look at", source.path, errno);
    if (S_ISLNK(info.st_mode))
      copy_link(source, target);
    else if (S_ISDIR(info.st_mode))
      copy_directory(source, target, attributes, depth + 1);
    else
      copy_file(source, target, attributes, false);
  }
}

}  // namespace

void remove_tree(const Place& place) {
  if (place.name == ".") throw Error("will not remove '" + place.path.string() + "'");
  Removal(place).finish();
  sync_directory(place);
}

void copy_tree(const Place& from, const Place& to, const Attributes& attributes) {
  if ((to.path / "").string().compare(0, (from.path / "").string().size(), (from.path / "").string()) == 0)
    throw Error("cannot copy '" + from.path.string() + "' into itself ('" + to.path.string() + "')");
  copy_directory(from, to, attributes, 0);
}

std::string copy_file(const Place& from, const Place& to, const Attributes& attributes, bool backup) {
  const Fd source(
      ::openat(from.directory.get(), from.name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!source) throw system_failure("read", from.path, errno);
  const struct stat info = information(source.get());
  if (!S_ISREG(info.st_mode)) throw Error("cannot copy '" + from.path.string() + "': it is not a file");
  Replacement replacement;
  replacement.backup = backup;
  replacement.attributes = attributes;
  if (!replacement.attributes.mode) replacement.attributes.mode = info.st_mode & 0777u;
  replacement.fill = [&](int fd) {
    std::string buffer(1u << 18, '\0');
    off_t at = 0;
    for (ssize_t size; (size = ::pread(source.get(), buffer.data(), buffer.size(), at)) != 0;) {
      if (size < 0 && errno == EINTR) continue;
      if (size < 0) throw system_failure("read", from.path, errno);
      write_all(fd, buffer.data(), static_cast<std::size_t>(size), to.path);
      at += size;
    }
    keep_times(fd, info);
  };
  return replace_file(to, replacement);
}

}  // namespace agent
