#pragma once

#include <functional>
#include <iosfwd>
#include <map>
#include <string>
#include <string_view>

#include <agent/report/board.hpp>
#include <agent/report/diagnostic.hpp>
#include <agent/report/record.hpp>
#include <agent/wire/event.hpp>

namespace agent::report {

struct TextStyle {
  int verbosity = 0;  ///< the number of -v
  bool colour = false;
  bool terminal = false;         ///< lines that are written over show the progress of long work, and where hosts are
  bool diff = false;             ///< changed texts as unified diffs, structured ones key by key
  std::size_t diff_lines = 400;  ///< of one change that are shown; 0: all
  std::size_t width = 79;        ///< columns for the stars of banners
  std::size_t height = 24;       ///< rows of the terminal
};

/// What happens, in the shape that Ansible's users read, with what changed and why. The same difference on several
/// hosts is shown once; a check of more than one host ends with what differs, equal hosts in one entry.
class TextReport : public EventSink {
 public:
  /// Results go to `out`, warnings to `errors`; both must outlive the report.
  TextReport(std::ostream& out, std::ostream& errors, TextStyle style, SourceLine lines = source_line);
  void on(const Event& event) override;

 private:
  friend struct TextWriter;
  std::string paint(std::string_view colour, const std::string& text) const;
  void line(std::string_view colour, const std::string& text);
  void banner(const std::string& text);
  void result(const event::TaskResult& e);
  void diffs(const event::TaskResult& e);
  void changes(const event::TaskResult& e);
  void recap(const event::Recap& e);
  void progress(const event::Progress& e);
  void draw_board();
  void clear_progress();
  void diff(const std::string& text, const std::string& host);
  void differences();
  std::string json_of(const event::TaskResult& e) const;

  std::ostream& out_;
  std::ostream& errors_;
  TextStyle style_;
  SourceLine lines_;
  std::size_t progress_rows_ = 0;  // that are to be wiped away
  Board board_;
  Board::Time drawn_{};
  Recorder recorder_;  // of a check
  bool is_check_ = false;
  std::map<std::string, std::string> diffs_;  // of this task: on which host each was shown
};

}  // namespace agent::report
