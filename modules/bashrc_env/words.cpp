#include "words.hpp"

#include <algorithm>

namespace agent::bashrc_env {
namespace {

bool starts_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool in_name(char c) {
  return starts_name(c) || (c >= '0' && c <= '9');
}

std::size_t name_end(std::string_view text, std::size_t start) {
  std::size_t end = start;
  if (end < text.size() && starts_name(text[end]))
    while (end < text.size() && in_name(text[end])) ++end;
  return end;
}

void put_utf8(std::string& text, unsigned code) {
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else if (code < 0x800) {
    text += static_cast<char>(0xC0U | (code >> 6U));
    text += static_cast<char>(0x80U | (code & 63U));
  } else {
    text += static_cast<char>(0xE0U | (code >> 12U));
    text += static_cast<char>(0x80U | ((code >> 6U) & 63U));
    text += static_cast<char>(0x80U | (code & 63U));
  }
}

class Expander {
 public:
  Expander(std::string_view word, const Lookup& lookup, bool in_assignment)
      : word_(word), lookup_(lookup), in_assignment_(in_assignment) {}

  std::string all() {
    tilde();
    while (i_ < word_.size()) {
      const char c = word_[i_];
      if (c == '\'') {
        const std::size_t end = find('\'', i_ + 1);
        text_ += word_.substr(i_ + 1, end - i_ - 1);
        i_ = end + 1;
      } else if (c == '"') {
        ++i_;
        double_quoted();
      } else if (c == '\\') {
        if (at(1) != '\n') text_ += at(1);
        i_ += 2;
      } else if (c == '$') {
        dollar(false);
      } else if (c == '`' || c == '(' || c == '<' || c == '>') {
        throw NeedsRunning{};
      } else {
        text_ += c;
        ++i_;
        if (c == ':' && in_assignment_) tilde();
      }
    }
    return std::move(text_);
  }

 private:
  char at(std::size_t ahead) const { return i_ + ahead < word_.size() ? word_[i_ + ahead] : '\0'; }

  std::size_t find(char c, std::size_t from) const {
    const std::size_t found = word_.find(c, from);
    if (found == std::string_view::npos) throw NeedsRunning{};
    return found;
  }

  void tilde() {
    if (at(0) != '~') return;
    const char after = at(1);
    if (after != '\0' && after != '/' && !(after == ':' && in_assignment_)) throw NeedsRunning{};  // ~user
    text_ += lookup_("HOME").value_or("~");
    ++i_;
  }

  void double_quoted() {
    while (i_ < word_.size() && word_[i_] != '"') {
      if (word_[i_] == '\\') {
        if (std::string_view("$`\"\\\n").find(at(1)) == std::string_view::npos) text_ += '\\';
        if (at(1) != '\n') text_ += at(1);
        i_ += 2;
      } else if (word_[i_] == '$') {
        dollar(true);
      } else if (word_[i_] == '`') {
        throw NeedsRunning{};
      } else {
        text_ += word_[i_++];
      }
    }
    ++i_;
  }

  void dollar(bool quoted) {
    if (!quoted && at(1) == '\'') {
      i_ += 2;
      return escaped_quotes();
    }
    if (!quoted && at(1) == '"') {
      i_ += 2;
      return double_quoted();
    }
    if (at(1) == '{') return braces();
    const std::size_t end = name_end(word_, i_ + 1);
    if (end == i_ + 1) {
      if (at(1) != '\0' && std::string_view("(@*#?-$!0123456789").find(at(1)) != std::string_view::npos)
        throw NeedsRunning{};
      text_ += '$';
      ++i_;
      return;
    }
    text_ += lookup_(std::string(word_.substr(i_ + 1, end - i_ - 1))).value_or("");
    i_ = end;
  }

  // "${NAME}" and what is usual behind the name: "-", ":-", "+" and ":+" with a word.
  void braces() {
    const std::size_t start = i_ + 2, end = name_end(word_, start);
    if (end == start) throw NeedsRunning{};
    const auto value = lookup_(std::string(word_.substr(start, end - start)));
    i_ = end;
    if (at(0) == '}') {
      text_ += value.value_or("");
      ++i_;
      return;
    }
    const bool colon = at(0) == ':';
    if (colon) ++i_;
    const char what = at(0);
    if (what != '-' && what != '+') throw NeedsRunning{};
    const std::size_t close = closing_brace(++i_);
    const bool has = value && !(colon && value->empty());
    const auto other =
        has == (what == '+') ? expanded(word_.substr(i_, close - i_), lookup_, false) : std::optional<std::string>("");
    if (!other) throw NeedsRunning{};
    text_ += what == '-' && has ? *value : *other;
    i_ = close + 1;
  }

