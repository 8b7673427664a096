#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <agent/report/signature.hpp>
#include <agent/sdk/checksum.hpp>
#include <agent/sdk/error.hpp>

namespace agent::report {
namespace {

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(FILE* file) const { std::fclose(file); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Context = std::unique_ptr<EVP_MD_CTX, Free>;

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// A key with a passphrase is refused: a check that signs runs where nobody is there to type it.
int no_passphrase(char*, int, int, void*) {
  return 0;
}

Key read_key(const Path& path, bool is_private) {
  const std::unique_ptr<FILE, Free> file(std::fopen(path.c_str(), "re"));
  if (!file) throw Error("the key '" + path.string() + "' cannot be read: " + std::strerror(errno));
  Key key(is_private ? PEM_read_PrivateKey(file.get(), nullptr, no_passphrase, nullptr)
                     : PEM_read_PUBKEY(file.get(), nullptr, no_passphrase, nullptr));
  const std::string kind = is_private ? "private" : "public";
  if (!key || EVP_PKEY_id(key.get()) != EVP_PKEY_ED25519)
    throw Error("'" + path.string() + "' holds no " + kind + " Ed25519 key in PEM without a passphrase")
        .hint(is_private ? "make one: openssl genpkey -algorithm ed25519 -out audit.key"
                         : "from the private key: openssl pkey -in audit.key -pubout -out audit.pub");
  return key;
}

}  // namespace

std::string signature(std::string_view text, const Path& private_key) {
  const Key key = read_key(private_key, true);
  const Context context(EVP_MD_CTX_new());
  std::string out(64, '\0');
  std::size_t size = out.size();
  if (EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, bytes(text), text.size()) != 1)
    throw Error("OpenSSL could not sign with '" + private_key.string() + "'");
  out.resize(size);
  return out;
}

bool is_signed(std::string_view text, std::string_view signature, const Path& public_key) {
  const Key key = read_key(public_key, false);
  const Context context(EVP_MD_CTX_new());
  return EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes(signature), signature.size(), bytes(text), text.size()) == 1;
}

std::string key_id(const Path& public_key) {
  const Key key = read_key(public_key, false);
  std::string raw(32, '\0');
  std::size_t size = raw.size();
  if (EVP_PKEY_get_raw_public_key(key.get(), reinterpret_cast<unsigned char*>(raw.data()), &size) != 1)
    throw Error("OpenSSL could not read '" + public_key.string() + "'");
  raw.resize(size);
  return checksum(Digest::sha256, raw);
}

}  // namespace agent::report
