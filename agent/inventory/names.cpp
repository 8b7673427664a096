#include <algorithm>
#include <charconv>

#include <agent/inventory/names.hpp>
#include <agent/sdk/error.hpp>

namespace agent::inventory {
namespace {

constexpr std::size_t most_names = 100'000;

bool is_forbidden(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte <= 0x20 || byte == 0x7F ||
         std::string_view("$\\\"'`;&|<>(){}[]*?!#~^=,").find(c) != std::string_view::npos;
}

void check(std::string_view what, std::string_view name, const Where& where) {
  const auto fail = [&](const std::string& why) {
    return Error("'" + std::string(name) + "' cannot be the name of a " + std::string(what) + ": " + why)
        .at(where)
        .spanning(static_cast<int>(name.size()));
  };
  if (name.empty()) throw Error("a " + std::string(what) + " has no name").at(where);
  if (name.front() == '-') throw fail("it starts with '-'");
  if (name.size() > 253) throw Error("the name of a " + std::string(what) + " is longer than 253 characters").at(where);
  const auto bad = std::find_if(name.begin(), name.end(), is_forbidden);
  if (bad == name.end()) return;
  const auto byte = static_cast<unsigned char>(*bad);
  if (byte == ' ') throw fail("it has a blank in it");
  // A control character is named, not shown.
  if (byte < 0x20 || byte == 0x7F)
    throw Error("the name of a " + std::string(what) + " has a control character in it").at(where);
  throw fail(std::string("it has '") + *bad + "' in it");
}

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

Error bad_range(std::string_view pattern, const std::string& why, const Where& where) {
  return Error("'" + std::string(pattern) + "' is no range of hosts: " + why)
      .at(where)
      .spanning(static_cast<int>(pattern.size()))
      .hint("write node[01:16] or rack[a:f]");
}

struct Range {
  std::size_t open = 0, close = 0;
  Strings words;
};

std::int64_t number(std::string_view text) {
  std::int64_t value = -1;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

Strings words_of(std::string_view pattern, std::string_view first, std::string_view last, std::int64_t step,
                 const Where& where) {
  Strings words;
  const auto is_letter = [](std::string_view t) {
    return t.size() == 1 && ((t[0] >= 'a' && t[0] <= 'z') || (t[0] >= 'A' && t[0] <= 'Z'));
  };
  if (is_letter(first) && is_letter(last)) {
    if ((first[0] >= 'a') != (last[0] >= 'a')) throw bad_range(pattern, "it mixes small and capital letters", where);
    if (first[0] > last[0]) throw bad_range(pattern, "it ends before it begins", where);
    const std::int64_t begin = static_cast<unsigned char>(first[0]), end = static_cast<unsigned char>(last[0]);
    for (std::int64_t c = begin; c <= end; c += step) words.push_back(std::string(1, static_cast<char>(c)));
    return words;
  }
  if (!is_number(first) || !is_number(last) || first.size() > 12 || last.size() > 12)
    throw bad_range(pattern, "it takes two numbers or two letters", where);
  const bool is_padded = first.size() > 1 && first[0] == '0';
  if (is_padded && first.size() != last.size()) throw bad_range(pattern, "both numbers need the same length", where);
  const std::int64_t begin = number(first), end = number(last);
  if (begin > end) throw bad_range(pattern, "it ends before it begins", where);
  if (static_cast<std::size_t>((end - begin) / step) >= most_names)
    throw bad_range(pattern, "it names more than " + std::to_string(most_names) + " hosts", where);
  for (std::int64_t i = begin; i <= end; i += step) {
    std::string word = std::to_string(i);
    if (is_padded && word.size() < first.size()) word.insert(0, first.size() - word.size(), '0');
    words.push_back(std::move(word));
  }
  return words;
}

/// The first range in `pattern`, or nothing. `[::1]` is no range but an address.
std::optional<Range> range_of(std::string_view pattern, const Where& where) {
  const std::size_t open = pattern.find('[');
  if (open == pattern.npos) return {};
  const std::size_t close = pattern.find(']', open);
  if (close == pattern.npos) throw bad_range(pattern, "the ']' is missing", where);
  const std::string_view inside = pattern.substr(open + 1, close - open - 1);
  const std::size_t colon = inside.find(':');
  if (colon == inside.npos) throw bad_range(pattern, "it has no ':'", where);
  const std::size_t second = inside.find(':', colon + 1);
  std::string_view first = inside.substr(0, colon);
  if (first.empty()) first = "0";
  const std::string_view last = inside.substr(colon + 1, second == inside.npos ? second : second - colon - 1);
  std::int64_t step = 1;
  if (second != inside.npos) {
    if (!is_number(inside.substr(second + 1)) || (step = number(inside.substr(second + 1))) < 1)
      throw bad_range(pattern, "its step is no number above zero", where);
  }
  if (last.empty()) throw bad_range(pattern, "it has no end", where);
  return Range{open, close, words_of(pattern, first, last, step, where)};
}

void expand(std::string_view pattern, Strings& names, const Where& where) {
  const auto range = range_of(pattern, where);
  if (!range) {
    if (names.size() >= most_names)
      throw bad_range(pattern, "it names more than " + std::to_string(most_names) + " hosts", where);
    names.emplace_back(pattern);
    return;
  }
  for (const std::string& word : range->words) {
    std::string name(pattern.substr(0, range->open));
    name += word;
    name += pattern.substr(range->close + 1);
    expand(name, names, where);
  }
}

}  // namespace

void check_host_name(std::string_view name, const Where& where) {
  check("host", name, where);
}
void check_group_name(std::string_view name, const Where& where) {
  check("group", name, where);
}

HostPattern expand_hosts(std::string_view pattern, const Where& where) {
  HostPattern result;
  const auto is_address = [](std::string_view text) {
    return std::count(text.begin(), text.end(), ':') > 1 &&
           text.find_first_not_of("0123456789abcdefABCDEF:.%") == text.npos;
  };
  // "[2001:db8::1]:22", then "name:22"; a bare address has colons of its own.
  if (!pattern.empty() && pattern.front() == '[') {
    const std::size_t close = pattern.find(']');
    if (close != pattern.npos && is_address(pattern.substr(1, close - 1))) {
      const std::string_view rest = pattern.substr(close + 1);
      if (rest.size() > 1 && rest.front() == ':' && is_number(rest.substr(1))) result.port = number(rest.substr(1));
      result.names.emplace_back(pattern.substr(1, close - 1));
      return result;
    }
  }
  if (!is_address(pattern)) {
    const std::size_t colon = pattern.rfind(':');
    const std::size_t close = pattern.rfind(']');
    if (colon != pattern.npos && (close == pattern.npos || close < colon)) {
      const std::string_view port = pattern.substr(colon + 1);
      if (!is_number(port) || port.size() > 5 || number(port) > 65535)
        throw Error("'" + std::string(port) + "' is no port").at(where).hint("write 'host:2222'");
      result.port = number(port);
      pattern = pattern.substr(0, colon);
    }
  }
  expand(pattern, result.names, where);
  return result;
}

}  // namespace agent::inventory
