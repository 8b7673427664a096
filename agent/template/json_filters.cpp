// JSON, written as Python's json module writes it.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include <agent/sdk/codec.hpp>
#include <agent/template/coerce.hpp>
#include <agent/template/compare.hpp>
#include <agent/template/printing.hpp>
#include <agent/template/registry.hpp>
#include <agent/template/unicode.hpp>

namespace agent::jinja {

namespace {

struct Style {
  std::optional<std::string> indent;  ///< of one level
  std::string comma = ", ", colon = ": ";
  bool sorted = false, ascii = true;
};

class Writer {
 public:
  Writer(const Style& style, std::size_t max_size) : style_(style), max_size_(max_size) {}

  void write(const Value& value, int depth) {
    if (depth > 500) throw Error("the value is nested too deeply for JSON");
    if (out.size() > max_size_) throw Error("the result is too large");
    if (value.is_null())
      out += "null";
    else if (value.is_boolean())
      out += value.boolean() ? "true" : "false";
    else if (value.is_real())
      real(value.real());
    else if (value.is_string())
      text(value.string());
    else if (const List* items = as_list(value))
      list(*items, depth);
    else if (value.is_map())
      map(value.map(), depth);
    else if (value.is_object())
      text(print(value));
    else
      out += print(value);
  }

  std::string out;

 private:
  void real(double number) {
    if (std::isnan(number))
      out += "NaN";
    else if (std::isinf(number))
      out += number < 0 ? "-Infinity" : "Infinity";
    else
      out += print(number);
  }

  void unit(char32_t code) {
    char buffer[16];
    std::snprintf(buffer, sizeof buffer, "\\u%04x", static_cast<unsigned>(code));
    out += buffer;
  }

  void text(const std::string& value) {
    out += '"';
    for (const char32_t point : code_points(value)) {
      if (point == '"' || point == '\\')
        out += '\\', out += static_cast<char>(point);
      else if (point == '\n')
        out += "\\n";
      else if (point == '\r')
        out += "\\r";
      else if (point == '\t')
        out += "\\t";
      else if (point == '\b')
        out += "\\b";
      else if (point == '\f')
        out += "\\f";
      else if (point < 0x20 || (style_.ascii && point > 0x7e && point < 0x10000))
        point == 0x7f ? append_utf8(out, point) : unit(point);
      else if (style_.ascii && point >= 0x10000)
        unit(0xd800 + ((point - 0x10000) >> 10)), unit(0xdc00 + ((point - 0x10000) & 0x3ff));
      else
        append_utf8(out, point);
    }
    out += '"';
  }

  void line(int depth) {
    if (!style_.indent) return;
    out += '\n';
    for (int i = 0; i < depth; ++i) out += *style_.indent;
  }

  void list(const List& items, int depth) {
    if (items.empty()) {
      out += "[]";
      return;
    }
    out += '[';
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (i > 0) out += style_.comma;
      line(depth + 1);
      write(items[i], depth + 1);
    }
    line(depth);
    out += ']';
  }

  void map(const Map& members, int depth) {
    if (members.empty()) {
      out += "{}";
      return;
    }
    std::vector<const Map::Entry*> entries;
    for (const auto& entry : members) entries.push_back(&entry);
    if (style_.sorted)
      std::stable_sort(entries.begin(), entries.end(),
                       [](const auto* a, const auto* b) { return a->first < b->first; });
    out += '{';
    bool first = true;
    for (const auto* entry : entries) {
      if (!first) out += style_.comma;
      first = false;
      line(depth + 1);
      text(entry->first);
      out += style_.colon;
      write(entry->second, depth + 1);
    }
    line(depth);
    out += '}';
  }

  const Style& style_;
  std::size_t max_size_;
};

void set_indent(Style& style, const Value& value) {
  if (value.is_null()) return style.indent.reset();
  if (value.is_string()) {
    style.indent = value.string();
  } else {
    const double width = number_of(value);
    if (width > 1000) throw Error("'indent' is too large");
    style.indent = std::string(static_cast<std::size_t>(std::max(width, 0.0)), ' ');
  }
}

// What json.dumps takes by name.
Style style_of(Style style, const Bound& arguments) {
  bool separators = false;
  for (const auto& [name, value] : arguments.named_rest()) {
    if (name == "indent") {
      set_indent(style, value);
    } else if (name == "sort_keys") {
      style.sorted = truth(value);
    } else if (name == "ensure_ascii") {
      style.ascii = truth(value);
    } else if (name == "separators") {
      const List pair = items_of(value);
      if (pair.size() != 2) throw Error("'separators' needs two texts");
      style.comma = print(pair[0]);
      style.colon = print(pair[1]);
      separators = true;
    } else if (name != "skipkeys" && name != "vault_to_text" && name != "preprocess_unsafe" && name != "allow_nan" &&
               name != "default") {
      throw Error("JSON filters have no argument '" + name + "'")
          .hint("they take indent, sort_keys, ensure_ascii and separators");
    }
  }
  if (style.indent && !separators) style.comma = ",";
  return style;
}

Value written(Context& context, const Value& input, const Style& style) {
  Writer writer(style, context.max_output());
  writer.write(input, 0);
  return std::move(writer.out);
}

Value to_json(Context& context, const Value& input, const Bound& arguments) {
  return written(context, input, style_of({}, arguments));
}

Value to_nice_json(Context& context, const Value& input, const Bound& arguments) {
  Style style;
  style.indent = "    ";
  style.sorted = true;
  if (!arguments.rest().empty()) set_indent(style, arguments.rest().front());
  if (arguments.rest().size() > 1) style.sorted = truth(arguments.rest()[1]);
  return written(context, input, style_of(style, arguments));
}

// Jinja's own: safe inside HTML.
Value html_json(Context& context, const Value& input, const Bound& arguments) {
  Style style;
  style.sorted = true;
  if (arguments.has(0)) set_indent(style, arguments[0]);
  if (style.indent) style.comma = ",";
  std::string text = written(context, input, style).string();
  for (const auto& [from, to] : {std::pair("<", "\\u003c"), {">", "\\u003e"}, {"&", "\\u0026"}, {"'", "\\u0027"}})
    text = replace_all(text, from, to);
  return text;
}

Value from_json(Context&, const Value& input, const Bound&) {
  if (!input.is_string()) throw Error("expected JSON text, found " + std::string(kind_name(input)));
  try {
    return parse_json(input.string());
  } catch (const Error& error) {
    throw Error(error.message());
  }
}

Value pretty(Context&, const Value& input, const Bound&) {
  return repr(input);
}

}  // namespace

const Filters& json_filters() {
  static const Filters filters = {{"to_json", "*, **", to_json},
                                  {"to_nice_json", "*, **", to_nice_json},
                                  {"tojson", "indent=", html_json},
                                  {"from_json", "**", from_json},
                                  {"pprint", "", pretty}};
  return filters;
}

}  // namespace agent::jinja
