#include <agent/template/coerce.hpp>
#include <agent/template/compare.hpp>
#include <agent/template/printing.hpp>
#include <agent/template/registry.hpp>
#include <agent/template/unicode.hpp>

namespace agent::jinja {

std::string text_of(const Value& value) {
  return print(value);
}

List items_of(const Value& value) {
  if (const Undefined* missing = as_undefined(value)) throw UndefinedError(missing->error());
  if (value.is_unknown()) throw Unknown(value.reasons());
  if (auto items = iterated(value)) return *std::move(items);
  throw Error("expected a list, found " + std::string(kind_name(value)));
}

const Map& map_of(const Value& value) {
  if (const Undefined* missing = as_undefined(value)) throw UndefinedError(missing->error());
  if (value.is_unknown()) throw Unknown(value.reasons());
  if (!value.is_map()) throw Error("expected a mapping, found " + std::string(kind_name(value)));
  return value.map();
}

double number_of(const Value& value) {
  if (const Undefined* missing = as_undefined(value)) throw UndefinedError(missing->error());
  if (value.is_unknown()) throw Unknown(value.reasons());
  const auto found = number(value);
  if (!found)
    throw Error("expected a number, found " + std::string(kind_name(value)))
        .hint("'| int' or '| float' makes a number of text");
  return *found;
}

Value attribute_path(Context& context, const Value& value, const Value& path) {
  if (is_whole(path)) return context.item(value, path);
  Value found = value;
  for (const std::string& part : split(print(path), ".")) {
    const auto index = part.find_first_not_of("0123456789") == part.npos ? parse_integer(part) : std::nullopt;
    found = index ? context.item(found, Value(*index)) : context.item(found, Value(part));
    if (found.is_unknown()) return found;
  }
  return found;
}

}  // namespace agent::jinja
