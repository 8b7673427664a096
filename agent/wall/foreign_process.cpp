#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include <fcntl.h>
#include <sys/uio.h>

#include <agent/wall/foreign_process.hpp>

namespace agent::wall {

namespace {

std::string link_at(const std::string& path) {
  char text[4096];
  const ssize_t size = ::readlink(path.c_str(), text, sizeof text);
  return size > 0 ? std::string(text, static_cast<std::size_t>(size)) : std::string();
}

std::string link_of(int handle) {
  return link_at("/proc/self/fd/" + std::to_string(handle));
}

bool begins(const std::string& text, const std::string& start) {
  return text.compare(0, start.size(), start) == 0;
}

void look_at(ForeignProcess::Target& target) {
  target.there = target.handle && ::fstat(target.handle.get(), &target.info) == 0;
  if (target.there) target.path = link_of(target.handle.get());
}

}  // namespace

std::optional<std::string> ForeignProcess::bytes_at(std::uint64_t address, std::size_t count) const {
  std::string bytes(count, '\0');
  const iovec here{bytes.data(), count}, there{reinterpret_cast<void*>(address), count};
  const ssize_t got = ::process_vm_readv(pid_, &here, 1, &there, 1, 0);
  if (got < 0 || static_cast<std::size_t>(got) != count) return std::nullopt;
  return bytes;
}

std::optional<std::string> ForeignProcess::text_at(std::uint64_t address) const {
  constexpr std::size_t page = 4096, longest = 4096;  // of a path
  std::string text;
  while (text.size() < longest) {
    const auto piece = bytes_at(address, page - address % page);  // what follows may be no memory of its
    if (!piece) return std::nullopt;
    const auto end = piece->find('\0');
    text.append(*piece, 0, end);
    if (end != std::string::npos) return text;
    address += piece->size();
  }
  return std::nullopt;
}

// What is written as "of whoever asks" is its own, and not ours.
std::string ForeignProcess::own_path(const std::string& path, int directory) const {
  if (!begins(path, "/")) {
    const std::string base = directory == AT_FDCWD ? root_ + "/cwd" : root_ + "/fd/" + std::to_string(directory);
    return path.empty() ? base : base + "/" + path;
  }
  if (path == "/dev/stdin") return root_ + "/fd/0";
  if (path == "/dev/stdout") return root_ + "/fd/1";
  if (path == "/dev/stderr") return root_ + "/fd/2";
  if (begins(path, "/dev/fd/")) return root_ + "/fd/" + path.substr(8);
  if (begins(path, "/proc/self/")) return root_ + "/" + path.substr(11);
  if (begins(path, "/proc/thread-self/")) return root_ + "/" + path.substr(18);
  return root_ + "/root" + path;
}

ForeignProcess::Target ForeignProcess::target(const std::string& path, int directory, bool follow) const {
  Target found;
  const std::string where = own_path(path, directory);
  found.handle = Fd(::open(where.c_str(), O_PATH | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW)));
  look_at(found);
  found.in_directory = found.there;
  if (found.there) return found;
  found.path = path;
  std::string trimmed = where;
  while (trimmed.size() > 1 && trimmed.back() == '/') trimmed.pop_back();
  const auto slash = trimmed.rfind('/');
  const Fd above(::open(trimmed.substr(0, slash).c_str(), O_PATH | O_CLOEXEC));
  if (!above) return found;
  found.in_directory = true;
  const std::string base = link_of(above.get());
  found.path = (base == "/" ? "" : base) + trimmed.substr(slash);
  return found;
}

ForeignProcess::Target ForeignProcess::target(int descriptor) const {
  return target("", descriptor, true);
}

bool ForeignProcess::only_reads(int descriptor) const {
  std::ifstream info(root_ + "/fdinfo/" + std::to_string(descriptor));
  std::string word, flags;
  while (info >> word)
    if (word == "flags:" && info >> flags) return (std::strtoul(flags.c_str(), nullptr, 8) & O_ACCMODE) == O_RDONLY;
  return false;
}

bool ForeignProcess::is_our_program() const {
  struct stat own {
  }, its{};
  return ::stat("/proc/self/exe", &own) == 0 && ::stat((root_ + "/exe").c_str(), &its) == 0 &&
         own.st_ino == its.st_ino && own.st_dev == its.st_dev;
}

}  // namespace agent::wall
