#pragma once

#include <string>
#include <string_view>

#include <agent/sdk/value.hpp>

/// How Python writes values.
namespace agent::jinja {

/// str(value): text as it is, `True`, `None`, `['a', 1]`, `{'k': 'v'}`, 1.0. Throws Error for an undefined value.
std::string print(const Value& value);
/// What a template puts out for a value: as print(), but tuples look like lists, and members that are
/// `omit` are not there.
std::string print_output(const Value& value);
/// repr(value): as print(), with text in quotes.
std::string repr(const Value& value);
std::string repr(std::string_view text);
inline std::string repr(const std::string& text) {
  return repr(std::string_view(text));
}
/// 1.0, 0.1, 1e+20, inf, nan.
std::string print(double number);

/// The value as it leaves the engine: tuples become lists, dates text. Throws Error for what has no plain form (an
/// undefined value, a macro). A value that is `omit` stays, members that are go.
Value plain(const Value& value);

}  // namespace agent::jinja
