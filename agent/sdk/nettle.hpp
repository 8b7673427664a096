#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace agent {

/// What `context` came to, by one of Nettle's functions for that. Those of Nettle 3 are told how much is wanted; one
/// that gives all without being told is taken as well.
template <class Function, class Context>
void put_digest(Function* digest, Context* context, std::size_t size, std::uint8_t* out) {
  if constexpr (std::is_invocable_v<Function*, Context*, std::size_t, std::uint8_t*>)
    digest(context, size, out);
  else
    digest(context, out);
}

inline const std::uint8_t* octets(const char* text) {
  return reinterpret_cast<const std::uint8_t*>(text);
}
inline std::uint8_t* octets(char* text) {
  return reinterpret_cast<std::uint8_t*>(text);
}

}  // namespace agent
