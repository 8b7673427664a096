#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <agent/sdk/host.hpp>
#include <agent/sdk/plan.hpp>
#include <agent/sdk/value.hpp>

namespace agent {

using Bytes = std::vector<std::uint8_t>;

/// CBOR (RFC 8949). Unknown values survive the way; places, template marks and objects do not (an object becomes null).
Bytes to_cbor(const Value& value);
/// The same of a list of `count` items that are made one after the other, because all of them would be too large.
Bytes to_cbor(std::size_t count, const std::function<Value(std::size_t)>& item);
/// Throws Error when the bytes are not one whole CBOR item, or nest deeper than 128.
Value from_cbor(const std::uint8_t* data, std::size_t size);
inline Value from_cbor(const Bytes& bytes) {
  return from_cbor(bytes.data(), bytes.size());
}

/// JSON text. Throws Error with line and column in `name`.
Value parse_json(std::string_view text, const std::string& name = "<json>");

// Plans and what belongs to them, as values and back: how they are sent, stored and printed. The readers throw Error
// for what they do not know, so that a newer module's action is refused rather than half understood.
Value to_value(const Action& action);
Action action_from(const Value& value);
Value to_value(const Change& change);
Change change_from(const Value& value);
Value to_value(const Plan& plan);
Plan plan_from(const Value& value);
Value to_value(const Output& output);
Output output_from(const Value& value);
Value to_value(const Outcome& outcome);
Outcome outcome_from(const Value& value);
Value to_value(const Package& package);
Package package_from(const Value& value);
Value to_value(const FileInfo& info);
FileInfo file_info_from(const Value& value);
Value to_value(const User& user);
User user_from(const Value& value);
Value to_value(const Group& group);
Group group_from(const Value& value);
Value to_value(const System& system);
System system_from(const Value& value);
Value to_value(const Query& query);
Query query_from(const Value& value);

/// "a", "b" -> Value list of texts, and back (non-text members are written as JSON).
Strings strings_from(const Value& list);

}  // namespace agent
