#include <algorithm>
#include <cmath>

#include <agent/sdk/error.hpp>
#include <agent/template/objects.hpp>
#include <agent/template/printing.hpp>
#include <agent/template/unicode.hpp>
#include <agent/template/yaml_emitter.hpp>
#include <agent/template/yaml_scalar.hpp>

namespace agent::jinja {

namespace {

using View = std::u32string_view;

bool is_break(char32_t c) {
  return c == '\r' || c == '\n' || c == 0x85 || c == 0x2028 || c == 0x2029;
}
bool is_blank_or_end(View text, std::size_t i) {
  return i >= text.size() || text[i] == ' ' || text[i] == '\t' || is_break(text[i]) || text[i] == 0;
}
// As libyaml sees it: nothing beyond the basic plane, and no tab.
bool is_printable_yaml(char32_t c) {
  return c == 0x0a || (c >= 0x20 && c <= 0x7e) || c == 0x85
             ? c != 0x85
             : (c >= 0xa0 && c < 0xd800) || (c >= 0xe000 && c < 0xfffe && c != 0xfeff);
}

/// Which ways of writing a text are possible.
struct Analysis {
  bool multiline = false, flow_plain = true, block_plain = true, single_quoted = true;
};

struct Indicators {
  bool flow = false, block = false;
};

Indicators indicators_of(View text) {
  Indicators found;
  if (text.substr(0, 3) == U"---" || text.substr(0, 3) == U"...") found = {true, true};
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool followed = is_blank_or_end(text, i + 1), preceded = i == 0 || is_blank_or_end(text, i - 1);
    const char32_t c = text[i];
    const auto any = [&](View set) { return set.find(c) != set.npos; };
    if (i == 0) {
      if (any(U"#,[]{}&*!|>'\"%@`")) found = {true, true};
      if (any(U"?:")) found.flow = true, found.block = found.block || followed;
      if (c == '-' && followed) found = {true, true};
    } else {
      if (any(U",?[]{}")) found.flow = true;
      if (c == ':') found.flow = true, found.block = found.block || followed;
      if (c == '#' && preceded) found = {true, true};
    }
  }
  return found;
}

Analysis analysis_of(View text, bool unicode) {
  Analysis result;
  if (text.empty()) {
    result.flow_plain = false;
    return result;
  }
  bool special = false, space_break = false, break_space = false, before_space = false, before_break = false;
  for (const char32_t c : text) {
    if (!is_printable_yaml(c) || (c > 0x7e && !unicode)) special = true;
    if (c == ' ') {
      break_space = break_space || before_break;
      before_space = true, before_break = false;
    } else if (is_break(c)) {
      result.multiline = true;
      space_break = space_break || before_space;
      before_space = false, before_break = true;
    } else {
      before_space = before_break = false;
    }
  }
  const Indicators indicators = indicators_of(text);
  const auto at_edge = [](char32_t c) { return c == ' ' || is_break(c); };
  const bool never_plain =
      at_edge(text.front()) || at_edge(text.back()) || break_space || space_break || special || result.multiline;
  result.flow_plain = !never_plain && !indicators.flow;
  result.block_plain = !never_plain && !indicators.block;
  result.single_quoted = !break_space && !space_break && !special;
  return result;
}

std::string scalar_text(const Value& value) {
  switch (value.kind()) {
    case Kind::null:
      return "null";
    case Kind::boolean:
      return value.boolean() ? "true" : "false";
    case Kind::real: {
      const double number = value.real();
      if (std::isnan(number)) return ".nan";
      if (std::isinf(number)) return number < 0 ? "-.inf" : ".inf";
      std::string text = print(number);
      const std::size_t e = text.find('e');
      if (e != text.npos && text.find('.') == text.npos) text.insert(e, ".0");
      return text;
    }
    default:
      return print(value);
  }
}

class Emitter {
 public:
  Emitter(const YamlStyle& style, std::size_t max_size) : style_(style), max_size_(max_size) {
    best_indent_ = style.indent < 2 || style.indent > 9 ? 2 : style.indent;
    best_width_ = style.width >= 0 && style.width <= best_indent_ * 2 ? 80 : style.width < 0 ? INT32_MAX : style.width;
  }

  std::string document(const Value& value) {
    if (style_.explicit_start) {
      indicator("---", true, false, false);
      if (!is_scalar(value)) indent_line();
    }
    node(value, false, false);
    indent_line();
    if (style_.explicit_end) {
      indicator("...", true, false, false);
      indent_line();
    }
    return std::move(out_);
  }

