#pragma once

#include <fstream>
#include <memory>
#include <vector>

#include <agent/report/tee.hpp>
#include <agent/sdk/value.hpp>

namespace agent::cli {

/// The reports of a run: one for the terminal, and one for each `--output`.
class Reports {
 public:
  struct Wanted {
    Strings formats, outputs;
    int verbosity = 0;
    bool diff = false;
  };
  /// Each output has the format that was given at the same place, or that its name ends in; the terminal has the first
  /// format without an output, else text. Throws Error for a file that cannot be written.
  explicit Reports(const Wanted& wanted);
  EventSink& sink() { return tee_; }
  /// Whether what goes to the standard output is for programs, so that nothing else may be said there.
  bool is_for_programs() const { return for_programs_; }

 private:
  void add(const std::string& format, std::ostream& out, bool is_terminal, const Wanted& wanted);
  std::vector<std::unique_ptr<std::ofstream>> files_;
  report::Tee tee_;
  bool for_programs_ = false;
};

}  // namespace agent::cli
