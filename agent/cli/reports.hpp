#pragma once

#include <fstream>
#include <memory>
#include <vector>

#include <agent/cli/output_file.hpp>
#include <agent/report/record.hpp>
#include <agent/report/tee.hpp>
#include <agent/report/text_report.hpp>
#include <agent/sdk/value.hpp>

namespace agent::cli {

/// The names that `--format` takes.
const Strings& report_formats();

/// The reports of a run: one for the terminal, and one for each `--output`. Some are written while it goes on (text,
/// jsonl), the others when it has ended.
class Reports {
 public:
  struct Wanted {
    Strings formats, outputs;
    int verbosity = 0;
    bool diff = false;
    std::size_t diff_lines = report::TextStyle{}.diff_lines;  ///< of one change; 0: all
    std::string signing_key = {};                             ///< a file; each output gets a signature beside it
    report::Clock clock = std::chrono::system_clock::now;     ///< when events happen, or happened
  };
  /// Each output has the format that was given at the same place, or that its name ends in; the terminal has the first
  /// format without an output, else text. Throws Error for a file that cannot be written.
  explicit Reports(const Wanted& wanted);
  EventSink& sink() { return tee_; }
  /// One more who wants to hear everything.
  void add(std::unique_ptr<EventSink> sink) { tee_.add(std::move(sink)); }
  /// Writes what is written at the end, and signs. After the last event.
  void finish();
  /// Whether what goes to the standard output is for programs, so that nothing else may be said there.
  bool is_for_programs() const { return for_programs_; }

 private:
  using Writer = void (*)(const report::Record&, std::ostream&);
  struct Whole {
    Writer write;
    std::optional<OutputFile> file;  ///< none: the standard output
  };
  void add(const std::string& format, const std::string& output, const Wanted& wanted);
  void sign(const Path& output) const;

  std::vector<std::unique_ptr<std::ofstream>> streams_;
  std::vector<Path> outputs_;
  std::vector<Whole> wholes_;
  std::shared_ptr<report::Recorder> recorder_;
  std::string signing_key_;
  report::Tee tee_;
  bool for_programs_ = false;
};

}  // namespace agent::cli
