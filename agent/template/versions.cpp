#include <agent/sdk/error.hpp>
#include <agent/sdk/pep440.hpp>
#include <agent/sdk/value.hpp>
#include <agent/template/compare.hpp>
#include <agent/template/unicode.hpp>
#include <agent/template/versions.hpp>

namespace agent::jinja {

namespace {

int sign(std::int64_t a, std::int64_t b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

int compare_texts(std::string_view a, std::string_view b) {
  const int difference = a.compare(b);
  return difference < 0 ? -1 : difference > 0 ? 1 : 0;
}

bool is_number(std::string_view part) {
  return !part.empty() && part.find_first_not_of("0123456789") == part.npos;
}

// Numbers of any length, by value.
int compare_digits(std::string_view a, std::string_view b) {
  while (a.size() > 1 && a.front() == '0') a.remove_prefix(1);
  while (b.size() > 1 && b.front() == '0') b.remove_prefix(1);
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  return compare_texts(a, b);
}

// Runs of digits, runs of lower-case letters, whatever is between two dots.
Strings loose_parts(std::string_view version) {
  enum class Class { digit, letter, dot, other };
  const auto class_of = [](char c) {
    if (c >= '0' && c <= '9') return Class::digit;
    if (c >= 'a' && c <= 'z') return Class::letter;
    return c == '.' ? Class::dot : Class::other;
  };
  Strings parts;
  for (std::size_t i = 0; i < version.size();) {
    const Class kind = class_of(version[i]);
    std::size_t end = i + 1;
    while (kind != Class::dot && end < version.size() && class_of(version[end]) == kind) ++end;
    if (kind != Class::dot) parts.emplace_back(version.substr(i, end - i));
    i = end;
  }
  return parts;
}

int compare_loose(const std::string& a, const std::string& b) {
  const Strings left = loose_parts(a), right = loose_parts(b);
  for (std::size_t i = 0; i < left.size() && i < right.size(); ++i) {
    const bool numbers = is_number(left[i]), others = is_number(right[i]);
    if (numbers != others)
      throw Error("versions '" + a + "' and '" + b + "' do not compare: '" + left[i] + "' stands against '" + right[i] +
                  "'")
          .hint("version_type='semver' or 'pep440' may know how");
    const int difference = numbers ? compare_digits(left[i], right[i]) : compare_texts(left[i], right[i]);
    if (difference != 0) return difference;
  }
  return sign(static_cast<std::int64_t>(left.size()), static_cast<std::int64_t>(right.size()));
}

// 1.2, 1.2.3, 1.2a1, 1.2.3b4
struct Strict {
  std::int64_t numbers[3] = {0, 0, 0};
  char stage = '~';  // after every letter: a final version
  std::int64_t stage_number = 0;
};

Strict strict_version(const std::string& text) {
  const auto fail = [&]() -> Error {
    return Error("'" + text + "' is no strict version").hint("expected something like 1.2, 1.2.3 or 1.2a1");
  };
  Strict version;
  std::string_view rest = text;
  const auto read = [&] {
    std::size_t end = 0;
    while (end < rest.size() && rest[end] >= '0' && rest[end] <= '9') ++end;
    const auto number = parse_integer(rest.substr(0, end));
    if (end == 0 || !number) throw fail();
    rest.remove_prefix(end);
    return *number;
  };
  version.numbers[0] = read();
  for (int i = 1; i < 3; ++i) {
    if (rest.empty() || rest.front() != '.') {
      if (i == 1) throw fail();
      break;
    }
    rest.remove_prefix(1);
    version.numbers[i] = read();
  }
  if (!rest.empty() && (rest.front() == 'a' || rest.front() == 'b')) {
    version.stage = rest.front();
    rest.remove_prefix(1);
    version.stage_number = read();
  }
  if (!rest.empty()) throw fail();
  return version;
}

int compare_strict(const std::string& a, const std::string& b) {
  const Strict left = strict_version(a), right = strict_version(b);
  for (int i = 0; i < 3; ++i)
    if (const int difference = sign(left.numbers[i], right.numbers[i])) return difference;
  if (const int difference = sign(left.stage, right.stage)) return difference;
  return sign(left.stage_number, right.stage_number);
}

struct Semantic {
  Strings numbers, prerelease;
};

Semantic semantic_version(const std::string& text) {
  Semantic version;
  const std::string core = text.substr(0, text.find('+'));
  const std::size_t dash = core.find('-');
  version.numbers = split(core.substr(0, dash), ".");
  if (dash != core.npos) version.prerelease = split(core.substr(dash + 1), ".");
  bool sound = version.numbers.size() == 3;
  for (const std::string& number : version.numbers)
    sound = sound && is_number(number) && (number.size() == 1 || number.front() != '0');
  for (const std::string& part : version.prerelease) sound = sound && !part.empty();
  if (!sound) throw Error("'" + text + "' is no semantic version").hint("expected something like 1.2.3 or 1.2.3-rc.1");
  return version;
}

int compare_semantic(const std::string& a, const std::string& b) {
  const Semantic left = semantic_version(a), right = semantic_version(b);
  for (std::size_t i = 0; i < 3; ++i)
    if (const int difference = compare_digits(left.numbers[i], right.numbers[i])) return difference;
  if (left.prerelease.empty() != right.prerelease.empty()) return left.prerelease.empty() ? 1 : -1;
  for (std::size_t i = 0; i < left.prerelease.size() && i < right.prerelease.size(); ++i) {
    const std::string &x = left.prerelease[i], &y = right.prerelease[i];
    if (is_number(x) != is_number(y)) return is_number(x) ? -1 : 1;
    if (const int difference = is_number(x) ? compare_digits(x, y) : compare_texts(x, y)) return difference;
  }
  return sign(static_cast<std::int64_t>(left.prerelease.size()), static_cast<std::int64_t>(right.prerelease.size()));
}

int compare_pep440(const std::string& a, const std::string& b) {
  const auto parsed = [](const std::string& text) {
    const auto version = pep440::Version::parse(text);
    if (!version) throw Error("'" + text + "' is no version of a Python distribution");
    return *version;
  };
  const auto difference = parsed(a) <=> parsed(b);
  return difference < 0 ? -1 : difference > 0 ? 1 : 0;
}

}  // namespace

bool strip_is_empty(std::string_view text) {
  return strip(text).empty();
}

int compare_versions(const std::string& a, const std::string& b, const std::string& type) {
  if (type == "loose") return compare_loose(a, b);
  if (type == "strict") return compare_strict(a, b);
  if (type == "semver" || type == "semantic") return compare_semantic(a, b);
  if (type == "pep440") return compare_pep440(a, b);
  throw Error("there is no version type '" + type + "'").hint("known are loose, strict, semver, semantic and pep440");
}

}  // namespace agent::jinja
