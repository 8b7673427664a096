#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include <agent/wire/event.hpp>

namespace agent::report {

/// Where each host of a play is, in a few lines for the lower end of a terminal: first the count, then what failed,
/// then who is at work, those longest at one task first. Whoever draws it wipes it away before anything else is shown.
class Board {
 public:
  using Time = std::chrono::steady_clock::time_point;

  void hear(const Event& event, Time now);
  bool is_for_several() const { return seats_.size() > 1; }
  enum class About { all, failed, at_work };
  struct Line {
    About about;
    std::string text;
  };
  /// At most `rows` lines of at most `columns`; none for fewer than two hosts, or when none is at work. Safe to show.
  std::vector<Line> lines(std::size_t rows, std::size_t columns, Time now) const;

 private:
  enum class State { waiting, at_work, through, failed, unreachable };
  struct Seat {
    State state = State::waiting;
    std::string task, text;
    double fraction = -1;
    Time since{};
  };
  std::string count() const;

  std::vector<std::string> order_;
  std::map<std::string, Seat> seats_;
};

/// `text` cut to so many columns, at a character's border: a line that wraps could not be wiped away.
std::string cut_to(std::string text, std::size_t columns);

}  // namespace agent::report
