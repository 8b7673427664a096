#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <agent/sdk/codec.hpp>

namespace agent::fleet {

/// Closes records so that only who has the key reads them, and nobody alters, swaps or moves one unnoticed:
/// AES-256-GCM, with a fresh nonce for each.
class Seal {
 public:
  static constexpr std::size_t key_size = 32;

  /// Throws Error for a key of another size.
  explicit Seal(std::string key);
  /// `number` is the record's place in its row: it opens in no other.
  Bytes closed(std::uint64_t number, const Bytes& plain) const;
  /// Nothing for what this key has not closed as the record of that number.
  std::optional<Bytes> opened(std::uint64_t number, const std::uint8_t* data, std::size_t size) const;

 private:
  std::string key_;
};

/// A key that nobody can guess.
std::string random_key();
/// A key for one purpose, made of another key, from which nobody finds the way back.
std::string derived_key(std::string_view key, std::string_view purpose);
/// Throws Error for what is none.
std::string from_hex(std::string_view text);

}  // namespace agent::fleet
