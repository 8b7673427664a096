// The Python methods of text.
#include <algorithm>

#include <agent/template/base64.hpp>
#include <agent/template/coerce.hpp>
#include <agent/template/compare.hpp>
#include <agent/template/formatting.hpp>
#include <agent/template/printing.hpp>
#include <agent/template/registry.hpp>
#include <agent/template/unicode.hpp>

namespace agent::jinja {

namespace {

const std::string& need_text(const Bound& arguments, std::size_t i) {
  if (!arguments[i].is_string()) throw Error("expected text, found " + std::string(kind_name(arguments[i])));
  return arguments[i].string();
}

Value split_(Context&, const Value& self, const Bound& arguments) {
  const auto limit = static_cast<long>(arguments.integer(1, -1));
  if (!arguments.has(0) || arguments[0].is_null()) return Value(split(self.string(), limit));
  if (need_text(arguments, 0).empty()) throw Error("the separator to split at is empty");
  return Value(split(self.string(), need_text(arguments, 0), limit));
}

// From the right; without a limit the same as from the left.
Value rsplit(Context& context, const Value& self, const Bound& arguments) {
  const auto limit = arguments.integer(1, -1);
  if (limit < 0) return split_(context, self, arguments);
  const auto reversed = [](std::string_view text) {
    CodePoints points = code_points(text);
    std::reverse(points.begin(), points.end());
    return utf8(points);
  };
  const std::string text = reversed(self.string());
  Strings parts = !arguments.has(0) || arguments[0].is_null()
                      ? split(text, static_cast<long>(limit))
                      : split(text, reversed(need_text(arguments, 0)), static_cast<long>(limit));
  std::reverse(parts.begin(), parts.end());
  for (std::string& part : parts) part = reversed(part);
  return Value(parts);
}

template <bool left, bool right>
Value strip_(Context&, const Value& self, const Bound& arguments) {
  if (!arguments.has(0) || arguments[0].is_null()) return strip(self.string(), left, right);
  return strip(self.string(), need_text(arguments, 0), left, right);
}

bool has_affix(const std::string& text, const Value& affix, bool at_end) {
  if (const List* several = as_list(affix))
    return std::any_of(several->begin(), several->end(),
                       [&](const Value& one) { return has_affix(text, one, at_end); });
  if (!affix.is_string()) throw Error("expected text, found " + std::string(kind_name(affix)));
  const std::string_view view = text;
  return at_end ? view.ends_with(affix.string()) : view.starts_with(affix.string());
}

// The part of `self` that the optional start and end arguments leave.
std::string part(const Value& self, const Bound& arguments) {
  if (!arguments.has(1) && !arguments.has(2)) return self.string();
  const auto size = static_cast<std::int64_t>(character_count(self.string()));
  const auto bound = [&](std::size_t i, std::int64_t otherwise) {
    std::int64_t at = arguments.integer(i, otherwise);
    if (at < 0) at = std::max<std::int64_t>(0, at + size);
    return static_cast<std::size_t>(std::min(at, size));
  };
  const std::size_t from = bound(1, 0), to = std::max(from, bound(2, size));
  const std::size_t begin = byte_of_character(self.string(), from), end = byte_of_character(self.string(), to);
  return self.string().substr(begin, end - begin);
}

Value starts_with(Context&, const Value& self, const Bound& arguments) {
  return has_affix(part(self, arguments), arguments[0], false);
}
Value ends_with(Context&, const Value& self, const Bound& arguments) {
  return has_affix(part(self, arguments), arguments[0], true);
}

std::int64_t position(const Value& self, const Bound& arguments, bool last) {
  const std::string text = part(self, arguments);
  const std::size_t at = last ? text.rfind(need_text(arguments, 0)) : text.find(need_text(arguments, 0));
  if (at == text.npos) return -1;
  std::int64_t start = arguments.integer(1, 0);
  if (start < 0) start = std::max<std::int64_t>(0, start + static_cast<std::int64_t>(character_count(self.string())));
  return start + static_cast<std::int64_t>(character_count(std::string_view(text).substr(0, at)));
}

Value find(Context&, const Value& self, const Bound& arguments) {
  return position(self, arguments, false);
}
Value rfind(Context&, const Value& self, const Bound& arguments) {
  return position(self, arguments, true);
}
Value index(Context&, const Value& self, const Bound& arguments) {
  const auto at = position(self, arguments, false);
  if (at < 0) throw Error("there is no " + repr(arguments[0]) + " in " + repr(self));
  return at;
}

Value count(Context&, const Value& self, const Bound& arguments) {
  const std::string text = part(self, arguments);
  const std::string& wanted = need_text(arguments, 0);
  if (wanted.empty()) return character_count(text) + 1;
  return split(text, wanted).size() - 1;
}

Value replace(Context& context, const Value& self, const Bound& arguments) {
  const std::string &from = need_text(arguments, 0), &to = need_text(arguments, 1);
  const std::size_t pieces = from.empty() ? self.string().size() + 1 : self.string().size() / from.size() + 1;
  if (to.size() > context.max_output() / pieces) throw Error("the result is too large");
  return replace_all(self.string(), from, to, static_cast<long>(arguments.integer(2, -1)));
}

Value join(Context& context, const Value& self, const Bound& arguments) {
  std::string text;
  bool is_first = true;
  for (const Value& item : items_of(arguments[0])) {
    if (item.is_unknown()) return item;
    if (!item.is_string())
      throw Error("'join' needs text, and there is " + std::string(kind_name(item)) + " in the list")
          .hint("'| join' takes anything");
    if (!is_first) text += self.string();
    is_first = false;
    text += item.string();
    if (text.size() > context.max_output()) throw Error("the result is too large");
  }
  return text;
}

Value upper_(Context&, const Value& self, const Bound&) {
  return upper(self.string());
}
Value lower_(Context&, const Value& self, const Bound&) {
  return lower(self.string());
}
Value capitalize_(Context&, const Value& self, const Bound&) {
  return capitalize(self.string());
}

// A word begins after whatever is no letter.
Value title(Context&, const Value& self, const Bound&) {
  CodePoints points = code_points(self.string());
  bool inside = false;
  for (char32_t& point : points) {
    const bool letter = is_alpha(point);
    point = inside ? to_lower(point) : to_upper(point);
    inside = letter;
  }
  return utf8(points);
}

Value swap_case(Context&, const Value& self, const Bound&) {
  CodePoints points = code_points(self.string());
  for (char32_t& point : points) point = to_lower(point) != point ? to_lower(point) : to_upper(point);
  return utf8(points);
}

Value lines(Context&, const Value& self, const Bound& arguments) {
  return Value(split_lines(self.string(), arguments.flag(0)));
}

Value format(Context& context, const Value& self, const Bound& arguments) {
  return brace_format(context, self.string(), arguments.rest(), arguments.named_rest());
}

template <bool (*holds)(char32_t)>
Value all_are(Context&, const Value& self, const Bound&) {
  const CodePoints points = code_points(self.string());
  return !points.empty() && std::all_of(points.begin(), points.end(), holds);
}
bool is_alphanumeric(char32_t point) {
  return is_alpha(point) || is_digit(point);
}

template <bool wants_upper>
Value all_cased(Context&, const Value& self, const Bound&) {
  bool letters = false;
  for (const char32_t point : code_points(self.string())) {
    const bool up = to_lower(point) != point, down = to_upper(point) != point;
    if (wants_upper ? down && !up : up) return false;
    letters = letters || up || down;
  }
  return letters;
}

Value fill_zeros(Context& context, const Value& self, const Bound& arguments) {
  const auto width = arguments.integer(0, 0);
  if (width > static_cast<std::int64_t>(context.max_output())) throw Error("the result is too large");
  std::string text = self.string();
  const auto size = static_cast<std::int64_t>(character_count(text));
  if (size >= width) return text;
  const bool is_signed = !text.empty() && (text.front() == '-' || text.front() == '+');
  text.insert(is_signed ? 1 : 0, static_cast<std::size_t>(width - size), '0');
  return text;
}

enum class Side { left, right, both };
template <Side side>
Value pad(Context& context, const Value& self, const Bound& arguments) {
  const auto width = arguments.integer(0, 0);
  if (width > static_cast<std::int64_t>(context.max_output())) throw Error("the result is too large");
  const std::string fill = arguments.text(1, " ");
  if (character_count(fill) != 1) throw Error("what text is filled up with has to be one character");
  return padded(self.string(), width, fill, side == Side::left ? '>' : side == Side::right ? '<' : 'c');
}

template <bool from_end>
Value partition(Context&, const Value& self, const Bound& arguments) {
  const std::string &text = self.string(), &separator = need_text(arguments, 0);
  if (separator.empty()) throw Error("the separator is empty");
  const std::size_t at = from_end ? text.rfind(separator) : text.find(separator);
  if (at == text.npos) return from_end ? tuple({"", "", text}) : tuple({text, "", ""});
  return tuple({text.substr(0, at), separator, text.substr(at + separator.size())});
}

Value remove_prefix(Context&, const Value& self, const Bound& arguments) {
  const std::string& prefix = need_text(arguments, 0);
  return std::string_view(self.string()).starts_with(prefix) ? self.string().substr(prefix.size()) : self.string();
}
Value remove_suffix(Context&, const Value& self, const Bound& arguments) {
  const std::string &suffix = need_text(arguments, 0), &text = self.string();
  return !suffix.empty() && std::string_view(text).ends_with(suffix) ? text.substr(0, text.size() - suffix.size())
                                                                     : text;
}

Value encode(Context&, const Value& self, const Bound& arguments) {
  return encoded(self.string(), arguments.text(0, "utf-8"));
}
Value decode(Context&, const Value& self, const Bound& arguments) {
  return decoded(self.string(), arguments.text(0, "utf-8"));
}

}  // namespace

const Filters& text_methods() {
  static const Filters methods = {{"split", "sep=, maxsplit=", split_},
                                  {"rsplit", "sep=, maxsplit=", rsplit},
                                  {"strip", "chars=", strip_<true, true>},
                                  {"lstrip", "chars=", strip_<true, false>},
                                  {"rstrip", "chars=", strip_<false, true>},
                                  {"startswith", "prefix, start=, end=", starts_with},
                                  {"endswith", "suffix, start=, end=", ends_with},
                                  {"find", "sub, start=, end=", find},
                                  {"rfind", "sub, start=, end=", rfind},
                                  {"index", "sub, start=, end=", index},
                                  {"count", "sub, start=, end=", count},
                                  {"replace", "old, new, count=", replace},
                                  {"join", "iterable", join},
                                  {"upper", "", upper_},
                                  {"lower", "", lower_},
                                  {"casefold", "", lower_},
                                  {"capitalize", "", capitalize_},
                                  {"title", "", title},
                                  {"swapcase", "", swap_case},
                                  {"splitlines", "keepends=", lines},
                                  {"format", "*, **", format},
                                  {"isdigit", "", all_are<is_digit>},
                                  {"isdecimal", "", all_are<is_digit>},
                                  {"isnumeric", "", all_are<is_digit>},
                                  {"isalpha", "", all_are<is_alpha>},
                                  {"isalnum", "", all_are<is_alphanumeric>},
                                  {"isspace", "", all_are<is_space>},
                                  {"isupper", "", all_cased<true>},
                                  {"islower", "", all_cased<false>},
                                  {"zfill", "width", fill_zeros},
                                  {"center", "width, fillchar=", pad<Side::both>},
                                  {"ljust", "width, fillchar=", pad<Side::right>},
                                  {"rjust", "width, fillchar=", pad<Side::left>},
                                  {"partition", "sep", partition<false>},
                                  {"rpartition", "sep", partition<true>},
                                  {"removeprefix", "prefix", remove_prefix},
                                  {"removesuffix", "suffix", remove_suffix},
                                  {"encode", "encoding=", encode},
                                  {"decode", "encoding=", decode}};
  return methods;
}

}  // namespace agent::jinja