 private:
  static bool is_scalar(const Value& value) { return !as_list(value) && !value.is_map(); }

  void put(char32_t c) {
    append_utf8(out_, c);
    ++column_;
    if (out_.size() > max_size_) throw Error("the result is too large");
  }
  void put_break(char32_t c = '\n') {
    append_utf8(out_, c);
    column_ = 0;
  }

  void indent_line() {
    const int indent = std::max(indent_, 0);
    if (!indention_ || column_ > indent || (column_ == indent && !whitespace_)) put_break();
    while (column_ < indent) put(' ');
    whitespace_ = indention_ = true;
  }

  void indicator(std::string_view text, bool need_whitespace, bool is_whitespace, bool is_indention) {
    if (need_whitespace && !whitespace_) put(' ');
    for (const char c : text) put(static_cast<unsigned char>(c));
    whitespace_ = is_whitespace;
    indention_ = indention_ && is_indention;
  }

  /// Deeper by one level, for as long as it lives.
  class Deeper {
   public:
    Deeper(Emitter& emitter, bool flow, bool indentless) : emitter_(emitter), old_(emitter.indent_) {
      if (++emitter.depth_ > 400) throw Error("the value is nested too deeply for YAML");
      if (emitter.indent_ < 0)
        emitter.indent_ = flow ? emitter.best_indent_ : 0;
      else if (!indentless)
        emitter.indent_ += emitter.best_indent_;
    }
    ~Deeper() {
      emitter_.indent_ = old_;
      --emitter_.depth_;
    }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;

   private:
    Emitter& emitter_;
    int old_;
  };

  bool in_flow(const Value& value) const {
    if (flow_level_ > 0 || style_.collections == YamlStyle::Collections::flow) return true;
    const List* items = as_list(value);
    if (items ? items->empty() : value.map().empty()) return true;
    if (style_.collections == YamlStyle::Collections::block) return false;
    if (items) return std::all_of(items->begin(), items->end(), is_scalar);
    return std::all_of(value.map().begin(), value.map().end(),
                       [](const Map::Entry& entry) { return is_scalar(entry.second); });
  }

  void node(const Value& value, bool in_mapping, bool simple_key) {
    if (const List* items = as_list(value))
      in_flow(value) ? flow_sequence(*items) : block_sequence(*items, in_mapping);
    else if (value.is_map())
      in_flow(value) ? flow_mapping(value.map()) : block_mapping(value.map());
    else
      scalar(value, simple_key);
  }

  std::vector<const Map::Entry*> entries(const Map& map) const {
    std::vector<const Map::Entry*> found;
    for (const auto& entry : map) found.push_back(&entry);
    if (style_.sort_keys)
      std::stable_sort(found.begin(), found.end(), [](const auto* a, const auto* b) { return a->first < b->first; });
    return found;
  }

  bool is_simple_key(const std::string& key) const {
    return key.size() <= 128 && !analysis_of(code_points(key), style_.unicode).multiline;
  }

  void flow_sequence(const List& items) {
    indicator("[", true, true, false);
    const Deeper deeper(*this, true, false);
    ++flow_level_;
    bool first = true;
    for (const Value& item : items) {
      if (!first) indicator(",", false, false, false);
      first = false;
      if (column_ > best_width_) indent_line();
      node(item, false, false);
    }
    --flow_level_;
    indicator("]", false, false, false);
  }

  void flow_mapping(const Map& map) {
    indicator("{", true, true, false);
    const Deeper deeper(*this, true, false);
    ++flow_level_;
    bool first = true;
    for (const auto* entry : entries(map)) {
      if (!first) indicator(",", false, false, false);
      first = false;
      if (column_ > best_width_) indent_line();
      if (is_simple_key(entry->first)) {
        node(Value(entry->first), true, true);
        indicator(":", false, false, false);
      } else {
        indicator("?", true, false, false);
        node(Value(entry->first), true, false);
        if (column_ > best_width_) indent_line();
        indicator(":", true, false, false);
      }
      node(entry->second, true, false);
    }
    --flow_level_;
    indicator("}", false, false, false);
  }

  void block_sequence(const List& items, bool in_mapping) {
    const Deeper deeper(*this, false, in_mapping && !indention_);
    for (const Value& item : items) {
      indent_line();
      indicator("-", true, false, true);
      node(item, false, false);
    }
  }

