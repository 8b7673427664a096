#pragma once

#include <string>
#include <string_view>

#include <agent/sdk/value.hpp>

/// Arithmetic, as Python does it on 64-bit numbers. All of these throw Error when the operation has no meaning for what
/// it is given, and give an unknown value when one side is unknown.
namespace agent::jinja {

Value add(const Value& a, const Value& b);
Value subtract(const Value& a, const Value& b);
Value multiply(const Value& a, const Value& b, std::size_t max_size);
Value divide(const Value& a, const Value& b);
Value floor_divide(const Value& a, const Value& b);
/// The remainder, or for text on the left Python's `%` formatting.
Value modulo(const Value& a, const Value& b);
Value power(const Value& a, const Value& b);
Value negate(const Value& a);
Value posate(const Value& a);

/// Python's `format % values`: a tuple gives several, a mapping named ones.
std::string percent_format(std::string_view format, const Value& values);

}  // namespace agent::jinja
