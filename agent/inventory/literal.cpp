#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include <agent/inventory/literal.hpp>
#include <agent/sdk/real_number.hpp>
#include <agent/sdk/text.hpp>

namespace agent::inventory {
namespace {

/// Nothing but a signal that the text is no literal.
struct NoLiteral {};

bool is_word(char c) {
  return text::is_digit(c) || c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

class Reader {
 public:
  Reader(std::string_view text, const Where& where) : text_(text), where_(where) {}

  Value whole() {
    space();
    Value value = item(0);
    space();
    if (peek() == ',') value = tuple(std::move(value), 0);
    space();
    if (at_ < text_.size() && text_[at_] != '#') throw NoLiteral{};
    return value;
  }

 private:
  void space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  Value item(int depth) {
    if (depth > 60) throw NoLiteral{};
    space();
    const char c = peek();
    if (c == '\'' || c == '"') return strings();
    if (c == '[') return ++at_, Value(items(']', depth)).at(where_);
    if (c == '{') return ++at_, map_or_set(depth);
    if (c == '(') return ++at_, parentheses(depth);
    if (c == '-' || c == '+') return ++at_, space(), signed_number(c == '-');
    if (text::is_digit(c) || c == '.') return number(false);
    return word();
  }

  Value word() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_word(text_[at_])) ++at_;
    const std::string_view name = text_.substr(begin, at_ - begin);
    if (name == "True") return Value(true).at(where_);
    if (name == "False") return Value(false).at(where_);
    if (name == "None") return Value().at(where_);
    throw NoLiteral{};
  }

  Value signed_number(bool negative) {
    if (!text::is_digit(peek()) && peek() != '.') throw NoLiteral{};
    return number(negative);
  }

  /// Python's numbers: underscores between digits, 0x, 0o, 0b; a leading zero is no number ("0644" is text).
  Value number(bool negative) {
    const std::size_t begin = at_;
    while (at_ < text_.size() && (is_word(text_[at_]) || text_[at_] == '.' ||
                                  ((text_[at_] == '-' || text_[at_] == '+') && is_exponent(begin))))
      ++at_;
    std::string digits;
    const std::string_view written = text_.substr(begin, at_ - begin);
    for (std::size_t i = 0; i < written.size(); ++i) {
      if (written[i] != '_') {
        digits += written[i];
        continue;
      }
      if (i == 0 || i + 1 == written.size() || written[i - 1] == '_') throw NoLiteral{};
    }
    if (const auto based = with_base(digits, negative)) return Value(*based).at(where_);
    const bool is_real = digits.find_first_of(".eE") != digits.npos;
    if (!is_real) return integer(digits, negative);
    const auto value = real_number(digits);
    if (!value) throw NoLiteral{};
    return Value(negative ? -*value : *value).at(where_);
  }
  bool is_exponent(std::size_t begin) const {
    if (at_ == begin) return false;
    const std::string_view so_far = text_.substr(begin, at_ - begin);
    return (so_far.back() == 'e' || so_far.back() == 'E') && so_far.substr(0, 2) != "0x" && so_far.substr(0, 2) != "0X";
  }
  static std::optional<std::int64_t> with_base(const std::string& digits, bool negative) {
    if (digits.size() < 3 || digits[0] != '0') return {};
    const char letter = static_cast<char>(digits[1] | 0x20);
    const int base = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 0;
    if (base == 0) return {};
    std::int64_t value = 0;
    const auto [end, failure] = std::from_chars(digits.data() + 2, digits.data() + digits.size(), value, base);
    if (end != digits.data() + digits.size() || failure != std::errc{}) throw NoLiteral{};
    return negative ? -value : value;
  }
  Value integer(const std::string& digits, bool negative) const {
    const bool is_zero = std::all_of(digits.begin(), digits.end(), [](char c) { return c == '0'; });
    if (digits[0] == '0' && !is_zero) throw NoLiteral{};
    std::int64_t value = 0;
    const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (end != digits.data() + digits.size()) throw NoLiteral{};
    if (failure != std::errc{}) throw NoLiteral{};  // beyond 64 bits: the digits are kept as text
    return Value(negative ? -value : value).at(where_);
  }

  /// Texts side by side are one.
  Value strings() {
    std::string all;
    while (peek() == '\'' || peek() == '"') {
      all += one_string();
      space();
    }
    return Value::template_text(std::move(all), where_);
  }
  std::string one_string() {
    const char quote = text_[at_++];
    std::string out;
    while (true) {
      if (at_ >= text_.size()) throw NoLiteral{};
      const char c = text_[at_++];
      if (c == quote) return out;
      if (c == '\\')
        escape(out);
      else
        out += c;
    }
  }
  void escape(std::string& out) {
    static constexpr std::string_view letters = "\\'\"abfnrtv", meanings = "\\'\"\a\b\f\n\r\t\v";
    if (at_ >= text_.size()) throw NoLiteral{};
    const char c = text_[at_++];
    if (const std::size_t found = letters.find(c); found != letters.npos) {
      out += meanings[found];
    } else if (c == 'x' || c == 'u' || c == 'U' || c == 'N' || text::is_digit(c)) {
      throw NoLiteral{};  // too rare to be read by halves: the text stays as it is
    } else {
      out += '\\';
      out += c;
    }
  }

  List items(char close, int depth) {
    List list;
    for (space(); peek() != close; space()) {
      list.push_back(item(depth + 1));
      space();
      if (peek() == ',')
        ++at_;
      else if (peek() != close)
        throw NoLiteral{};
    }
    ++at_;
    return list;
  }
  Value parentheses(int depth) {
    space();
    if (peek() == ')') return ++at_, Value(List{}).at(where_);
    Value first = item(depth + 1);
    space();
    if (peek() == ')') return ++at_, first;
    if (peek() != ',') throw NoLiteral{};
    Value all = tuple(std::move(first), depth + 1);
    if (peek() != ')') throw NoLiteral{};
    return ++at_, all;
  }
  Value tuple(Value first, int depth) {
    List list = {std::move(first)};
    while (peek() == ',') {
      ++at_, space();
      if (at_ >= text_.size() || peek() == ')' || peek() == '#') break;
      list.push_back(item(depth + 1));
      space();
    }
    return Value(std::move(list)).at(where_);
  }
  Value map_or_set(int depth) {
    Map map;
    List set;
    for (space(); peek() != '}'; space()) {
      Value key = item(depth + 1);
      space();
      if (peek() == ':') {
        ++at_;
        map.set(key_text(key), item(depth + 1));
      } else {
        set.push_back(std::move(key));
      }
      space();
      if (peek() == ',')
        ++at_;
      else if (peek() != '}')
        throw NoLiteral{};
    }
    ++at_;
    if (!map.empty() && !set.empty()) throw NoLiteral{};
    return set.empty() ? Value(std::move(map)).at(where_) : Value(std::move(set)).at(where_);
  }
  static std::string key_text(const Value& key) {
    if (key.is_string()) return key.string();
    if (key.is_null()) return "None";
    if (key.is_boolean()) return key.boolean() ? "True" : "False";
    if (!key.is_number()) throw NoLiteral{};
    return key.json();
  }

  std::string_view text_;
  const Where& where_;
  std::size_t at_ = 0;
};

}  // namespace

Value literal_or_text(std::string_view text, const Where& where) {
  try {
    if (!text.empty()) return Reader(text, where).whole();
  } catch (const NoLiteral&) {
  }
  return Value::template_text(std::string(text), where);
}

}  // namespace agent::inventory
