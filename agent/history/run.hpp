#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <agent/report/clock.hpp>
#include <agent/wire/event.hpp>

namespace agent::history {

/// What the history's list says of a run.
struct Run {
  std::int64_t number = 0;  ///< what people call it by: 1, 2, 3, ...
  std::string name;         ///< what its reports call it by (event::RunStarted)
  report::Time started, ended;
  bool check = false;
  std::string playbooks;  ///< ", " between them
  std::string verdict;    ///< report::Verdict
  int hosts = 0;
  Counts counts;  ///< of all hosts
};

/// An event, and when it was.
using Said = std::pair<report::Time, Event>;

/// A run with all that was said in it, as far as it is kept.
struct WholeRun {
  Run about;
  std::vector<Said> events;
};

}  // namespace agent::history
