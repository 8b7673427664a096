#pragma once

#include <agent/fleet/bundle.hpp>

namespace agent::cli {

/// Who builds the agent for others signs what it sends to machines: `share`/bundle.json is its manifest, and beside it
/// stands the signature. Throws Error when they cannot be written.
void sign_bundle(const fleet::Bundle& bundle, const Path& share, const Path& signing_key);

/// Throws Error, which names the first file that differs, unless this installation is the one that the owner of the
/// public key signed.
void require_signed(const fleet::Bundle& bundle, const Path& share, const Path& public_key);

}  // namespace agent::cli