  std::size_t closing_brace(std::size_t from) const {
    int depth = 1;
    for (std::size_t i = from; i < word_.size(); ++i) {
      if (word_[i] == '\\')
        ++i;
      else if (word_[i] == '\'' || word_[i] == '"')
        throw NeedsRunning{};
      else if (word_[i] == '{')
        ++depth;
      else if (word_[i] == '}' && --depth == 0)
        return i;
    }
    throw NeedsRunning{};
  }

  // $'...'
  void escaped_quotes() {
    for (; i_ < word_.size() && word_[i_] != '\''; ++i_) {
      if (word_[i_] != '\\') {
        text_ += word_[i_];
        continue;
      }
      ++i_;
      escape();
    }
    ++i_;
  }

  void escape() {
    static constexpr std::string_view letters = "abeEfnrtv\\'\"?", meanings = "\a\b\x1b\x1b\f\n\r\t\v\\'\"?";
    const char c = at(0);
    if (const auto known = letters.find(c); c != '\0' && known != std::string_view::npos) {
      text_ += meanings[known];
    } else if (c >= '0' && c <= '7') {
      text_ += static_cast<char>(number(8, 3));
    } else if (c == 'x') {
      ++i_;
      text_ += static_cast<char>(number(16, 2));
    } else if (c == 'u') {
      ++i_;
      put_utf8(text_, number(16, 4));
    } else {
      throw NeedsRunning{};
    }
  }

  // Leaves `i_` on the last digit.
  unsigned number(unsigned base, int most) {
    static constexpr std::string_view digits = "0123456789abcdef";
    unsigned value = 0;
    int taken = 0;
    for (; taken < most; ++taken) {
      const auto digit = digits.find(static_cast<char>(std::tolower(static_cast<unsigned char>(at(0)))));
      if (at(0) == '\0' || digit >= base) break;
      value = value * base + static_cast<unsigned>(digit);
      ++i_;
    }
    if (taken == 0 || value == 0) throw NeedsRunning{};
    --i_;
    return value;
  }

  std::string_view word_;
  const Lookup& lookup_;
  bool in_assignment_;
  std::size_t i_ = 0;
  std::string text_;
};

}  // namespace

bool is_name(std::string_view text) {
  return !text.empty() && name_end(text, 0) == text.size();
}

std::optional<Assignment> assignment(std::string_view word) {
  std::size_t end = name_end(word, 0);
  if (end == 0 || end >= word.size()) return std::nullopt;
  const bool appends = word[end] == '+';
  const std::string name(word.substr(0, end));
  if (appends) ++end;
  if (end >= word.size() || word[end] != '=') return std::nullopt;
  return Assignment{name, appends, end + 1};
}

std::optional<std::string> expanded(std::string_view word, const Lookup& lookup, bool in_assignment) {
  try {
    return Expander(word, lookup, in_assignment).all();
  } catch (const NeedsRunning&) {
    return std::nullopt;
  }
}

std::string for_double_quotes(std::string_view text) {
  std::string result;
  std::size_t i = 0;
  if (text == "~" || text.substr(0, 2) == "~/") {
    result = "$HOME";
    i = 1;
  }
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\' && i + 1 < text.size() && text[i + 1] == '$') {
      result += "\\$";
      ++i;
    } else if (c == '$') {
      const bool braces = i + 1 < text.size() && text[i + 1] == '{';
      const std::size_t start = i + (braces ? 2 : 1), end = name_end(text, start);
      const bool variable = end > start && (!braces || (end < text.size() && text[end] == '}'));
      result += variable ? "$" : "\\$";
    } else if (c == '"' || c == '\\' || c == '`') {
      result += '\\';
      result += c;
    } else {
      result += c;
    }
  }
  return result;
}

}  // namespace agent::bashrc_env
