#include <cerrno>
#include <cstring>

#include <sys/statvfs.h>
#include <unistd.h>

#include <agent/host/system_failure.hpp>

namespace agent {
namespace {

/// A full disk has two shapes, and the kernel names them alike.
bool out_of_inodes(const Path& path) {
  struct statvfs room {};
  const bool known = ::statvfs(path.c_str(), &room) == 0 || ::statvfs(path.parent_path().c_str(), &room) == 0;
  return known && room.f_files > 0 && room.f_favail == 0;
}

std::string hint_for(int code, const Path& path) {
  switch (code) {
    case EACCES:
      return ::geteuid() == 0 ? "" : "run the task with become: true (-b), or as the owner of '" + path.string() + "'";
    case EPERM:
      return ::geteuid() == 0 ? "look for an immutable flag with: lsattr -d " + path.string()
                              : "run the task with become: true (-b)";
    case EROFS:
      return "the file system is mounted read-only: see findmnt -T " + path.parent_path().string();
    case ENOSPC:
      return "see df -h " + path.parent_path().string() + " for what is left";
    case EDQUOT:
      return "see quota -s for what is left";
    default:
      return "";
  }
}

}  // namespace

std::string reason_of(int code) {
  switch (code) {
    case EPERM:
      return "the operation is not permitted";
    case EACCES:
      return "permission denied";
    case ENOENT:
      return "there is no such file or directory";
    case ENOTDIR:
      return "a part of the path is not a directory";
    case EISDIR:
      return "it is a directory";
    case ENOTEMPTY:
      return "the directory is not empty";
    case EEXIST:
      return "it is there already";
    case ENOSPC:
      return "no space left on the device";
    case EDQUOT:
      return "the disk quota is used up";
    case EROFS:
      return "the file system is read-only";
    case ELOOP:
      return "too many levels of symbolic links";
    case ENAMETOOLONG:
      return "the name is too long";
    case EIO:
      return "the device reports an input/output error";
    case ENOMEM:
      return "there is not enough memory";
    case EMFILE:
      return "too many files are open";
    case ETXTBSY:
      return "the program is running";
    case EXDEV:
      return "it is on another file system";
    case EBUSY:
      return "it is in use, or a mount point";
    default:
      break;
  }
  std::string text = std::strerror(code);
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] - 'A' + 'a');
  return text;
}

Error system_failure(const std::string& doing, const Path& path, int code) {
  std::string reason = reason_of(code);
  if (code == ENOSPC && out_of_inodes(path))
    reason = "no inodes left: the file system has as many files as it can hold";
  Error error("cannot " + doing + " '" + path.string() + "': " + reason);
  if (const std::string hint = hint_for(code, path); !hint.empty()) error.hint(hint);
  return error;
}

}  // namespace agent
