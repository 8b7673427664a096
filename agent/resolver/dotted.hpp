#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace agent::resolver {

/// A version of dotted numbers, as NVIDIA counts: 455.23 < 455.23.05 < 455.32. Missing numbers are zeros.
class Dotted {
 public:
  /// Nothing when `text` is anything but numbers joined by dots.
  static std::optional<Dotted> parse(std::string_view text);

  const std::string& text() const { return text_; }
  /// How many numbers are written.
  std::size_t size() const { return parts_.size(); }
  int part(std::size_t index) const { return index < parts_.size() ? parts_[index] : 0; }
  int major() const { return part(0); }
  /// "12.4" of "12.4.1"; what is written where there are fewer numbers.
  std::string series() const;

  friend std::strong_ordering operator<=>(const Dotted& a, const Dotted& b);
  friend bool operator==(const Dotted& a, const Dotted& b) { return std::is_eq(a <=> b); }

 private:
  std::string text_;
  std::vector<int> parts_;
};

}  // namespace agent::resolver
