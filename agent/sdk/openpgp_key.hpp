#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace agent {

/// One public key as it lies in a keyring: the primary key with what hangs on it (names, signatures, subkeys).
struct OpenPgpKey {
  std::string fingerprint;  ///< of the primary key, upper-case hex: 40 digits, 64 for a version 6 key
  std::string user;         ///< the first user ID, "cudatools <cudatools@nvidia.com>"; may be empty
  std::string bytes;        ///< the packets, binary, as they were read
};

/// The keys of a keyring, armoured or binary, in their order. Nothing is started for it: the fingerprint is computed
/// from the key itself, as RFC 9580 says. Throws Error for what is no public keyring (a page of a proxy, a secret key,
/// a text that was cut off).
std::vector<OpenPgpKey> openpgp_keys(std::string_view keyring);

/// The one key that shall be among `keys`: any more would be trusted with it. Throws Error, with what was found, where
/// it is another one; `where` ends "the key ...": "at 'https://...'".
const OpenPgpKey& only_key(const std::vector<OpenPgpKey>& keys, const std::string& fingerprint,
                           const std::string& where);

/// The key in what was fetched from `url`, if it is the only one and the right one. Throws Error otherwise.
OpenPgpKey fetched_key(const std::string& content, const std::string& fingerprint, const std::string& url);

/// The fingerprints in a keyring for a person to read, "no key" where it is none.
std::string shown_fingerprints(const std::string& keyring);

/// Binary packets in ASCII armour, with the checksum that older readers insist on.
std::string armoured_key(std::string_view packets);

/// A fingerprint as people write it ("EB69 3B30 ...", "0xeb69...") in upper-case hex. Throws Error, about
/// `argument`, for anything that is not a full fingerprint: a short key id can be forged.
std::string full_fingerprint(std::string_view text, const std::string& argument);

}  // namespace agent
