#include <algorithm>
#include <charconv>
#include <functional>
#include <optional>
#include <regex>
#include <unordered_set>

#include <fnmatch.h>

#include <agent/inventory/patterns.hpp>
#include <agent/sdk/text.hpp>

namespace agent::inventory {
namespace {

void add_part(Strings& parts, std::string_view text) {
  if (std::string part = text::trimmed(text); !part.empty()) parts.push_back(std::move(part));
}

/// "2001:db8::1", or "host:22": colons that do not separate.
bool is_one_address(const std::string& pattern) {
  const auto colons = std::count(pattern.begin(), pattern.end(), ':');
  if (colons > 1 && pattern.find_first_not_of("0123456789abcdefABCDEF:.") == pattern.npos) return true;
  const std::size_t colon = pattern.find(':');
  return colons == 1 && colon + 1 < pattern.size() &&
         pattern.find_first_not_of("0123456789", colon + 1) == pattern.npos && pattern.find('[') == pattern.npos;
}

/// `[2]`, `[1:3]`, `[1:]`, `[-1]` at the end of a pattern.
struct Subscript {
  std::int64_t first = 0;
  std::optional<std::int64_t> last;  ///< inclusive; -1: to the end
};

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  return failure == std::errc{} && end == text.data() + text.size() && !text.empty() ? std::optional(value)
                                                                                     : std::nullopt;
}

std::optional<Subscript> take_subscript(std::string& pattern) {
  if (pattern.empty() || pattern.front() == '~' || pattern.back() != ']') return {};
  const std::size_t open = pattern.rfind('[');
  if (open == pattern.npos || open == 0) return {};
  const std::string_view inside = std::string_view(pattern).substr(open + 1, pattern.size() - open - 2);
  Subscript subscript;
  const std::size_t colon = inside.find(':');
  const auto first = whole_number(inside.substr(0, colon));
  if (!first || (colon != inside.npos && *first < 0)) return {};
  subscript.first = *first;
  if (colon != inside.npos) {
    const std::string_view end = inside.substr(colon + 1);
    const auto last = whole_number(end);
    if (!end.empty() && (!last || *last < 0)) return {};
    subscript.last = last.value_or(-1);
  }
  pattern.erase(open);
  return subscript;
}

std::vector<Graph::Index> sliced(const std::vector<Graph::Index>& hosts, const Subscript& subscript,
                                 const std::string& pattern) {
  const auto size = static_cast<std::int64_t>(hosts.size());
  if (!subscript.last) {
    const std::int64_t at = subscript.first < 0 ? size + subscript.first : subscript.first;
    if (at < 0 || at >= size)
      throw Error("'" + pattern + "' has " + std::to_string(size) + " hosts, and none with the number " +
                  std::to_string(subscript.first));
    return {hosts[static_cast<std::size_t>(at)]};
  }
  const std::int64_t end = *subscript.last < 0 ? size : std::min(*subscript.last + 1, size);
  if (subscript.first >= end) return {};
  return {hosts.begin() + subscript.first, hosts.begin() + end};
}

using Test = std::function<bool(const std::string&)>;

Test test_for(const std::string& pattern) {
  if (pattern.front() == '~') {
    try {
      return [expression = std::regex(pattern.substr(1))](const std::string& name) {
        return std::regex_search(name, expression, std::regex_constants::match_continuous);
      };
    } catch (const std::regex_error&) {
      throw Error("'" + pattern.substr(1) + "' is no regular expression");
    }
  }
  if (pattern.find_first_of("*?[") == pattern.npos)
    return [pattern](const std::string& name) { return name == pattern; };
  return [pattern](const std::string& name) { return fnmatch(pattern.c_str(), name.c_str(), FNM_NOESCAPE) == 0; };
}

class Matcher {
 public:
  explicit Matcher(const Graph& graph) : graph_(graph) {}

  Matches match(Strings parts) {
    order(parts);
    for (const std::string& part : parts) {
      const char sign = part.front();
      const std::string pattern = sign == '!' || sign == '&' ? part.substr(1) : part;
      if (!pattern.empty()) apply(sign, one(pattern), pattern);
    }
    for (const Graph::Index host : hosts_)
      matches_.hosts.push_back(host & implicit ? implicit_[host & ~implicit] : graph_.host(host).name);
    return std::move(matches_);
  }

