#include <algorithm>
#include <string_view>

#include <agent/yaml/yaml.hpp>

namespace agent::yaml {
namespace {

int characters(std::string_view text) {
  return static_cast<int>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

}  // namespace

Where place_inside(const Where& start, std::string_view value, std::size_t offset) {
  const std::string_view before = value.substr(0, std::min(offset, value.size()));
  const std::size_t last = before.rfind('\n');
  Where place = start;
  place.line += static_cast<int>(std::count(before.begin(), before.end(), '\n'));
  place.column += characters(last == before.npos ? before : before.substr(last + 1));
  return start ? place : start;
}

}  // namespace agent::yaml
