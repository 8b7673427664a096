#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <agent/sdk/host.hpp>

namespace agent {

/// What is asked of the Python program that computes with a framework.
struct ProbeQuestion {
  Path python;
  /// The framework's part of the program: a class `Framework` with the methods that framework_probe.cpp describes.
  std::string_view framework;
  std::string cuda = "auto";   ///< "required", "auto" or "none"
  std::int64_t seconds = 180;  ///< the deadline, which the program keeps itself so that it can tell how far it came
  bool measure_speed = false;  ///< multiply large matrices too
  Environment environment = {};
};
Query framework_probe(const ProbeQuestion& question);

/// What the program came to.
struct Probed {
  Value report;       ///< what it measured; null when it did not get to the end
  std::string stage;  ///< how far it got: "import", "cpu", "cuda", "device 0", "done"
  Output output;      ///< all that it said
  bool timed_out = false;

  std::string text(std::string_view key) const;  ///< of the report; empty where it has none
  bool is_available() const;                     ///< CUDA can be used, as the framework says
};
Probed read_probe(const Output& output);

/// Text as it is, null as nothing, anything else as JSON.
std::string text_of(const Value& value);

}  // namespace agent