 private:
  /// Numbers from here on are hosts that only exist because somebody names them: `localhost`.
  static constexpr Graph::Index implicit = Graph::Index{1} << 31;

  /// What is named first, then what has to hold, then what must not.
  static void order(Strings& parts) {
    const auto rank = [](const std::string& part) { return part.front() == '!' ? 2 : part.front() == '&' ? 1 : 0; };
    std::stable_sort(parts.begin(), parts.end(), [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
    if (parts.empty() || rank(parts.front()) != 0) parts.insert(parts.begin(), "all");
  }

  void apply(char sign, const std::vector<Graph::Index>& found, const std::string& pattern) {
    if (sign == '!' || sign == '&') {
      const std::unordered_set<Graph::Index> set(found.begin(), found.end());
      const bool keep = sign == '&';
      std::erase_if(hosts_, [&](Graph::Index host) { return (set.count(host) != 0) != keep; });
      return;
    }
    for (const Graph::Index host : found)
      if (taken_.insert(host).second) hosts_.push_back(host);
    if (found.empty() && pattern != "all" && pattern != "*" && !graph_.find_group(pattern))
      matches_.unmatched.push_back(pattern);
  }

  Graph::Index implicit_host(const std::string& name) {
    auto known = std::find(implicit_.begin(), implicit_.end(), name);
    if (known == implicit_.end()) known = implicit_.insert(known, name);
    return implicit | static_cast<Graph::Index>(known - implicit_.begin());
  }

  std::vector<Graph::Index> one(std::string pattern) {
    if (const Graph::Index* host = graph_.find_host(pattern)) return {*host};
    if (is_localhost(pattern)) return {implicit_host(pattern)};
    const auto subscript = take_subscript(pattern);
    std::vector<Graph::Index> hosts = enumerated(pattern);
    return subscript && !hosts.empty() ? sliced(hosts, *subscript, pattern) : hosts;
  }

  std::vector<Graph::Index> enumerated(const std::string& pattern) {
    std::vector<Graph::Index> hosts;
    std::unordered_set<Graph::Index> seen;
    const auto add = [&](Graph::Index host) {
      if (seen.insert(host).second) hosts.push_back(host);
    };
    const bool is_plain = pattern.front() != '~' && pattern.find_first_of(".?*[") == pattern.npos;
    if (is_plain) {
      if (const Graph::Index* group = graph_.find_group(pattern)) return graph_.all_hosts(*group);
      if (const Graph::Index* host = graph_.find_host(pattern)) return {*host};
      return {};
    }
    const Test test = test_for(pattern);
    for (Graph::Index group = 0; group < graph_.groups().size(); ++group)
      if (test(graph_.group(group).name))
        for (const Graph::Index host : graph_.all_hosts(group)) add(host);
    for (Graph::Index host = 0; host < graph_.hosts().size(); ++host)
      if (test(graph_.host(host).name)) add(host);
    return hosts;
  }

  const Graph& graph_;
  Matches matches_;
  std::vector<Graph::Index> hosts_;
  Strings implicit_;
  std::unordered_set<Graph::Index> taken_;
};

}  // namespace

bool is_localhost(const std::string& name) {
  return name == "localhost" || name == "127.0.0.1" || name == "::1";
}

Strings split_pattern(const std::string& pattern) {
  Strings parts;
  if (pattern.find(',') != pattern.npos) {
    for (std::size_t start = 0; start <= pattern.size();) {
      const std::size_t comma = std::min(pattern.find(',', start), pattern.size());
      add_part(parts, std::string_view(pattern).substr(start, comma - start));
      start = comma + 1;
    }
    return parts;
  }
  const std::string whole = text::trimmed(pattern);
  if (is_one_address(whole)) return {whole};
  std::size_t start = 0;
  int depth = 0;
  for (std::size_t at = 0; at <= whole.size(); ++at) {
    const bool is_end = at == whole.size();
    if (!is_end && whole[at] == '[') ++depth;
    if (!is_end && whole[at] == ']' && depth > 0) --depth;
    if (!is_end && (depth > 0 || (whole[at] != ':' && !text::is_blank(whole[at])))) continue;
    add_part(parts, std::string_view(whole).substr(start, at - start));
    start = at + 1;
  }
  return parts;
}

Matches match_pattern(const Graph& graph, const Strings& parts) {
  return Matcher(graph).match(parts);
}

}  // namespace agent::inventory
