#pragma once

#include <string>

#include <agent/fleet/line.hpp>

namespace agent::fleet {

/// What a line to a host goes through, until it breaks: a running ssh (link.hpp), or what plays one in a test.
class Carrier {
 public:
  Carrier() = default;
  virtual ~Carrier() = default;
  Carrier(const Carrier&) = delete;
  Carrier& operator=(const Carrier&) = delete;
  /// From here on a line goes through it; it has to outlive the line.
  virtual Line::Ends ends() = 0;
  /// What was printed beside the line; once that is broken, the reason is among it.
  virtual std::string printed() = 0;
};

}  // namespace agent::fleet