  void block_mapping(const Map& map) {
    const Deeper deeper(*this, false, false);
    for (const auto* entry : entries(map)) {
      indent_line();
      if (is_simple_key(entry->first)) {
        node(Value(entry->first), true, true);
        indicator(":", false, false, false);
      } else {
        indicator("?", true, false, true);
        node(Value(entry->first), true, false);
        indent_line();
        indicator(":", true, false, true);
      }
      node(entry->second, true, false);
    }
  }

  void scalar(const Value& value, bool simple_key) {
    const std::string text = scalar_text(value);
    const CodePoints points = code_points(text);
    const bool is_text = value.is_string() || value.is_object();
    const Analysis analysis = analysis_of(points, style_.unicode);
    const Deeper deeper(*this, true, false);
    const bool plain = !(simple_key && analysis.multiline) &&
                       (flow_level_ > 0 ? analysis.flow_plain : analysis.block_plain) &&
                       !(points.empty() && (flow_level_ > 0 || simple_key)) && (!is_text || yaml_reads_as_text(text));
    if (plain)
      write_plain(points, !simple_key);
    else if (analysis.single_quoted && !(simple_key && analysis.multiline))
      write_single_quoted(points, !simple_key);
    else
      write_double_quoted(points, !simple_key);
  }

  void write_plain(View text, bool may_break) {
    if (!whitespace_ && (!text.empty() || flow_level_ > 0)) put(' ');
    bool spaces = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == ' ') {
        if (may_break && !spaces && column_ > best_width_ && !(i + 1 < text.size() && text[i + 1] == ' '))
          indent_line();
        else
          put(' ');
        spaces = true;
        continue;
      }
      put(text[i]);
      indention_ = spaces = false;
    }
    whitespace_ = indention_ = false;
  }

  void write_single_quoted(View text, bool may_break) {
    indicator("'", true, false, false);
    bool spaces = false, breaks = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == ' ') {
        const bool inside = i != 0 && i + 1 != text.size();
        if (may_break && !spaces && column_ > best_width_ && inside && text[i + 1] != ' ')
          indent_line();
        else
          put(' ');
        spaces = true;
      } else if (is_break(text[i])) {
        if (!breaks && text[i] == '\n') put_break();
        put_break(text[i]);
        indention_ = breaks = true;
      } else {
        if (breaks) indent_line();
        if (text[i] == '\'') put('\'');
        put(text[i]);
        indention_ = spaces = breaks = false;
      }
    }
    if (breaks) indent_line();
    indicator("'", false, false, false);
    whitespace_ = indention_ = false;
  }

  void write_double_quoted(View text, bool may_break) {
    indicator("\"", true, false, false);
    bool spaces = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const char32_t c = text[i];
      if (!is_printable_yaml(c) || (!style_.unicode && c > 0x7e) || is_break(c) || c == '"' || c == '\\') {
        escape(c);
        spaces = false;
      } else if (c == ' ') {
        if (may_break && !spaces && column_ > best_width_ && i != 0 && i + 1 != text.size()) {
          indent_line();
          if (text[i + 1] == ' ') put('\\');
        } else {
          put(' ');
        }
        spaces = true;
      } else {
        put(c);
        spaces = false;
      }
    }
    indicator("\"", false, false, false);
    whitespace_ = indention_ = false;
  }

  void escape(char32_t c) {
    put('\\');
    constexpr std::pair<char32_t, char> known[] = {
        {0, '0'},    {7, 'a'},   {8, 'b'},     {9, 't'},    {0x0a, 'n'}, {0x0b, 'v'},   {0x0c, 'f'},  {0x0d, 'r'},
        {0x1b, 'e'}, {'"', '"'}, {'\\', '\\'}, {0x85, 'N'}, {0xa0, '_'}, {0x2028, 'L'}, {0x2029, 'P'}};
    for (const auto& [point, letter] : known)
      if (c == point) return put(static_cast<unsigned char>(letter));
    const int width = c < 0x100 ? 2 : c < 0x10000 ? 4 : 8;
    put(width == 2 ? 'x' : width == 4 ? 'u' : 'U');
    for (int i = width - 1; i >= 0; --i) put(static_cast<unsigned char>("0123456789ABCDEF"[c >> (4 * i) & 15]));
  }

  const YamlStyle& style_;
  std::size_t max_size_;
  std::string out_;
  int best_indent_ = 2, best_width_ = 80, indent_ = -1, column_ = 0, flow_level_ = 0, depth_ = 0;
  bool whitespace_ = true, indention_ = true;
};

}  // namespace

std::string to_yaml(const Value& value, const YamlStyle& style, std::size_t max_size) {
  return Emitter(style, max_size).document(value);
}

}  // namespace agent::jinja
