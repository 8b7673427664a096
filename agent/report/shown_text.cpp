#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>

#include <agent/report/shown_text.hpp>
#include <agent/sdk/real_number.hpp>

namespace agent::report {
namespace {

struct Character {
  std::uint32_t code;
  std::size_t length;  // 0: not UTF-8
};

Character decode(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  if (first < 0x80) return {first, 1};
  const std::size_t length = first >= 0xF0 && first < 0xF5 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 0;
  if (length == 0 || first >= 0xF5 || text.size() < length) return {first, 0};
  std::uint32_t code = first & (0xFFu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0u) != 0x80u) return {first, 0};
    code = (code << 6) | (byte(i) & 0x3Fu);
  }
  static constexpr std::array<std::uint32_t, 5> least = {0, 0, 0x80, 0x800, 0x10000};
  if (code < least[length] || (code >= 0xD800 && code < 0xE000) || code > 0x10FFFF) return {first, 0};
  return {code, length};
}

/// C0, DEL and C1 controls, line and paragraph separators, and what turns the direction of writing.
bool is_harmful(std::uint32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x61C || (c >= 0x200E && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

std::string escape(std::uint32_t code, bool json) {
  std::array<char, 12> out{};
  if (code < 0x100 && !json)
    std::snprintf(out.data(), out.size(), "\\x%02x", code);
  else
    std::snprintf(out.data(), out.size(), "\\u%04x", code);
  return out.data();
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const auto [code, length] = decode(text);
    if (length == 0) {
      out += "\\ufffd";
      text.remove_prefix(1);
      continue;
    }
    switch (code) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      default:
        if (is_harmful(code))
          out += escape(code, true);
        else
          out.append(text.substr(0, length));
    }
    text.remove_prefix(length);
  }
  out += '"';
}

std::string number_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  const std::string text = shortest_text(value);
  return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

class JsonWriter {
 public:
  explicit JsonWriter(int indent) : indent_(indent) {}
  std::string write(const Value& value, int level) {
    put(value, level);
    return std::move(out_);
  }

 private:
  void put(const Value& value, int level) {
    switch (value.kind()) {
      case Kind::null:
        out_ += "null";
        break;
      case Kind::boolean:
        out_ += value.boolean() ? "true" : "false";
        break;
      case Kind::integer:
        out_ += std::to_string(value.integer());
        break;
      case Kind::real:
        out_ += number_text(value.real());
        break;
      case Kind::string:
        append_quoted(out_, value.string());
        break;
      case Kind::list:
        put_list(value.list(), level);
        break;
      case Kind::map:
        put_map(value.map(), level);
        break;
      case Kind::unknown:
        out_ += Value(value).json();  // a quoted text already
        break;
      case Kind::object:
        append_quoted(out_, "<" + std::string(value.object()->what()) + ">");
        break;
    }
  }
  void put_list(const List& list, int level) {
    if (list.empty()) {
      out_ += "[]";
      return;
    }
    out_ += '[';
    for (std::size_t i = 0; i < list.size(); ++i) {
      separate(i == 0, level + 1);
      put(list[i], level + 1);
    }
    close(level, ']');
  }
  void put_map(const Map& map, int level) {
    if (map.empty()) {
      out_ += "{}";
      return;
    }
    std::vector<const Map::Entry*> entries;
    for (const auto& entry : map) entries.push_back(&entry);
    std::sort(entries.begin(), entries.end(), [](auto* a, auto* b) { return a->first < b->first; });
    out_ += '{';
    for (std::size_t i = 0; i < entries.size(); ++i) {
      separate(i == 0, level + 1);
      append_quoted(out_, entries[i]->first);
      out_ += ": ";
      put(entries[i]->second, level + 1);
    }
    close(level, '}');
  }
  void separate(bool first, int level) {
    if (!first) out_ += indent_ > 0 ? "," : ", ";
    line(level);
  }
  void close(int level, char bracket) {
    line(level);
    out_ += bracket;
  }
  void line(int level) {
    if (indent_ == 0) return;
    out_ += '\n';
    out_.append(static_cast<std::size_t>(indent_) * static_cast<std::size_t>(level), ' ');
  }
  int indent_;
  std::string out_;
};

}  // namespace

std::string shown(std::string_view text, bool lines) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto [code, length] = decode(text);
    if (length == 0) {
      out += escape(static_cast<unsigned char>(text[0]), false);
      text.remove_prefix(1);
      continue;
    }
    if (is_harmful(code) && !(lines && (code == '\n' || code == '\t')))
      out += code == '\n' ? "\\n" : code == '\t' ? "\\t" : escape(code, false);
    else
      out.append(text.substr(0, length));
    text.remove_prefix(length);
  }
  return out;
}

std::string json_shown(const Value& value, int indent, int level) {
  return JsonWriter(indent).write(value, level);
}

std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0u) != 0x80u; }));
}

}  // namespace agent::report
