#include <algorithm>

#include <agent/sdk/checksum.hpp>
#include <agent/sdk/error.hpp>
#include <agent/template/compare.hpp>
#include <agent/template/printing.hpp>
#include <agent/template/python_random.hpp>

namespace agent::jinja {

namespace {

std::vector<std::uint32_t> words_of(std::uint64_t number) {
  std::vector<std::uint32_t> words = {static_cast<std::uint32_t>(number)};
  if (number >> 32 != 0) words.push_back(static_cast<std::uint32_t>(number >> 32));
  return words;
}

// Python takes text for a large number: its bytes, and then their SHA-512.
std::vector<std::uint32_t> words_of(const std::string& text) {
  std::string bytes = text + raw_checksum("sha512", text).value();
  std::reverse(bytes.begin(), bytes.end());
  while (!bytes.empty() && bytes.back() == '\0') bytes.pop_back();
  std::vector<std::uint32_t> words((bytes.size() + 3) / 4);
  for (std::size_t i = 0; i < bytes.size(); ++i)
    words[i / 4] |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i])) << (8 * (i % 4));
  if (words.empty()) words.push_back(0);
  return words;
}

int bit_length(std::uint64_t number) {
  int length = 0;
  for (; number != 0; number >>= 1) ++length;
  return length;
}

}  // namespace

PythonRandom::PythonRandom(std::uint64_t number) {
  seed(words_of(number));
}

PythonRandom::PythonRandom(const Value& value) {
  if (is_whole(value))
    seed(words_of(static_cast<std::uint64_t>(whole(value) < 0 ? -whole(value) : whole(value))));
  else if (value.is_string())
    seed(words_of(value.string()));
  else
    seed(words_of(print(value)));
}

// Matsumoto and Nishimura's init_by_array.
void PythonRandom::seed(const std::vector<std::uint32_t>& key) {
  const std::uint32_t size = static_cast<std::uint32_t>(state_.size());
  state_[0] = 19650218;
  for (std::uint32_t i = 1; i < size; ++i) state_[i] = 1812433253u * (state_[i - 1] ^ (state_[i - 1] >> 30)) + i;
  std::uint32_t i = 1, j = 0;
  const auto length = static_cast<std::uint32_t>(key.size());
  for (std::uint32_t k = std::max(size, length); k > 0; --k) {
    state_[i] = (state_[i] ^ ((state_[i - 1] ^ (state_[i - 1] >> 30)) * 1664525u)) + key[j] + j;
    if (++i >= size) state_[0] = state_[size - 1], i = 1;
    if (++j >= length) j = 0;
  }
  for (std::uint32_t k = size - 1; k > 0; --k) {
    state_[i] = (state_[i] ^ ((state_[i - 1] ^ (state_[i - 1] >> 30)) * 1566083941u)) - i;
    if (++i >= size) state_[0] = state_[size - 1], i = 1;
  }
  state_[0] = 0x80000000u;
}

std::uint32_t PythonRandom::next() {
  if (index_ >= state_.size()) {
    for (std::size_t i = 0; i < state_.size(); ++i) {
      const std::uint32_t y = (state_[i] & 0x80000000u) | (state_[(i + 1) % 624] & 0x7fffffffu);
      state_[i] = state_[(i + 397) % 624] ^ (y >> 1) ^ ((y & 1) != 0 ? 0x9908b0dfu : 0);
    }
    index_ = 0;
  }
  std::uint32_t y = state_[index_++];
  y ^= y >> 11;
  y ^= (y << 7) & 0x9d2c5680u;
  y ^= (y << 15) & 0xefc60000u;
  return y ^ (y >> 18);
}

std::uint64_t PythonRandom::bits(int count) {
  if (count <= 32) return next() >> (32 - count);
  const std::uint64_t low = next();
  return low | static_cast<std::uint64_t>(next() >> (64 - count)) << 32;
}

std::uint64_t PythonRandom::below(std::uint64_t limit) {
  const int count = bit_length(limit);
  std::uint64_t number = bits(count);
  while (number >= limit) number = bits(count);
  return number;
}

}  // namespace agent::jinja
