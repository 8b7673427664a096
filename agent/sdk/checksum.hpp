#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace agent {

enum class Digest { md5, sha1, sha224, sha256, sha384, sha512 };

/// "sha256" -> Digest::sha256; nothing when the name is not one of ours.
std::optional<Digest> digest_from(std::string_view name);

/// The digest of `bytes` in lower-case hex. The door to OpenSSL's libcrypto.
std::string checksum(Digest digest, std::string_view bytes);

/// The bytes in RFC 4648 base64, in one line.
std::string base64(std::string_view bytes);

}  // namespace agent
