// unpack FOLDER [SIZE]: unpacks the agent, a tar in Zstandard that comes on standard input, into a folder that it
// makes.
//
// It is sent to a machine before the agent is, so that a machine needs no tar and no xz, and spends a seventh of the
// time that xz takes. It needs the C library and nothing else, and is small: no exceptions, no iostreams. What the
// files hold is checked when the agent starts (fleet/tree_check.hpp); here, that all came and none was hurt.
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include <agent/unpack/ustar.hpp>

namespace agent::unpack {
namespace {

[[noreturn, gnu::format(printf, 1, 2)]] void fail(const char* form, ...) {
  va_list words;
  va_start(words, form);
  std::fputs("unpack: ", stderr);
  std::vfprintf(stderr, form, words);
  std::fputs("\n", stderr);
  va_end(words);
  std::exit(1);
}

/// No name leads out of the folder.
bool is_inside(const char* path) {
  if (*path == '\0' || *path == '/') return false;
  for (const char* part = path; part;) {
    const char* const slash = std::strchr(part, '/');
    const std::size_t size = slash ? static_cast<std::size_t>(slash - part) : std::strlen(part);
    if (size == 0 || (size == 2 && std::strncmp(part, "..", 2) == 0)) return false;
    part = slash ? slash + 1 : nullptr;
  }
  return true;
}

/// Takes the bytes of a tar, in pieces of any size, and makes the files.
class Files {
 public:
  explicit Files(const char* folder) {
    if (::mkdir(folder, 0755) != 0) fail("'%s': %s", folder, std::strerror(errno));
    folder_ = ::open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder_ < 0) fail("'%s': %s", folder, std::strerror(errno));
  }

  void take(const char* data, std::size_t size) {
    while (size > 0) {
      const std::size_t taken = left_ > 0      ? write_some(data, size)
                                : filling_ > 0 ? skip_some(size)
                                               : collect(data, size);
      data += taken;
      size -= taken;
    }
  }

  /// The mark at the end has been seen.
  bool is_whole() const { return ended_; }

 private:
  std::size_t collect(const char* data, std::size_t size) {
    const std::size_t part = size < ustar_block - held_ ? size : ustar_block - held_;
    std::memcpy(reinterpret_cast<char*>(&header_) + held_, data, part);
    held_ += part;
    if (held_ == ustar_block) {
      held_ = 0;
      begin();
    }
    return part;
  }

  void begin() {
    static constexpr UstarHeader nothing{};
    if (std::memcmp(&header_, &nothing, ustar_block) == 0) {
      ended_ = true;
      return;
    }
    if (ended_ || std::memcmp(header_.magic, "ustar", 5) != 0 ||
        ustar_number(header_.checksum) != ustar_checksum(header_) || header_.kind != '0')
      fail("this is not the agent, packed");
    std::snprintf(path_, sizeof path_, "%.*s%s%.*s", static_cast<int>(sizeof header_.prefix), header_.prefix,
                  header_.prefix[0] ? "/" : "", static_cast<int>(sizeof header_.name), header_.name);
    if (!is_inside(path_)) fail("'%s' is no place in the agent's tree", path_);
    left_ = ustar_number(header_.size);
    filling_ = ustar_filling(left_);
    make_folders();
    file_ = ::openat(folder_, path_, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file_ < 0 || ::fchmod(file_, ustar_number(header_.mode) & 0777) != 0)
      fail("'%s': %s", path_, std::strerror(errno));
    if (left_ == 0) end();
  }

  void make_folders() {
    for (char* slash = std::strchr(path_, '/'); slash; slash = std::strchr(slash + 1, '/')) {
      *slash = '\0';
      if (::mkdirat(folder_, path_, 0755) != 0 && errno != EEXIST) fail("'%s': %s", path_, std::strerror(errno));
      *slash = '/';
    }
  }

  std::size_t write_some(const char* data, std::size_t size) {
    const ssize_t put = ::write(file_, data, size < left_ ? size : static_cast<std::size_t>(left_));
    if (put < 0 && errno == EINTR) return 0;
    if (put < 0) fail("'%s': %s", path_, std::strerror(errno));
    left_ -= static_cast<std::uint64_t>(put);
    if (left_ == 0) end();
    return static_cast<std::size_t>(put);
  }

  std::size_t skip_some(std::size_t size) {
    const std::size_t part = size < filling_ ? size : filling_;
    filling_ -= part;
    return part;
  }

  void end() {
    if (::close(file_) != 0) fail("'%s': %s", path_, std::strerror(errno));
  }

  int folder_ = -1, file_ = -1;
  UstarHeader header_{};
  std::size_t held_ = 0, filling_ = 0;
  std::uint64_t left_ = 0;
  char path_[sizeof(UstarHeader::prefix) + sizeof(UstarHeader::name) + 2] = {};
  bool ended_ = false;
};

struct Packed {
  char* bytes = nullptr;
  std::size_t size = 0;
};

/// All of it, and nothing behind it, which is for somebody else. Before anything is unpacked, and through a pipe as
/// wide as anybody may have: what is not read yet sshd keeps, and copies for each piece that comes, which takes it
/// longer than all the rest together.
Packed read_all(std::uint64_t most) {
  static constexpr std::size_t at_first = 16 << 20;
  static constexpr int widest = 1 << 20;  // pipe-max-size (pipe(7)); no pipe, or a busy user's: as it is
  ::fcntl(0, F_SETPIPE_SZ, widest);
  Packed out;
  std::size_t room = 0;
  while (out.size < most) {
    if (out.size == room) {
      room = room ? 2 * room : most < at_first ? static_cast<std::size_t>(most) : at_first;
      out.bytes = static_cast<char*>(std::realloc(out.bytes, room));
      if (!out.bytes) fail("there is no memory");
    }
    const std::size_t free = room - out.size;
    const ssize_t got = ::read(0, out.bytes + out.size, most - out.size < free ? most - out.size : free);
    if (got == 0) break;
    if (got > 0) out.size += static_cast<std::size_t>(got);
    if (got < 0 && errno != EINTR) fail("standard input: %s", std::strerror(errno));
  }
  return out;
}

void unpack(const Packed& packed, const char* folder) {
  static char plain[128 << 10];
  Files files(folder);
  ZSTD_DStream* const stream = ZSTD_createDStream();
  if (!stream) fail("there is no memory");
  ZSTD_inBuffer in{packed.bytes, packed.size, 0};
  ZSTD_outBuffer out{plain, sizeof plain, 0};
  std::size_t wanted = 1;  // 0 at the end of all, whose checksum was right then
  // A full buffer may have more behind it.
  while (wanted != 0 && (in.pos < in.size || out.pos == out.size)) {
    out.pos = 0;
    wanted = ZSTD_decompressStream(stream, &out, &in);
    if (ZSTD_isError(wanted)) fail("what came is damaged: %s", ZSTD_getErrorName(wanted));
    files.take(plain, out.pos);
  }
  if (wanted != 0 || !files.is_whole()) fail("what came is not whole");
  ZSTD_freeDStream(stream);
}

}  // namespace
}  // namespace agent::unpack

int main(int count, char** words) {
  if (count != 2 && count != 3) agent::unpack::fail("unpack FOLDER [SIZE] <ARCHIVE");
  ::umask(022);
  const auto packed = agent::unpack::read_all(count == 3 ? std::strtoull(words[2], nullptr, 10) : UINT64_MAX);
  agent::unpack::unpack(packed, words[1]);
  std::free(packed.bytes);
}
