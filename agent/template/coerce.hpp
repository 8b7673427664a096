#pragma once

#include <string>

#include <agent/template/objects.hpp>

/// What filters need their input to be.
namespace agent::jinja {

/// Any value as text: as it prints.
std::string text_of(const Value& value);
/// The items of a list, the keys of a mapping, the characters of text. Throws Error for anything else.
List items_of(const Value& value);
/// Throws Error when the value is no mapping.
const Map& map_of(const Value& value);
/// Throws Error when the value is no number (text does not count).
double number_of(const Value& value);
/// "an attribute path as map('attribute') and others take it": `a.b.0`
Value attribute_path(class Context& context, const Value& value, const Value& path);

}  // namespace agent::jinja
