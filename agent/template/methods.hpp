#pragma once

#include <optional>
#include <string_view>

#include <agent/template/objects.hpp>

/// The Python methods that change a list or mapping.
namespace agent::jinja {

bool is_changing_method(std::string_view name);
/// Whether `name` changes this kind of value.
bool changes(const Value& value, std::string_view name);
/// Carries it out, and gives what the method returns.
Value change_list(List& items, std::string_view method, const Arguments& arguments);
Value change_map(Map& map, std::string_view method, const Arguments& arguments);

/// value[start:stop:step]
Value sliced(const Value& value, std::optional<std::int64_t> start, std::optional<std::int64_t> stop,
             std::optional<std::int64_t> step);

}  // namespace agent::jinja
