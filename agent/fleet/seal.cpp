#include <array>
#include <memory>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <agent/fleet/seal.hpp>
#include <agent/sdk/error.hpp>

namespace agent::fleet {
namespace {

constexpr int nonce_size = 12, tag_size = 16;

struct Free {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, Free>;

[[noreturn]] void fail() {
  throw Error("this system's OpenSSL cannot encrypt the journal of the run");
}

void require(int result) {
  if (result != 1) fail();
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::array<unsigned char, 8> in_bytes(std::uint64_t number) {
  std::array<unsigned char, 8> out{};
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<unsigned char>(number >> (56 - 8 * i));
  return out;
}

Context fresh_context() {
  Context context(EVP_CIPHER_CTX_new());
  if (!context) fail();
  return context;
}

}  // namespace

Seal::Seal(std::string key) : key_(std::move(key)) {
  if (key_.size() != key_size) throw Error("the key of a run has not the size of one");
}

Bytes Seal::closed(std::uint64_t number, const Bytes& plain) const {
  Bytes out(nonce_size + plain.size() + tag_size);
  require(RAND_bytes(out.data(), nonce_size));
  const Context context = fresh_context();
  const auto place = in_bytes(number);
  int size = 0;
  require(EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key_), out.data()));
  require(EVP_EncryptUpdate(context.get(), nullptr, &size, place.data(), static_cast<int>(place.size())));
  require(
      EVP_EncryptUpdate(context.get(), out.data() + nonce_size, &size, plain.data(), static_cast<int>(plain.size())));
  require(EVP_EncryptFinal_ex(context.get(), out.data() + nonce_size + size, &size));
  require(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, tag_size, out.data() + out.size() - tag_size));
  return out;
}

std::optional<Bytes> Seal::opened(std::uint64_t number, const std::uint8_t* data, std::size_t size) const {
  if (size < nonce_size + tag_size) return std::nullopt;
  const std::size_t body = size - nonce_size - tag_size;
  Bytes out(body), tag(data + size - tag_size, data + size);
  const Context context = fresh_context();
  const auto place = in_bytes(number);
  int got = 0;
  require(EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key_), data));
  require(EVP_DecryptUpdate(context.get(), nullptr, &got, place.data(), static_cast<int>(place.size())));
  require(EVP_DecryptUpdate(context.get(), out.data(), &got, data + nonce_size, static_cast<int>(body)));
  require(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, tag_size, tag.data()));
  // The only one of these that says something about the record.
  if (EVP_DecryptFinal_ex(context.get(), out.data() + got, &got) != 1) return std::nullopt;
  return out;
}

std::string random_key() {
  std::string key(Seal::key_size, '\0');
  require(RAND_bytes(reinterpret_cast<unsigned char*>(key.data()), static_cast<int>(key.size())));
  return key;
}

std::string derived_key(std::string_view key, std::string_view purpose) {
  std::string out(Seal::key_size, '\0');
  unsigned size = 0;
  if (!HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes_of(purpose), purpose.size(),
            reinterpret_cast<unsigned char*>(out.data()), &size))
    fail();
  return out;
}

std::string hex(std::string_view bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (const unsigned char byte : bytes) {
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
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
