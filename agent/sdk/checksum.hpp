#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace agent {

enum class Digest { md5, sha1, sha224, sha256, sha384, sha512 };

/// "sha256" -> Digest::sha256; nothing when the name is not one of ours.
std::optional<Digest> digest_from(std::string_view name);

/// The digest of `bytes` in lower-case hex.
std::string checksum(Digest digest, std::string_view bytes);

/// The digest of all that the file `fd` has, in lower-case hex; its offset stays. Throws Error when it cannot be read.
std::string checksum_of_file(Digest digest, int fd);

/// The digest of `bytes` by Nettle's name for it ("sha3_256", "ripemd160"), as it is; nothing for a name that is none.
std::optional<std::string> raw_checksum(std::string_view name, std::string_view bytes);

/// The bytes in lower-case hex.
std::string hexadecimal(std::string_view bytes);

/// The bytes in RFC 4648 base64, in one line.
std::string base64(std::string_view bytes);

}  // namespace agent
