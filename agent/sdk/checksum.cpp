// The door to Nettle, with agent/fleet/seal.cpp and agent/report/signature.cpp: a library that is ready when it is
// loaded. OpenSSL's takes 2 ms for its first digest, in each program on each host.
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <utility>
#include <vector>

#include <nettle/nettle-meta.h>
#include <unistd.h>

#include <agent/sdk/checksum.hpp>
#include <agent/sdk/error.hpp>
#include <agent/sdk/nettle.hpp>

namespace agent {
namespace {

constexpr std::array<std::pair<std::string_view, Digest>, 6> names{{{"md5", Digest::md5},
                                                                    {"sha1", Digest::sha1},
                                                                    {"sha224", Digest::sha224},
                                                                    {"sha256", Digest::sha256},
                                                                    {"sha384", Digest::sha384},
                                                                    {"sha512", Digest::sha512}}};

/// One of Nettle's hashes at work; its state has the size that the hash says.
class Hasher {
 public:
  explicit Hasher(const nettle_hash& hash)
      : hash_(hash), state_((hash.context_size + sizeof(Unit) - 1) / sizeof(Unit)) {
    hash_.init(state_.data());
  }
  void take(std::string_view bytes) { hash_.update(state_.data(), bytes.size(), octets(bytes.data())); }
  std::string end() {
    std::string out(hash_.digest_size, '\0');
    put_digest(hash_.digest, static_cast<void*>(state_.data()), out.size(), octets(out.data()));
    return out;
  }

 private:
  using Unit = std::max_align_t;
  const nettle_hash& hash_;
  std::vector<Unit> state_;
};

const nettle_hash& hash_of(Digest digest) {
  switch (digest) {
    case Digest::md5:
      return nettle_md5;
    case Digest::sha1:
      return nettle_sha1;
    case Digest::sha224:
      return nettle_sha224;
    case Digest::sha256:
      return nettle_sha256;
    case Digest::sha384:
      return nettle_sha384;
    case Digest::sha512:
      break;
  }
  return nettle_sha512;
}

}  // namespace

std::optional<Digest> digest_from(std::string_view name) {
  for (const auto& [word, digest] : names)
    if (word == name) return digest;
  return std::nullopt;
}

std::string hexadecimal(std::string_view bytes) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  hex.reserve(bytes.size() * 2);
  for (const unsigned char byte : bytes) {
    hex += digits[byte >> 4U];
    hex += digits[byte & 15U];
  }
  return hex;
}

std::string checksum(Digest digest, std::string_view bytes) {
  Hasher work(hash_of(digest));
  work.take(bytes);
  return hexadecimal(work.end());
}

std::string checksum_of_file(Digest digest, int fd) {
  Hasher work(hash_of(digest));
  std::array<char, 1 << 16> chunk;
  for (off_t at = 0;;) {
    const ssize_t got = ::pread(fd, chunk.data(), chunk.size(), at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw Error(std::string("a file cannot be read: ") + std::strerror(errno));
    if (got == 0) return hexadecimal(work.end());
    work.take({chunk.data(), static_cast<std::size_t>(got)});
    at += got;
  }
}

std::optional<std::string> raw_checksum(std::string_view name, std::string_view bytes) {
  for (const nettle_hash* const* hash = nettle_get_hashes(); *hash; ++hash) {
    if (name != (*hash)->name) continue;
    Hasher work(**hash);
    work.take(bytes);
    return work.end();
  }
  return std::nullopt;
}

std::string base64(std::string_view bytes) {
  static constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t left = bytes.size() - i;
    unsigned group = static_cast<unsigned char>(bytes[i]) * 65536U;
    if (left > 1) group += static_cast<unsigned char>(bytes[i + 1]) * 256U;
    if (left > 2) group += static_cast<unsigned char>(bytes[i + 2]);
    text += digits[group >> 18U];
    text += digits[(group >> 12U) & 63U];
    text += left > 1 ? digits[(group >> 6U) & 63U] : '=';
    text += left > 2 ? digits[group & 63U] : '=';
  }
  return text;
}

}  // namespace agent
