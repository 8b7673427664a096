#include <algorithm>

#include <agent/host/dpkg_version.hpp>
#include <agent/sdk/text.hpp>

namespace agent {

namespace {

struct Parts {
  std::string_view epoch, upstream, revision;
};

Parts split(std::string_view version) {
  Parts parts;
  if (const auto colon = version.find(':'); colon != std::string_view::npos) {
    parts.epoch = version.substr(0, colon);
    version.remove_prefix(colon + 1);
  }
  if (const auto dash = version.rfind('-'); dash != std::string_view::npos) {
    parts.revision = version.substr(dash + 1);
    version = version.substr(0, dash);
  }
  parts.upstream = version;
  return parts;
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// How the character sorts inside a non-digit run: the tilde before even the end, letters before all other signs.
int weight(std::string_view text, std::size_t at) {
  if (at >= text.size() || text::is_digit(text[at])) return 0;
  const char c = text[at];
  if (c == '~') return -1;
  const int code = static_cast<unsigned char>(c);
  return is_letter(c) ? code : code + 256;
}

// Numbers of any length, without leading zeros.
std::string_view digits(std::string_view text, std::size_t& at) {
  while (at < text.size() && text[at] == '0') ++at;
  const std::size_t begin = at;
  while (at < text.size() && text::is_digit(text[at])) ++at;
  return text.substr(begin, at - begin);
}

int compare_numbers(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  return a.compare(b);
}

int compare_parts(std::string_view a, std::string_view b) {
  std::size_t i = 0, j = 0;
  while (i < a.size() || j < b.size()) {
    while ((i < a.size() && !text::is_digit(a[i])) || (j < b.size() && !text::is_digit(b[j]))) {
      const int left = weight(a, i), right = weight(b, j);
      if (left != right) return left < right ? -1 : 1;
      if (i < a.size()) ++i;
      if (j < b.size()) ++j;
    }
    if (const int order = compare_numbers(digits(a, i), digits(b, j))) return order;
  }
  return 0;
}

}  // namespace

int compare_dpkg_versions(std::string_view a, std::string_view b) {
  const Parts left = split(a), right = split(b);
  if (const int order = compare_parts(left.epoch, right.epoch)) return order;
  if (const int order = compare_parts(left.upstream, right.upstream)) return order;
  return compare_parts(left.revision, right.revision);
}

}  // namespace agent
