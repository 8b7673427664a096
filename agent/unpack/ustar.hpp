#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace agent::unpack {

/// The block that stands before each file in a tar, in the form that every tar reads (POSIX.1-1988, "ustar"). Numbers
/// are octal digits; names that fill their place have no end mark.
struct UstarHeader {
  char name[100], mode[8], user_id[8], group_id[8], size[12], time[12], checksum[8];
  char kind;
  char link[100], magic[6], version[2], user[32], group[32], device_major[8], device_minor[8], prefix[155], unused[12];
};

/// A file's bytes are filled up to a whole number of blocks; two blocks of zeros end the tar.
constexpr std::size_t ustar_block = 512;
static_assert(sizeof(UstarHeader) == ustar_block);

/// How many bytes stand behind a file of that size before the next header.
constexpr std::size_t ustar_filling(std::uint64_t size) {
  return static_cast<std::size_t>((ustar_block - size % ustar_block) % ustar_block);
}

/// The sum of all bytes of the header, its own place taken as blanks.
inline unsigned ustar_checksum(const UstarHeader& header) {
  unsigned char bytes[ustar_block];
  std::memcpy(bytes, &header, ustar_block);
  std::memset(bytes + offsetof(UstarHeader, checksum), ' ', sizeof header.checksum);
  unsigned sum = 0;
  for (const unsigned char byte : bytes) sum += byte;
  return sum;
}

/// The number in a field; reads up to the first sign that is no octal digit.
template <std::size_t N>
constexpr std::uint64_t ustar_number(const char (&field)[N]) {
  std::uint64_t number = 0;
  for (const char c : field) {
    if (c < '0' || c > '7') break;
    number = number * 8 + static_cast<std::uint64_t>(c - '0');
  }
  return number;
}

/// Writes it as digits that fill the field but for its last place. False where it does not fit.
template <std::size_t N>
constexpr bool put_ustar_number(char (&field)[N], std::uint64_t number) {
  for (std::size_t i = N - 1; i-- > 0; number /= 8) field[i] = static_cast<char>('0' + number % 8);
  field[N - 1] = '\0';
  return number == 0;
}

}  // namespace agent::unpack
