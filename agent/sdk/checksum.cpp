#include <array>
#include <utility>

#include <openssl/evp.h>

#include <agent/sdk/checksum.hpp>
#include <agent/sdk/error.hpp>

namespace agent {
namespace {

constexpr std::array<std::pair<std::string_view, Digest>, 6> names{{{"md5", Digest::md5},
                                                                    {"sha1", Digest::sha1},
                                                                    {"sha224", Digest::sha224},
                                                                    {"sha256", Digest::sha256},
                                                                    {"sha384", Digest::sha384},
                                                                    {"sha512", Digest::sha512}}};

const EVP_MD* algorithm(Digest digest) {
  switch (digest) {
    case Digest::md5:
      return EVP_md5();
    case Digest::sha1:
      return EVP_sha1();
    case Digest::sha224:
      return EVP_sha224();
    case Digest::sha256:
      return EVP_sha256();
    case Digest::sha384:
      return EVP_sha384();
    case Digest::sha512:
      return EVP_sha512();
  }
  return nullptr;
}

}  // namespace

std::optional<Digest> digest_from(std::string_view name) {
  for (const auto& [word, digest] : names)
    if (word == name) return digest;
  return std::nullopt;
}

std::string checksum(Digest digest, std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> raw{};
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), raw.data(), &size, algorithm(digest), nullptr) != 1)
    throw Error("this system's OpenSSL refuses the digest")
        .hint("in FIPS mode md5 is not allowed; choose another 'checksum_algorithm'");
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  hex.reserve(std::size_t{size} * 2);
  for (unsigned i = 0; i < size; ++i) {
    hex += digits[raw[i] >> 4U];
    hex += digits[raw[i] & 15U];
  }
  return hex;
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
