#include <algorithm>
#include <cctype>
#include <charconv>
#include <string_view>

#include <agent/sdk/dotted_version.hpp>
#include <agent/sdk/text.hpp>

namespace agent {

namespace {

/// The number at the beginning; 0 where there is none.
int number_at(std::string_view text) {
  int number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

Strings dotted_parts(const std::string& text) {
  Strings parts(1);
  for (const char c : text)
    if (c == '.')
      parts.emplace_back();
    else
      parts.back() += c;
  return parts;
}

bool are_numbers(const Strings& parts, std::size_t most) {
  return parts.size() <= most && std::all_of(parts.begin(), parts.end(), [](const std::string& part) {
           return !part.empty() && part.size() < 5 && std::all_of(part.begin(), part.end(), text::is_digit);
         });
}

int compare_dotted(const std::string& a, const std::string& b) {
  const Strings left = dotted_parts(a), right = dotted_parts(b);
  for (std::size_t i = 0; i < std::max(left.size(), right.size()); ++i) {
    const int x = i < left.size() ? number_at(left[i]) : 0, y = i < right.size() ? number_at(right[i]) : 0;
    if (x != y) return x < y ? -1 : 1;
  }
  return 0;
}

}  // namespace agent
