#include <algorithm>
#include <charconv>

#include <agent/resolver/dotted.hpp>

namespace agent::resolver {

std::optional<Dotted> Dotted::parse(std::string_view text) {
  Dotted version;
  version.text_ = text;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (true) {
    int part = 0;
    const auto read = std::from_chars(at, end, part);
    if (read.ec != std::errc() || part < 0) return std::nullopt;
    version.parts_.push_back(part);
    if (read.ptr == end) return version;
    if (*read.ptr != '.') return std::nullopt;
    at = read.ptr + 1;
  }
}

std::string Dotted::series() const {
  return parts_.size() < 2 ? text_ : std::to_string(part(0)) + "." + std::to_string(part(1));
}

std::strong_ordering operator<=>(const Dotted& a, const Dotted& b) {
  for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i)
    if (const auto order = a.part(i) <=> b.part(i); order != 0) return order;
  return std::strong_ordering::equal;
}

}  // namespace agent::resolver
