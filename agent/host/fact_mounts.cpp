#include <algorithm>
#include <chrono>
#include <map>
#include <set>

#include <sys/statvfs.h>

#include <agent/host/fact_groups.hpp>
#include <agent/host/patience.hpp>
#include <agent/sdk/text.hpp>

namespace agent::facts {
namespace {

using namespace std::chrono_literals;

/// "\040" stands for a space in the kernel's tables.
std::string unescaped(const std::string& text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_octal = text[i] == '\\' && i + 3 < text.size() && text[i + 1] >= '0' && text[i + 1] <= '3';
    plain += is_octal ? static_cast<char>(std::stoi(text.substr(i + 1, 3), nullptr, 8)) : text[i];
    if (is_octal) i += 3;
  }
  return plain;
}

/// File systems whose server may be gone: asking them can take for ever.
bool is_remote(const std::string& device, const std::string& type) {
  static const std::set<std::string> remote = {"nfs", "nfs4", "cifs",   "smb3",   "ceph", "glusterfs",
                                               "9p",  "afs",  "lustre", "beegfs", "gpfs"};
  return remote.count(type) != 0 || type.rfind("fuse", 0) == 0 || device.find(":/") != std::string::npos;
}

std::optional<struct statvfs> room_of(const std::string& mount) {
  struct statvfs room {};
  return ::statvfs(mount.c_str(), &room) == 0 ? std::optional(room) : std::nullopt;
}

void put_sizes(Map& facts, const struct statvfs& room) {
  facts.set("size_total", static_cast<std::uint64_t>(room.f_frsize) * room.f_blocks);
  facts.set("size_available", static_cast<std::uint64_t>(room.f_frsize) * room.f_bavail);
  facts.set("block_size", room.f_bsize);
  facts.set("block_total", room.f_blocks);
  facts.set("block_available", room.f_bavail);
  facts.set("block_used", room.f_blocks - room.f_bavail);
  facts.set("inode_total", room.f_files);
  facts.set("inode_available", room.f_favail);
  facts.set("inode_used", room.f_files - room.f_favail);
}

/// Mount points that show a part of a file system only (a bind mount, a btrfs subvolume).
std::set<std::string> partial_mounts(const Host& host) {
  std::set<std::string> mounts;
  for (const auto& line : text::lines_of(text_of(host, "/proc/self/mountinfo").value_or(""))) {
    const Strings words = text::words_of(line);  // number, parent, device, root, mount point, ...
    if (words.size() > 4 && words[3] != "/") mounts.insert(unescaped(words[4]));
  }
  return mounts;
}

/// UUIDs by the device that carries them.
std::map<std::string, std::string> uuids(const Host& host) {
  std::map<std::string, std::string> found;
  const Path directory = "/dev/disk/by-uuid";
  for (const auto& uuid : host.list(directory))
    if (const auto info = host.stat(directory / uuid, false); info && info->is_link())
      found[(directory / info->target).lexically_normal().string()] = uuid;
  return found;
}

std::string resolved(const Host& host, const std::string& device) {
  const auto info = host.stat(device, false);
  if (!info || !info->is_link()) return device;
  return (Path(device).parent_path() / info->target).lexically_normal().string();
}

}  // namespace

void mounts(Map& facts, const Host& host) {
  const auto partial = partial_mounts(host);
  const auto known = uuids(host);
  List found;
  for (const auto& line : text::lines_of(text_of(host, "/proc/mounts").value_or(""))) {
    Strings words = text::words_of(line);
    if (words.size() < 6) continue;
    std::transform(words.begin(), words.end(), words.begin(), unescaped);
    const std::string &device = words[0], &mount = words[1], &type = words[2];
    if ((device[0] != '/' && device.find(":/") == std::string::npos) || type == "none") continue;
    const bool is_partial = partial.count(mount) != 0;
    Map entry{{"mount", mount},
              {"device", device},
              {"fstype", type},
              {"options", words[3] + (is_partial ? ",bind" : "")},
              {"dump", number_of(words[4])},
              {"passno", number_of(words[5])}};
    const auto room = is_remote(device, type)
                          ? within<std::optional<struct statvfs>>(1s, [mount] { return room_of(mount); })
                          : std::optional(room_of(mount));
    if (!room) entry.set("note", "Could not get extra information due to timeout");
    if (room && *room) put_sizes(entry, **room);
    const auto uuid = known.find(resolved(host, device));
    entry.set("uuid", uuid == known.end() ? "N/A" : uuid->second);
    found.emplace_back(std::move(entry));
  }
  facts.set("mounts", found);
}

}  // namespace agent::facts
