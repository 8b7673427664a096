#include "match_spec.hpp"

#include <algorithm>
#include <cctype>
#include <vector>

#include <agent/sdk/error.hpp>
#include <agent/sdk/text.hpp>

namespace agent::conda {

namespace {

Strings split(const std::string& text, const char* separators) {
  Strings parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const auto end = std::min(text.find_first_of(separators, begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

/// One run within a part: a number, or letters. "dev" comes first of all, "post" last.
struct Atom {
  int kind;  // 0 dev, 1 letters, 2 number, 3 post
  unsigned long long number = 0;
  std::string letters = {};
  friend bool operator==(const Atom&, const Atom&) = default;
};

bool before(const Atom& a, const Atom& b) {
  if (a.kind != b.kind) return a.kind < b.kind;
  return a.kind == 2 ? a.number < b.number : a.letters < b.letters;
}

std::vector<Atom> atoms_of(const std::string& part) {
  std::vector<Atom> atoms;
  for (std::size_t at = 0; at < part.size();) {
    std::size_t end = at;
    while (end < part.size() && text::is_digit(part[end]) == text::is_digit(part[at])) ++end;
    const std::string run = part.substr(at, end - at);
    if (text::is_digit(run[0]))
      atoms.push_back({2, std::stoull(run.substr(0, 18))});
    else
      atoms.push_back({run == "dev" ? 0 : run == "post" ? 3 : 1, 0, run});
    at = end;
  }
  // A part that begins with letters counts as if a zero stood before it: 1.0a is 1.0.0a.
  if (!atoms.empty() && atoms[0].kind != 2) atoms.insert(atoms.begin(), Atom{2});
  return atoms;
}

int compare_parts(const std::string& a, const std::string& b) {
  const auto left = atoms_of(a), right = atoms_of(b);
  for (std::size_t i = 0; i < std::max(left.size(), right.size()); ++i) {
    const Atom nothing{2};
    const Atom& l = i < left.size() ? left[i] : nothing;
    const Atom& r = i < right.size() ? right[i] : nothing;
    if (before(l, r)) return -1;
    if (before(r, l)) return 1;
  }
  return 0;
}

bool is_glob_match(const std::string& pattern, const std::string& text) {
  const auto star = pattern.find('*');
  if (star == std::string::npos) return pattern == text;
  if (text.compare(0, star, pattern, 0, star) != 0) return false;
  const std::string rest = pattern.substr(star + 1);
  if (rest.empty()) return true;
  for (std::size_t at = star; at <= text.size(); ++at)
    if (is_glob_match(rest, text.substr(at))) return true;
  return false;
}

/// "1.26" takes 1.26 and 1.26.4, not 1.260.
bool begins_with(const std::string& version, const std::string& start) {
  return version == start || (version.starts_with(start) && !text::is_digit(version[start.size()]));
}

bool clause_takes(const std::string& clause, const std::string& version) {
  const auto is = [&](const char* sign) { return clause.starts_with(sign); };
  const auto rest = [&](std::size_t skip) { return clause.substr(skip); };
  const auto trimmed = [](std::string text) {
    if (text.ends_with(".*")) return text.substr(0, text.size() - 2);
    if (text.ends_with("*")) return text.substr(0, text.size() - 1);
    return text;
  };
  if (clause.empty() || clause == "*") return true;
  if (is("~=")) {
    const std::string base = rest(2);
    return compare_versions(version, base) >= 0 && begins_with(version, base.substr(0, base.rfind('.')));
  }
  if (is(">=")) return compare_versions(version, trimmed(rest(2))) >= 0;
  if (is("<=")) return compare_versions(version, trimmed(rest(2))) <= 0;
  if (is("==")) return compare_versions(version, rest(2)) == 0;
  if (is("!="))
    return rest(2).ends_with("*") ? !begins_with(version, trimmed(rest(2))) : compare_versions(version, rest(2)) != 0;
  if (is(">")) return compare_versions(version, rest(1)) > 0;
  if (is("<")) return compare_versions(version, rest(1)) < 0;
  if (is("=")) return begins_with(version, trimmed(rest(1)));
  if (clause.ends_with(".*")) return begins_with(version, trimmed(clause));
  if (clause.find('*') != std::string::npos) return is_glob_match(clause, version);
  return compare_versions(version, clause) == 0;
}

std::string without_blanks(std::string text) {
  std::erase(text, ' ');
  return text;
}

/// "numpy=1.26=py311*": version and build behind a name, each with its own sign.
void read_version(MatchSpec& spec, std::string rest) {
  if (rest.starts_with("=") && !rest.starts_with("==")) {
    const auto second = rest.find('=', 1);
    if (second != std::string::npos && rest.find_first_of("|,<>!~") > second) {
      spec.build = rest.substr(second + 1);
      // With a build the version is meant exactly.
      spec.version = (rest.find('*') < second ? "" : "==") + rest.substr(1, second - 1);
      return;
    }
  }
  spec.version = rest;
}

/// "[version='>=1.2', build=py*, channel=x]".
void read_brackets(MatchSpec& spec, const std::string& inside) {
  for (std::size_t begin = 0; begin < inside.size();) {
    const auto equals = inside.find('=', begin);
    if (equals == std::string::npos) break;
    std::string key = without_blanks(inside.substr(begin, equals - begin));
    std::size_t value = equals + 1, end;
    if (value < inside.size() && (inside[value] == '\'' || inside[value] == '"')) {
      end = std::min(inside.find(inside[value], value + 1), inside.size());
      ++value;
    } else {
      end = std::min(inside.find(',', value), inside.size());
    }
    const std::string text = inside.substr(value, end - value);
    if (key == "version") spec.version = without_blanks(text);
    if (key == "build") spec.build = text;
    if (key == "channel") spec.channel = text;
    begin = std::min(inside.find(',', end), inside.size() - 1) + 1;
  }
}

}  // namespace

int compare_versions(const std::string& a, const std::string& b) {
  const auto parts = [](std::string text) {
    text = text::lower(std::move(text));
    std::replace(text.begin(), text.end(), '-', '_');
    return split(text, "._+!");
  };
  const Strings left = parts(a), right = parts(b);
  for (std::size_t i = 0; i < std::max(left.size(), right.size()); ++i) {
    const int order = compare_parts(i < left.size() ? left[i] : "", i < right.size() ? right[i] : "");
    if (order != 0) return order;
  }
  return 0;
}

MatchSpec MatchSpec::parse(const std::string& text) {
  MatchSpec spec{.text = text, .channel = {}, .name = {}, .version = {}, .build = {}};
  std::string rest = text.substr(0, text.find('#'));
  rest.erase(rest.find_last_not_of(" \t") + 1);
  rest.erase(0, rest.find_first_not_of(" \t"));
  spec.text = rest;
  if (const auto colons = rest.find("::"); colons != std::string::npos) {
    spec.channel = rest.substr(0, colons);
    rest.erase(0, colons + 2);
  }
  std::string inside;
  if (const auto bracket = rest.find('['); bracket != std::string::npos && rest.ends_with("]")) {
    inside = rest.substr(bracket + 1, rest.size() - bracket - 2);
    rest.resize(bracket);
  }
  const auto end = std::min(rest.find_first_of(" =<>!~"), rest.size());
  spec.name = text::lower(rest.substr(0, end));
  if (spec.name.empty() ||
      spec.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._-") != std::string::npos ||
      spec.name[0] == '-')
    throw Error("'" + text + "' is no package of conda's")
        .about("packages")
        .hint("write numpy, numpy=1.26, \"numpy>=1.26,<2\" or conda-forge::numpy");
  rest.erase(0, end);
  rest.erase(0, rest.find_first_not_of(' '));
  // "numpy 1.26.* py311*": blanks between version and build, but also inside ">= 1.2".
  const auto blank = rest.find(' ');
  const bool is_sign =
      blank != std::string::npos && blank > 0 && std::string("=<>!~,|").find(rest[blank - 1]) != std::string::npos;
  if (blank != std::string::npos && !is_sign && std::string("=<>!~,|").find(rest[blank + 1]) == std::string::npos) {
    spec.version = rest.substr(0, blank);
    spec.build = without_blanks(rest.substr(blank + 1));
  } else {
    read_version(spec, without_blanks(rest));
  }
  read_brackets(spec, inside);
  return spec;
}

bool MatchSpec::takes(const std::string& other, const std::string& other_build) const {
  if (!build.empty() && !is_glob_match(build, other_build)) return false;
  if (version.empty()) return true;
  const Strings ways = split(version, "|");
  return std::any_of(ways.begin(), ways.end(), [&](const std::string& way) {
    const Strings clauses = split(way, ",");
    return std::all_of(clauses.begin(), clauses.end(), [&](const auto& clause) { return clause_takes(clause, other); });
  });
}

}  // namespace agent::conda
