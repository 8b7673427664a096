#include <array>
#include <cerrno>
#include <cstring>

#include <nettle/gcm.h>
#include <nettle/hmac.h>
#include <nettle/memops.h>
#include <unistd.h>

#include <agent/fleet/seal.hpp>
#include <agent/sdk/error.hpp>
#include <agent/sdk/nettle.hpp>

namespace agent::fleet {
namespace {

constexpr std::size_t nonce_size = GCM_IV_SIZE, tag_size = GCM_DIGEST_SIZE;
static_assert(Seal::key_size == AES256_KEY_SIZE);
static_assert(Seal::key_size == SHA256_DIGEST_SIZE);

std::array<std::uint8_t, 8> in_bytes(std::uint64_t number) {
  std::array<std::uint8_t, 8> out{};
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(number >> (56 - 8 * i));
  return out;
}

// Where the kernel has no randomness there is no journal either: a nonce that came before would open both records.
void put_random(void* out, std::size_t size) {
  if (::getentropy(out, size) != 0)
    throw Error(std::string("the kernel gives no random bytes: ") + std::strerror(errno));
}

gcm_aes256_ctx begun(const std::string& key, const std::uint8_t* nonce, std::uint64_t number) {
  gcm_aes256_ctx out{};
  const auto place = in_bytes(number);
  gcm_aes256_set_key(&out, octets(key.data()));
  gcm_aes256_set_iv(&out, nonce_size, nonce);
  gcm_aes256_update(&out, place.size(), place.data());
  return out;
}

}  // namespace

Seal::Seal(std::string key) : key_(std::move(key)) {
  if (key_.size() != key_size) throw Error("the key of a run has not the size of one");
}

Bytes Seal::closed(std::uint64_t number, const Bytes& plain) const {
  Bytes out(nonce_size + plain.size() + tag_size);
  put_random(out.data(), nonce_size);
  gcm_aes256_ctx work = begun(key_, out.data(), number);
  gcm_aes256_encrypt(&work, plain.size(), out.data() + nonce_size, plain.data());
  put_digest(gcm_aes256_digest, &work, tag_size, out.data() + nonce_size + plain.size());
  return out;
}

std::optional<Bytes> Seal::opened(std::uint64_t number, const std::uint8_t* data, std::size_t size) const {
  if (size < nonce_size + tag_size) return std::nullopt;
  Bytes out(size - nonce_size - tag_size);
  std::array<std::uint8_t, tag_size> tag{};
  gcm_aes256_ctx work = begun(key_, data, number);
  gcm_aes256_decrypt(&work, out.size(), out.data(), data + nonce_size);
  put_digest(gcm_aes256_digest, &work, tag.size(), tag.data());
  if (!memeql_sec(tag.data(), data + size - tag_size, tag_size)) return std::nullopt;
  return out;
}

std::string random_key() {
  std::string key(Seal::key_size, '\0');
  put_random(key.data(), key.size());
  return key;
}

std::string derived_key(std::string_view key, std::string_view purpose) {
  std::string out(Seal::key_size, '\0');
  hmac_sha256_ctx work;
  hmac_sha256_set_key(&work, key.size(), octets(key.data()));
  hmac_sha256_update(&work, purpose.size(), octets(purpose.data()));
  put_digest(hmac_sha256_digest, &work, out.size(), octets(out.data()));
  return out;
}

std::string from_hex(std::string_view text) {
  const auto value = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    throw Error("this is not written in hexadecimal digits");
  };
  if (text.size() % 2 != 0) throw Error("this is not written in hexadecimal digits");
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 2) out += static_cast<char>(value(text[i]) << 4 | value(text[i + 1]));
  return out;
}

}  // namespace agent::fleet
