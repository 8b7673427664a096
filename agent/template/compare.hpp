#pragma once

#include <optional>

#include <agent/sdk/value.hpp>

/// How values compare: as in Python, but that a number equals the text it prints as, and is ordered against text that
/// is a number. All of these throw Unknown when the answer hangs on an unknown value.
namespace agent::jinja {

bool equals(const Value& a, const Value& b);
/// Below, equal to or above zero. Throws Error when the two cannot be compared.
int order(const Value& a, const Value& b);
/// As order(), but a number and text never compare: for sorting, which needs one order for all.
int strict_order(const Value& a, const Value& b);
/// `item in container`. Throws Error when nothing can be in `container`.
bool contains(const Value& container, const Value& item);
/// Python's bool(value). Throws Error for an undefined value.
bool truth(const Value& value);

/// The number a value is, counting booleans; nothing for anything else.
std::optional<double> number(const Value& value);
/// Whether a value is a number or a boolean, which Python counts as one.
bool is_numeric(const Value& value);
bool is_whole(const Value& value);
/// Of a whole number or a boolean.
std::int64_t whole(const Value& value);
/// All of `text` read as Python's int() and float() do, or nothing.
std::optional<std::int64_t> parse_integer(std::string_view text, int base = 10);
std::optional<double> parse_real(std::string_view text);

}  // namespace agent::jinja
