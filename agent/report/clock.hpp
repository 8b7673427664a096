#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace agent::report {

using Time = std::chrono::system_clock::time_point;
/// Says when an event happened: now, or for a run of the past, then.
using Clock = std::function<Time()>;

/// "2026-11-21T12:50:12.000123Z": ISO 8601, UTC, with microseconds.
std::string utc_text(Time time);
/// Seconds since 1970, and back.
double seconds_of(Time time);
Time time_of(double seconds);

}  // namespace agent::report
