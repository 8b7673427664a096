#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>

#include <nettle/base64.h>
#include <nettle/eddsa.h>

#include <agent/report/signature.hpp>
#include <agent/sdk/checksum.hpp>
#include <agent/sdk/error.hpp>
#include <agent/sdk/nettle.hpp>

namespace agent::report {
namespace {

using Octets = std::array<std::uint8_t, ED25519_KEY_SIZE>;

// What stands before the 32 bytes of an Ed25519 key in DER (RFC 8410, its examples in section 10): the algorithm is
// 1.3.101.112, and has no parameters. Of a private key the first three say the length and the version of the structure,
// and a public key may follow.
constexpr std::uint8_t before_public[] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
constexpr std::uint8_t before_private[] = {0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20};
constexpr std::size_t of_length_and_version = 5;

std::string text_of(const Path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error("the key '" + path.string() + "' cannot be read: " + std::strerror(errno));
  return {std::istreambuf_iterator<char>(file), {}};
}

/// What is between the lines of a PEM file (RFC 7468); nothing where these are not there, or hold no base64.
std::string content_of_pem(const std::string& text, const std::string& label) {
  const std::string begin = "-----BEGIN " + label + "-----", end = "-----END " + label + "-----";
  const auto from = text.find(begin);
  const auto to = from == text.npos ? from : text.find(end, from);
  if (to == text.npos) return "";
  const std::string_view body = std::string_view(text).substr(from + begin.size(), to - from - begin.size());
  base64_decode_ctx work;
  base64_decode_init(&work);
  std::string out(BASE64_DECODE_LENGTH(body.size()), '\0');
  std::size_t size = out.size();
  if (!base64_decode_update(&work, &size, octets(out.data()), body.size(), body.data()) || !base64_decode_final(&work))
    return "";
  out.resize(size);
  return out;
}

std::optional<Octets> after(const auto& before, std::string_view der, std::size_t from) {
  Octets out{};
  if (der.size() < from + std::size(before) + out.size()) return std::nullopt;
  const std::uint8_t* const begin = octets(der.data()) + from;
  if (!std::equal(std::begin(before), std::end(before), begin)) return std::nullopt;
  std::copy_n(begin + std::size(before), out.size(), out.begin());
  return out;
}

// A key with a passphrase is refused, as its label is another one: a check that signs runs where nobody types it.
Octets private_key_in(const Path& path) {
  const auto key = after(before_private, content_of_pem(text_of(path), "PRIVATE KEY"), of_length_and_version);
  if (!key)
    throw Error("'" + path.string() + "' holds no private Ed25519 key in PEM without a passphrase")
        .hint("make one: openssl genpkey -algorithm ed25519 -out audit.key");
  return *key;
}

Octets public_key_in(const Path& path) {
  const auto key = after(before_public, content_of_pem(text_of(path), "PUBLIC KEY"), 0);
  if (!key)
    throw Error("'" + path.string() + "' holds no public Ed25519 key in PEM without a passphrase")
        .hint("from the private key: openssl pkey -in audit.key -pubout -out audit.pub");
  return *key;
}

}  // namespace

std::string signature(std::string_view text, const Path& private_key) {
  const Octets secret = private_key_in(private_key);
  Octets open{};
  ed25519_sha512_public_key(open.data(), secret.data());
  std::string out(ED25519_SIGNATURE_SIZE, '\0');
  ed25519_sha512_sign(open.data(), secret.data(), text.size(), octets(text.data()), octets(out.data()));
  return out;
}

bool is_signed(std::string_view text, std::string_view signature, const Path& public_key) {
  const Octets key = public_key_in(public_key);
  return signature.size() == ED25519_SIGNATURE_SIZE &&
         ed25519_sha512_verify(key.data(), text.size(), octets(text.data()), octets(signature.data())) == 1;
}

std::string key_id(const Path& public_key) {
  const Octets key = public_key_in(public_key);
  return checksum(Digest::sha256, {reinterpret_cast<const char*>(key.data()), key.size()});
}

}  // namespace agent::report
