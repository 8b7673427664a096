#pragma once

#include <string>

#include <agent/playbook/reading.hpp>

namespace agent {

/// Puts one keyword that plays, roles, blocks and tasks share into `settings`; false when `key` is none of those.
bool read_setting(const Reading& reading, const std::string& key, const Value& value, Settings& settings);

/// `tags`: a list, or text with commas.
std::vector<Value> read_tags(const Reading& reading, const Value& value);
/// `when`, `until`, ...: an expression, a boolean, or a list of them.
std::vector<Value> read_conditions(const Reading& reading, const std::string& key, const Value& value);

}  // namespace agent
