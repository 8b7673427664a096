#pragma once

#include <optional>
#include <string>
#include <vector>

#include <agent/fleet/bundle.hpp>
#include <agent/parcel/manifest.hpp>

namespace agent::parcel {

/// What goes into a parcel beside the agent: a name and bytes.
struct Content {
  std::string name, bytes;
};

/// The bytes of a parcel:
///
///     the script            2048 bytes (start_script.hpp)
///     the parts             one after another; the agent is the first, its unpacker before its archive
///     the manifest          JSON
///     the signature         64 bytes of Ed25519 over the manifest, or zeros where nobody signed
///     the end               "agent play " and the size of the manifest, ten digits, and a line end
///
/// `manifest` says what is not known from the rest. Empty `signing_key`: it is not signed. Throws Error.
std::string parcel_bytes(Manifest manifest, const fleet::Bundle::Archive& agent, const std::vector<Content>& contents,
                         const Path& signing_key);

/// A parcel that was opened: whole, unchanged since it was made, and for this kind of machine.
class Parcel {
 public:
  /// Reads a file and holds it against its manifest. With `public_key` it has to be signed by that key's owner. Throws
  /// Error, one sentence, for whatever is wrong with it.
  Parcel(const Path& file, const std::optional<Path>& public_key);

  const Manifest& manifest() const { return manifest_; }
  bool is_signed() const { return is_signed_; }
  /// Throws Error when there is no such part.
  std::string_view part(const std::string& name) const;
  /// Of the whole file.
  std::string sha256() const;

 private:
  Path file_;
  std::string bytes_;
  Manifest manifest_;
  bool is_signed_ = false;
};

}  // namespace agent::parcel
