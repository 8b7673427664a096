#include <cctype>
#include <cstdio>

#include <agent/sdk/error.hpp>
#include <agent/sdk/regex_syntax.hpp>
#include <agent/sdk/text.hpp>

namespace agent {
namespace {

bool is_octal(char c) {
  return c >= '0' && c <= '7';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

class Translator {
 public:
  explicit Translator(std::string_view pattern) : pattern_(pattern) {}

  std::string all() {
    while (i_ < pattern_.size()) {
      switch (at(0)) {
        case '\\':
          escape(false);
          break;
        case '[':
          set();
          break;
        case '(':
          group();
          break;
        case '{':
          braces();
          break;
        default:
          copy(1);
      }
    }
    return std::move(result_);
  }

 private:
  char at(std::size_t ahead) const { return i_ + ahead < pattern_.size() ? pattern_[i_ + ahead] : '\0'; }

  void copy(std::size_t count) {
    result_ += pattern_.substr(i_, count);
    i_ += count;
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw Error("the pattern '" + std::string(pattern_) + "' is wrong at character " + std::to_string(i_ + 1) + ": " +
                what);
  }

  void put_code(unsigned long code) {
    char text[16];
    std::snprintf(text, sizeof text, "\\x{%lx}", code);
    result_ += text;
  }

  void hexadecimal(std::size_t digits) {
    unsigned long code = 0;
    for (std::size_t k = 2; k < 2 + digits; ++k) {
      if (std::isxdigit(static_cast<unsigned char>(at(k))) == 0)
        fail("an escape needs " + std::to_string(digits) + " hexadecimal digits");
      const char c = static_cast<char>(std::tolower(static_cast<unsigned char>(at(k))));
      code = code * 16 + static_cast<unsigned long>(text::is_digit(c) ? c - '0' : c - 'a' + 10);
    }
    put_code(code);
    i_ += 2 + digits;
  }

  void number(bool in_set) {
    std::size_t count = 1;
    const bool octal = in_set || at(1) == '0' || (is_octal(at(1)) && is_octal(at(2)) && is_octal(at(3)));
    unsigned long code = 0;
    for (; count < 4 && (octal ? is_octal(at(count)) : text::is_digit(at(count)) && count < 3); ++count)
      code = code * (octal ? 8 : 10) + static_cast<unsigned long>(at(count) - '0');
    if (count == 1) fail(std::string("bad escape \\") + at(1));
    i_ += count;
    if (octal)
      put_code(code);
    else
      result_ += "\\g{" + std::to_string(code) + "}";
  }

  void escape(bool in_set) {
    const char c = at(1);
    if (c == '\0' && i_ + 1 >= pattern_.size()) fail("a backslash at the end");
    if (text::is_digit(c)) return number(in_set);
    if (c == 'x') return hexadecimal(2);
    if (c == 'u') return hexadecimal(4);
    if (c == 'U') return hexadecimal(8);
    if (c == 'v') return i_ += 2, result_ += "\\x0b", void();
    if (c == 'Z' && !in_set) return i_ += 2, result_ += "\\z", void();
    const std::string_view known = in_set ? "abfnrtdDsSwW" : "AbBdDsSwWafnrt";
    if (is_letter(c) && known.find(c) == std::string_view::npos) fail(std::string("bad escape \\") + c);
    copy(2);
  }

  void set() {
    const std::size_t start = i_;
    copy(at(1) == '^' ? 2 : 1);
    for (bool first = true; first || at(0) != ']'; first = false) {
      if (i_ >= pattern_.size()) {
        i_ = start;
        fail("a set '[' has no ']'");
      }
      if (at(0) == '\\') {
        escape(true);
      } else if (at(0) == '[' || (first && at(0) == ']')) {
        result_ += '\\';
        copy(1);  // Python knows no [:classes:] in a set
      } else {
        copy(1);
      }
    }
    copy(1);
  }

  void group() {
    if (at(1) == '*') fail("nothing to repeat");
    if (at(1) != '?') return copy(1);
    // Inline flags: `u` and `L` say what is so anyway, `a` is beyond PCRE2.
    std::size_t end = 2;
    while (is_letter(at(end)) || at(end) == '-') ++end;
    if (end == 2 || at(2) == 'P' || (at(end) != ')' && at(end) != ':')) return copy(2);
    result_ += "(?";
    for (std::size_t k = 2; k < end; ++k)
      if (std::string_view("uLa").find(at(k)) == std::string_view::npos) result_ += at(k);
    i_ += end;
  }

  // "{,n}" starts from none in Python; to PCRE2 it is plain text.
  void braces() {
    std::size_t end = 2;
    while (text::is_digit(at(end))) ++end;
    if (at(1) != ',' || at(end) != '}') return copy(1);
    if (i_ == 0) fail("nothing to repeat");
    result_ += "{0";
    i_ += 1;
  }

  std::string_view pattern_;
  std::size_t i_ = 0;
  std::string result_;
};

}  // namespace

std::string pcre_from_python(std::string_view pattern) {
  return Translator(pattern).all();
}

}  // namespace agent
