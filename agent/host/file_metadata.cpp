#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>

#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <agent/host/file_metadata.hpp>
#include <agent/host/system_failure.hpp>
#include <agent/host/users.hpp>

namespace agent {
namespace {

constexpr const char* access_list = "system.posix_acl_access";

bool belongs_to_content(const std::string& name) {
  return name == "security.capability" || name == "security.ima" || name == "security.evm";
}

/// An access list whose entries for owner, mask (or group) and others say what `mode` says, as chmod(2) would make it;
/// so that setting it never opens the file further than it will be in the end.
std::string access_list_for(std::string list, unsigned mode) {
  constexpr std::size_t header = 4, entry = 8;
  constexpr std::uint16_t owner = 0x01, group = 0x04, mask = 0x10, others = 0x20;
  const auto tag_at = [&list](std::size_t at) {
    std::uint16_t tag;
    std::memcpy(&tag, list.data() + at, sizeof tag);
    return tag;
  };
  bool has_mask = false;
  for (std::size_t at = header; at + entry <= list.size(); at += entry) has_mask |= tag_at(at) == mask;
  for (std::size_t at = header; at + entry <= list.size(); at += entry) {
    const std::uint16_t tag = tag_at(at);
    const bool is_group = tag == (has_mask ? mask : group);
    if (tag != owner && tag != others && !is_group) continue;
    const unsigned shift = tag == owner ? 6 : is_group ? 3 : 0;
    const auto bits = static_cast<std::uint16_t>((mode >> shift) & 7u);
    std::memcpy(list.data() + at + sizeof tag, &bits, sizeof bits);
  }
  return list;
}

std::string extended_value(int fd, const std::string& name) {
  std::string value(65536, '\0');
  const ssize_t size = ::fgetxattr(fd, name.c_str(), value.data(), value.size());
  value.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return value;
}

void set_extended(int fd, const std::string& name, const std::string& value, const Path& path) {
  if (extended_value(fd, name) == value || ::fsetxattr(fd, name.c_str(), value.data(), value.size(), 0) == 0) return;
  // What only the kernel or a security module may set is given by it, or was not ours to carry over.
  const bool ours = name == access_list || name == "security.selinux" || name.compare(0, 5, "user.") == 0;
  if (ours && errno != ENOTSUP) throw system_failure("keep the attribute '" + name + "' of", path, errno);
}

}  // namespace

FileMetadata metadata_of(int fd) {
  struct stat info {};
  ::fstat(fd, &info);
  FileMetadata metadata{info.st_uid, info.st_gid, info.st_mode & 07777u, {}};
  std::string names(65536, '\0');
  const ssize_t size = ::flistxattr(fd, names.data(), names.size());
  names.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  for (std::size_t at = 0; at < names.size();) {
    const std::string name = names.c_str() + at;
    at += name.size() + 1;
    if (!belongs_to_content(name)) metadata.extended.emplace_back(name, extended_value(fd, name));
  }
  return metadata;
}

unsigned mode_of_new(bool directory) {
  // umask(2) can only be asked by changing it, which another thread would notice.
  unsigned mask = 022;
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.compare(0, 6, "Umask:") == 0) mask = static_cast<unsigned>(std::stoul(line.substr(6), nullptr, 8));
  return (directory ? 0777u : 0666u) & ~mask;
}

FileMetadata metadata_of_new(bool directory) {
  return {std::nullopt, std::nullopt, mode_of_new(directory), {}};
}

FileMetadata with_attributes(FileMetadata metadata, const Attributes& attributes) {
  if (attributes.owner) metadata.uid = uid_of(*attributes.owner);
  if (attributes.group) metadata.gid = gid_of(*attributes.group);
  if (attributes.mode) metadata.mode = *attributes.mode;
  return metadata;
}

void dress(int fd, const FileMetadata& metadata, const Path& path) {
  struct stat now {};
  ::fstat(fd, &now);
  const uid_t uid = metadata.uid.value_or(now.st_uid);
  const gid_t gid = metadata.gid.value_or(now.st_gid);
  // The group by itself first: a user may give a file to a group of theirs, but not keep an owner that they are.
  if ((uid != now.st_uid || gid != now.st_gid) && ::fchown(fd, uid == now.st_uid ? static_cast<uid_t>(-1) : uid,
                                                           gid == now.st_gid ? static_cast<gid_t>(-1) : gid) != 0)
    throw system_failure("set owner and group of", path, errno);
  for (const auto& [name, value] : metadata.extended)
    set_extended(fd, name, name == access_list ? access_list_for(value, metadata.mode) : value, path);
  ::fstat(fd,
          &now);  // a change of owner clears bits, an access list sets some; and some file systems have one mode only
  if ((now.st_mode & 07777u) != metadata.mode && ::fchmod(fd, metadata.mode) != 0)
    throw system_failure("set the mode of", path, errno);
}

}  // namespace agent
