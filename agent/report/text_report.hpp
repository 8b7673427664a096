#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>

#include <agent/report/diagnostic.hpp>
#include <agent/wire/event.hpp>

namespace agent::report {

struct TextStyle {
  int verbosity = 0;  ///< the number of -v
  bool colour = false;
  bool terminal = false;   ///< a line that is written over shows the progress of long work
  bool diff = false;       ///< changed texts as unified diffs
  std::size_t width = 79;  ///< columns for the stars of banners
};

/// What happens, in the shape that Ansible's users read, with what changed and why.
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
  void clear_progress();
  std::string json_of(const event::TaskResult& e) const;

  std::ostream& out_;
  std::ostream& errors_;
  TextStyle style_;
  SourceLine lines_;
  bool progress_shown_ = false;
};

}  // namespace agent::report
