#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include <agent/sdk/value.hpp>

namespace agent::jinja {

/// Python's random.Random: with the same seed it gives the same numbers, so that a cron minute chosen by
/// `59 | random(seed=inventory_hostname)` is the one that Ansible chose before.
class PythonRandom {
 public:
  explicit PythonRandom(std::uint64_t seed);
  /// A number or a text.
  explicit PythonRandom(const Value& seed);
  /// At least 0, below `limit` (which is not 0).
  std::uint64_t below(std::uint64_t limit);

 private:
  void seed(const std::vector<std::uint32_t>& key);
  std::uint32_t next();
  std::uint64_t bits(int count);
  std::array<std::uint32_t, 624> state_;
  std::size_t index_ = 624;
};

}  // namespace agent::jinja
