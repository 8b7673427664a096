#include <cerrno>
#include <cmath>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <agent/host/atomic_file.hpp>
#include <agent/host/file_actions.hpp>
#include <agent/host/system_failure.hpp>
#include <agent/host/tree.hpp>
#include <agent/host/users.hpp>
#include <agent/sdk/text.hpp>

namespace agent {
namespace {

std::optional<struct stat> information(const Place& place) {
  struct stat info {};
  if (::fstatat(place.directory.get(), place.name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0) return info;
  if (errno != ENOENT) throw system_failure("look at", place.path, errno);
  return std::nullopt;
}

std::string text_of(const Strings& argv) {
  std::string text;
  for (const auto& word : argv) text += (text.empty() ? "" : " ") + word;
  return text;
}

void make_directory(const Place& place, const Attributes& attributes) {
  expect_changeable(place);
  const FileMetadata metadata = with_attributes(metadata_of_new(true), attributes);
  if (::mkdirat(place.directory.get(), place.name.c_str(), 0700) != 0)
    throw system_failure("make the directory", place.path, errno);
  try {
    const Fd made(::openat(place.directory.get(), place.name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!made) throw system_failure("open the directory", place.path, errno);
    dress(made.get(), metadata, place.path);
  } catch (...) {
    ::unlinkat(place.directory.get(), place.name.c_str(), AT_REMOVEDIR);
    throw;
  }
  sync_directory(place);
}

/// The path and its missing parents, the outermost first.
std::vector<Path> missing_directories(Path path) {
  std::vector<Path> missing;
  if (!path.has_filename()) path = path.parent_path();
  for (; path.has_relative_path(); path = path.parent_path()) {
    struct stat info {};
    if (::stat(path.c_str(), &info) == 0) {
      if (S_ISDIR(info.st_mode)) break;
      throw Error("cannot make a directory: '" + path.string() + "' is there and is not one");
    }
    if (errno != ENOENT && errno != ENOTDIR) throw system_failure("look at", path, errno);
    if (::lstat(path.c_str(), &info) == 0)
      throw Error("cannot make a directory: '" + path.string() + "' is a link that leads nowhere");
    missing.insert(missing.begin(), path);
  }
  return missing;
}

/// Makes something under a name of its own, then gives it the name in one step, so that there is never nothing.
template <class Make>
void put_in_place(const Place& place, Make make) {
  const std::string name = temporary_name(place.name);
  if (make(name.c_str()) != 0) throw system_failure("make the link", place.path, errno);
  if (::renameat(place.directory.get(), name.c_str(), place.directory.get(), place.name.c_str()) != 0) {
    const int code = errno;
    ::unlinkat(place.directory.get(), name.c_str(), 0);
    throw system_failure("make the link", place.path, code);
  }
  sync_directory(place);
}

/// A hard link in a directory of alice's may be to anybody's file; to change its owner or mode would change theirs.
void expect_no_borrowed_name(const Place& place, const struct stat& info) {
  struct stat directory {};
  ::fstat(place.directory.get(), &directory);
  const bool trusted = directory.st_uid == 0 || directory.st_uid == ::geteuid();
  if (trusted || !S_ISREG(info.st_mode) || info.st_nlink < 2 || info.st_uid == directory.st_uid) return;
  throw Error("will not change '" + place.path.string() +
              "': it is a second name (hard link) of somebody else's file, in a directory that belongs to a user")
      .hint("run the task as that user (become_user)");
}

timespec time_of(const std::optional<double>& seconds, bool now) {
  if (now) return {0, UTIME_NOW};
  if (!seconds) return {0, UTIME_OMIT};
  const double whole = std::floor(*seconds);
  return {static_cast<time_t>(whole), static_cast<long>((*seconds - whole) * 1e9)};
}

/// Changes owner and mode of whatever an O_PATH descriptor stands for.
void set_owner_and_mode(int fd, const struct stat& info, const Attributes& attributes, const Path& path) {
  const uid_t uid = attributes.owner ? uid_of(*attributes.owner) : info.st_uid;
  const gid_t gid = attributes.group ? gid_of(*attributes.group) : info.st_gid;
  if ((uid != info.st_uid || gid != info.st_gid) &&
      ::fchownat(fd, "", uid == info.st_uid ? static_cast<uid_t>(-1) : uid,
                 gid == info.st_gid ? static_cast<gid_t>(-1) : gid, AT_EMPTY_PATH) != 0)
    throw system_failure("set owner and group of", path, errno);
  if (!attributes.mode || S_ISLNK(info.st_mode)) return;
  const std::string itself = "/proc/self/fd/" + std::to_string(fd);  // fchmod(2) refuses O_PATH descriptors
  if (::chmod(itself.c_str(), *attributes.mode) != 0) throw system_failure("set the mode of", path, errno);
}

}  // namespace

void FileActions::validate(const WriteFile& action, const Path& file) const {
  Strings argv = action.validate;
  for (auto& word : argv)
    for (auto at = word.find("%s"); at != std::string::npos; at = word.find("%s", at + file.string().size()))
      word.replace(at, 2, file.string());
  const Output verdict = run_(argv);
  if (verdict.rc == 0) return;
  std::string said = text::trimmed(verdict.err.empty() ? verdict.out : verdict.err);
  throw Error("the new content of '" + action.path.string() + "' was refused by '" + text_of(action.validate) +
              "' (exit code " + std::to_string(verdict.rc) + ")" + (said.empty() ? "" : ": " + said))
      .hint("the file is as it was")
      .with({{"rc", verdict.rc}, {"stdout", verdict.out}, {"stderr", verdict.err}});
}

Output FileActions::perform(const WriteFile& action) const {
  const Place place = find_place(action.path, true);
  Replacement replacement;
  replacement.fill = [&](int fd) { write_all(fd, action.content.data(), action.content.size(), place.path); };
  replacement.attributes = action.attributes;
  replacement.backup = action.backup;
  if (!action.validate.empty()) replacement.validate = [&](const Path& file) { validate(action, file); };
  Output output;
  output.out = replace_file(place, replacement);
  return output;
}

Output FileActions::perform(const MakeDirectory& action) const {
  for (const auto& path : missing_directories(action.path)) make_directory(find_place(path, false), action.attributes);
  return {};
}

Output FileActions::perform(const MakeLink& action) const {
  const Place place = find_place(action.path, false);
  expect_changeable(place);
  const auto there = information(place);
  if (there && S_ISDIR(there->st_mode))
    throw Error("cannot make the link '" + place.path.string() + "': a directory is there")
        .hint("remove it first: file: {path: " + place.path.string() + ", state: absent}");
  if (!action.hard) {
    put_in_place(place,
                 [&](const char* name) { return ::symlinkat(action.target.c_str(), place.directory.get(), name); });
    return {};
  }
  const Place original = find_place(action.target, true);
  const auto source = information(original);
  if (!source) throw Error("there is no file '" + action.target + "' to give a second name");
  if (S_ISDIR(source->st_mode)) throw Error("cannot give '" + action.target + "' a second name: it is a directory");
  // Renaming one name of a file over another of the same does nothing and leaves both.
  if (there && there->st_ino == source->st_ino && there->st_dev == source->st_dev) return {};
  put_in_place(place, [&](const char* name) {
    return ::linkat(original.directory.get(), original.name.c_str(), place.directory.get(), name, 0);
  });
  return {};
}

Output FileActions::perform(const SetAttributes& action) const {
  const Place place = find_place(action.path, action.follow);
  expect_changeable(place);
  const Fd file(::openat(place.directory.get(), place.name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!file && errno == ENOENT) throw Error("there is no '" + action.path.string() + "' to set owner or mode of");
  if (!file) throw system_failure("open", place.path, errno);
  struct stat info {};
  ::fstat(file.get(), &info);
  expect_no_borrowed_name(place, info);
  set_owner_and_mode(file.get(), info, action.attributes, place.path);
  const timespec times[2] = {time_of(action.access_time, action.access_now),
                             time_of(action.modification_time, action.modification_now)};
  if (times[0].tv_nsec == UTIME_OMIT && times[1].tv_nsec == UTIME_OMIT) return {};
  const int code = S_ISLNK(info.st_mode)
                       ? ::utimensat(place.directory.get(), place.name.c_str(), times, AT_SYMLINK_NOFOLLOW)
                       : ::utimensat(AT_FDCWD, ("/proc/self/fd/" + std::to_string(file.get())).c_str(), times, 0);
  if (code != 0) throw system_failure("set the times of", place.path, errno);
  return {};
}

Output FileActions::perform(const CopyPath& action) const {
  const Place from = find_place(action.from, true), to = find_place(action.to, true);
  const auto source = information(from);
  if (!source) throw Error("there is no '" + action.from.string() + "' to copy");
  expect_changeable(to);
  Output output;
  if (S_ISDIR(source->st_mode))
    copy_tree(from, to, action.attributes);
  else
    output.out = copy_file(from, to, action.attributes, action.backup);
  return output;
}

Output FileActions::perform(const RemovePath& action) const {
  struct stat info {};
  if (::lstat(action.path.c_str(), &info) != 0 && (errno == ENOENT || errno == ENOTDIR)) return {};
  const Place place = find_place(action.path, false);
  expect_changeable(place);
  remove_tree(place);
  return {};
}

}  // namespace agent
