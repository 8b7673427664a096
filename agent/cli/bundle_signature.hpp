#pragma once

#include <agent/fleet/bundle.hpp>

namespace agent::cli {

/// Who builds the agent for others signs what it sends to machines: `share`/bundle.json is its manifest, and beside it
/// stands the signature. Throws Error when they cannot be written.
/// `number` has to be larger for what is signed later.
void sign_bundle(const fleet::Bundle& bundle, const Path& share, const Path& signing_key, std::int64_t number);

struct Signed {
  std::string key;      ///< which key it was: the same text for the same key, however its file is written
  std::int64_t number;  ///< larger for what was signed later
};

/// Throws Error, which names the first file that differs, unless this installation is the one that the owner of the
/// public key signed.
Signed require_signed(const fleet::Bundle& bundle, const Path& share, const Path& public_key);

/// The same for an agent that is about to be sent. Throws Error, too, when that key has signed a later one that was
/// sent before, unless `allow_older`.
void require_signed_and_no_older(const fleet::Bundle& bundle, const Path& share, const Path& public_key,
                                 bool allow_older);

}  // namespace agent::cli
