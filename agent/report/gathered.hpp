#pragma once

#include <iosfwd>
#include <string>
#include <utility>
#include <vector>

#include <agent/report/clock.hpp>
#include <agent/wire/event.hpp>

namespace agent::report {

/// A run as a machine told it, line by line.
struct Telling {
  std::string name;  ///< of the file, and of the label where the lines have one
  std::vector<std::pair<Time, Event>> events;
  /// Whether it comes to its end.
  bool is_whole() const;
};

/// Reads JSON lines (jsonl reports): of one run, or of many at once whose lines carry labels, as those that launchers
/// collect ("web01: {...}" of clush, "3: {...}" of srun -l). Lines that are no events are passed over.
std::vector<Telling> tellings(std::istream& lines, const std::string& name);

/// One run made of many that did the same plays on different hosts: what they say of a task stands together, in the
/// order of the plays. A telling that breaks off is said in a warning, and its hosts count as far as it goes. Throws
/// Error where a host is told of twice, where checks and runs are mixed, and for none at all.
std::vector<std::pair<Time, Event>> gathered(const std::vector<Telling>& all);

}  // namespace agent::report
