#pragma once

#include <chrono>
#include <string>

#include <agent/sdk/value.hpp>

namespace agent::jinja {

/// A point in time as Python's datetime, without a time zone: local time, or UTC.
Value date_time_now(std::chrono::system_clock::time_point now, bool utc);
/// strftime over such a value.
std::string formatted_time(const Value& date_time, const std::string& format);

}  // namespace agent::jinja
