#pragma once

#include <memory>
#include <optional>
#include <string>

#include <agent/host/fd.hpp>
#include <agent/sdk/plan.hpp>

namespace agent::cli {

/// What a controller keeps of a run on other machines while it leads it, so that another can go on in its place.
struct LedRun {
  std::string run;            ///< its name
  std::string key;            ///< of its journals
  Strings words;              ///< the command line, without the program
  Path directory;             ///< where it was given
  std::string playbook_hash;  ///< event::RunStarted
  double started = 0;         ///< seconds since 1970
};

/// The runs that this user leads or has led, and that may be gone on with: a file of 0600 for each, beside the history.
/// It holds the key that opens the journals, and the command line with whatever was given there.
class LedRuns {
 public:
  explicit LedRuns(Path folder) : folder_(std::move(folder)) {}
  /// Beside this user's history. Throws Error where that has no place.
  static LedRuns of_this_user();

  /// Keeps it; it counts as led until the result is closed, however this process ends. Throws Error when another
  /// process leads it, or it cannot be written.
  Fd lead(const LedRun& run) const;
  /// Throws Error where there is none.
  LedRun find(const std::string& run) const;
  /// Names, the oldest first.
  Strings list() const;
  void remove(const std::string& run) const;

 private:
  void remove_old() const;
  Path folder_;
};

}  // namespace agent::cli
