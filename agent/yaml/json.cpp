#include <charconv>
#include <cstdint>
#include <limits>
#include <string>

#include <agent/sdk/real_number.hpp>
#include <agent/yaml/builder.hpp>
#include <agent/yaml/json.hpp>

namespace agent::yaml {
namespace {

/// Nothing but a signal to try YAML instead.
struct NotJson {};

/// JSON is read by itself because YAML 1.1 reads it differently (`1e5`, surrogate pairs), and because inventories of
/// many hosts come as JSON.
class Reader {
 public:
  Reader(const Source& source, Builder& builder) : text_(source.text()), source_(source), builder_(builder) {}

  void document() {
    value();
    space();
    if (at_ != text_.size()) throw NotJson{};
  }

 private:
  void space() {
    for (; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\n')
        ++line_, line_start_ = at_ + 1;
      else if (text_[at_] != ' ' && text_[at_] != '\t' && text_[at_] != '\r')
        return;
    }
  }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void expect(char c) {
    if (peek() != c) throw NotJson{};
    ++at_;
  }
  Where here() const { return source_.place(line_, static_cast<int>(at_ - line_start_)); }

  void value() {
    space();
    const Where where = here();
    switch (peek()) {
      case '{':
        return object(where);
      case '[':
        return array(where);
      case '"':
        return text();
      case 't':
        return word(where, "true", true);
      case 'f':
        return word(where, "false", false);
      case 'n':
        return word(where, "null", {});
      default:
        return number(where);
    }
  }
  void text() {
    const Where behind_the_quote = source_.place(line_, static_cast<int>(at_ + 1 - line_start_));
    builder_.scalar(behind_the_quote, {}, 0, string(), Builder::Style::quoted);
  }

  void object(const Where& where) {
    builder_.begin_map(where, {}, 0);
    ++at_, space();
    for (bool first = true; peek() != '}'; first = false) {
      if (!first) expect(','), space();
      const Where key = here();
      builder_.scalar(key, {}, 0, string(), Builder::Style::quoted);
      space(), expect(':'), value(), space();
    }
    ++at_, builder_.end();
  }
  void array(const Where& where) {
    builder_.begin_list(where, {}, 0);
    ++at_, space();
    for (bool first = true; peek() != ']'; first = false) {
      if (!first) expect(',');
      value(), space();
    }
    ++at_, builder_.end();
  }
  void word(const Where& where, std::string_view expected, Value meaning) {
    if (text_.substr(at_, expected.size()) != expected) throw NotJson{};
    at_ += expected.size();
    builder_.value(where, std::move(meaning));
  }
  void digits() {
    if (peek() < '0' || peek() > '9') throw NotJson{};
    while (peek() >= '0' && peek() <= '9') ++at_;
  }
  void number(const Where& where) {
    const std::size_t begin = at_;
    bool whole = true;
    if (peek() == '-') ++at_;
    if (peek() == '0')
      ++at_;
    else
      digits();
    if (peek() == '.') ++at_, whole = false, digits();
    if (peek() == 'e' || peek() == 'E') {
      ++at_, whole = false;
      if (peek() == '+' || peek() == '-') ++at_;
      digits();
    }
    const std::string_view text = text_.substr(begin, at_ - begin);
    std::int64_t integer = 0;
    if (whole && std::from_chars(text.data(), text.data() + text.size(), integer).ec == std::errc{})
      return builder_.value(where, integer);
    if (const auto real = whole ? std::nullopt : real_number(text)) return builder_.value(where, *real);
    builder_.value(where, std::string(text));  // beyond 64 bits: the digits are kept
  }

  std::uint32_t hex4() {
    std::uint32_t code = 0;
    const std::string_view text = text_.substr(at_, 4);
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), code, 16);
    if (failure != std::errc{} || end != text.data() + 4) throw NotJson{};
    at_ += 4;
    return code;
  }
  void escape(std::string& out) {
    const char c = peek();
    ++at_;
    switch (c) {
      case '"':
      case '\\':
      case '/':
        out += c;
        return;
      case 'b':
        out += '\b';
        return;
      case 'f':
        out += '\f';
        return;
      case 'n':
        out += '\n';
        return;
      case 'r':
        out += '\r';
        return;
      case 't':
        out += '\t';
        return;
      case 'u':
        return append(out, code_point());
      default:
        throw NotJson{};
    }
  }
  std::uint32_t code_point() {
    const std::uint32_t high = hex4();
    if (high < 0xD800 || high > 0xDFFF) return high;
    if (high > 0xDBFF || text_.substr(at_, 2) != "\\u") return 0xFFFD;  // half a pair is no character
    at_ += 2;
    const std::uint32_t low = hex4();
    return low < 0xDC00 || low > 0xDFFF ? 0xFFFD : 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
  }
  static void append(std::string& out, std::uint32_t code) {
    const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
    if (code < 0x80) return put(code);
    if (code < 0x800) return put(0xC0 | code >> 6), put(0x80 | (code & 0x3F));
    if (code < 0x10000) return put(0xE0 | code >> 12), put(0x80 | (code >> 6 & 0x3F)), put(0x80 | (code & 0x3F));
    put(0xF0 | code >> 18), put(0x80 | (code >> 12 & 0x3F)), put(0x80 | (code >> 6 & 0x3F)), put(0x80 | (code & 0x3F));
  }
  std::string string() {
    expect('"');
    std::string out;
    while (true) {
      const std::size_t stop = text_.find_first_of("\"\\\n", at_);
      if (stop == text_.npos || text_[stop] == '\n') throw NotJson{};
      out.append(text_, at_, stop - at_);
      at_ = stop + 1;
      if (text_[stop] == '"') return out;
      escape(out);
    }
  }

  std::string_view text_;
  const Source& source_;
  Builder& builder_;
  std::size_t at_ = 0;
  int line_ = 0;
  std::size_t line_start_ = 0;
};

}  // namespace

std::optional<Document> read_json(const Source& source, const Options& options) {
  const std::size_t first = source.text().find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || (source.text()[first] != '{' && source.text()[first] != '[')) return {};
  Builder builder(source, options);
  try {
    Reader(source, builder).document();
    return builder.take();
  } catch (const NotJson&) {
    return {};
  }
}

}  // namespace agent::yaml
