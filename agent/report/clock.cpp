#include <array>
#include <cstdio>
#include <ctime>

#include <agent/report/clock.hpp>

namespace agent::report {

std::string utc_text(Time time) {
  const auto micros = std::chrono::floor<std::chrono::microseconds>(time.time_since_epoch());
  const auto whole = std::chrono::floor<std::chrono::seconds>(micros);
  const std::time_t seconds = whole.count();
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 40> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::array<char, 16> fraction{};
  std::snprintf(fraction.data(), fraction.size(), ".%06dZ", static_cast<int>((micros - whole).count()));
  return std::string(text.data()) + fraction.data();
}

double seconds_of(Time time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

Time time_of(double seconds) {
  return Time(std::chrono::round<std::chrono::microseconds>(std::chrono::duration<double>(seconds)));
}

}  // namespace agent::report
