#pragma once

#include <string>
#include <string_view>

#include <agent/sdk/plan.hpp>

namespace agent::report {

/// The Ed25519 signature (RFC 8032, 64 bytes) of `text` with the private key of a PEM file, as `openssl genpkey
/// -algorithm ed25519` writes it. Throws Error when the key cannot be used.
std::string signature(std::string_view text, const Path& private_key);

/// Whether `signature` is that of `text`, made by the owner of the public key of a PEM file (`openssl pkey -pubout`).
/// Throws Error when the key cannot be used.
bool is_signed(std::string_view text, std::string_view signature, const Path& public_key);

/// A name of that public key: 64 hexadecimal digits, the same for the same key. Throws Error when it cannot be used.
std::string key_id(const Path& public_key);

}  // namespace agent::report
