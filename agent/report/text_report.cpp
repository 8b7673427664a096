#include <algorithm>
#include <cmath>
#include <ostream>

#include <agent/report/change_text.hpp>
#include <agent/report/differences_text.hpp>
#include <agent/report/shown_text.hpp>
#include <agent/report/text_report.hpp>

namespace agent::report {
namespace {

// The colours that Ansible uses, as terminals name them.
namespace colour {
constexpr std::string_view ok = "0;32", changed = "0;33", skipped = "0;36", failed = "0;31", unreachable = "1;31",
                           warning = "1;35", included = "0;36", retry = "1;30", unknown = "0;35", note = "0;34";
}

std::string host_label(const event::TaskResult& e) {
  return "[" + shown(e.host) + (e.delegate.empty() ? "" : " -> " + shown(e.delegate)) + "]";
}

/// What of a result is worth showing: `invocation` and the like only when much is asked for.
Map shown_result(const event::TaskResult& e, int verbosity) {
  Map out;
  const bool is_debug = e.module == "debug" && e.status != Status::failed;
  const bool only_message = is_debug && e.result.contains("msg");
  for (const auto& [key, value] : e.result) {
    if (key.rfind("_ansible", 0) == 0) continue;
    if (verbosity < 3 && (key == "invocation" || key == "diff" || key == "exception")) continue;
    if (is_debug && e.status != Status::skipped &&
        (key == "changed" || key == "failed" || key == "skipped" || key == "invocation"))
      continue;
    if (only_message && key != "msg" && key != "item" && key != "ansible_loop_var" && key != "warnings") continue;
    if (only_message && (key == "item" || key == "ansible_loop_var")) continue;
    if (key == "failed" && !value.is_unknown()) continue;
    out.set(key, value);
  }
  return out;
}

std::string seconds_text(double seconds) {
  const auto tenths = static_cast<long>(std::lround(seconds * 10));
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

}  // namespace

/// Says each kind of event; the report holds the state.
struct TextWriter {
  TextReport& report;

  void operator()(const event::RunStarted& e) const {
    if (report.style_.verbosity > 0)
      for (const auto& file : e.playbooks) report.banner("PLAYBOOK: " + shown(file.substr(file.rfind('/') + 1)));
  }
  void operator()(const event::PlayStarted& e) const {
    report.banner(e.play.empty() ? "PLAY" : "PLAY [" + shown(e.play) + "]");
    if (e.hosts.empty()) report.line(colour::skipped, "skipping: no hosts matched");
  }
  void operator()(const event::TaskStarted& e) const {
    report.banner(std::string(e.handler ? "RUNNING HANDLER" : "TASK") + " [" + shown(e.task) + "]");
    if (report.style_.verbosity > 1 && e.where) report.line(colour::retry, "task path: " + shown(e.where.text()));
  }
  void operator()(const event::TaskResult& e) const { report.result(e); }
  void operator()(const event::Retrying& e) const {
    std::string text = "FAILED - RETRYING: [" + shown(e.host) + "]: " + shown(e.task) + " (" + std::to_string(e.left) +
                       " retries left).";
    if (report.style_.verbosity > 2) text += "Result was: " + json_shown(e.result, 4);
    report.line(colour::retry, text);
  }
  void operator()(const event::Progress& e) const { report.progress(e); }
  void operator()(const event::Included& e) const {
    std::string hosts;
    for (const auto& host : e.hosts) hosts += (hosts.empty() ? "" : ", ") + shown(host);
    report.line(colour::included,
                "included: " + shown(e.file) + " for " + hosts + (e.item ? " => (item=" + shown(*e.item) + ")" : ""));
  }
  void operator()(const event::Warning& e) const {
    report.clear_progress();
    std::string text = "[WARNING]: " + (e.where ? shown(e.where.text()) + ": " : "") + shown(e.text, true);
    for (const auto& hint : e.hints) text += "\n  hint: " + shown(hint, true);
    report.errors_ << report.paint(colour::warning, text) << std::endl;
  }
  void operator()(const event::Notice& e) const { report.banner(shown(e.text)); }
  void operator()(const event::Prompt& e) const { report.line("", "[" + shown(e.text, true) + "]"); }
  void operator()(const event::Recap& e) const { report.recap(e); }
};

TextReport::TextReport(std::ostream& out, std::ostream& errors, TextStyle style, SourceLine lines)
    : out_(out), errors_(errors), style_(style), lines_(std::move(lines)) {}

void TextReport::on(const Event& event) {
  if (const auto* run = std::get_if<event::RunStarted>(&event)) is_check_ = run->check;
  if (std::holds_alternative<event::TaskStarted>(event)) diffs_.clear();
  if (is_check_) recorder_.hear(event, std::chrono::system_clock::now());
  if (style_.terminal) board_.hear(event, std::chrono::steady_clock::now());
  std::visit(TextWriter{*this}, event);
  if (style_.terminal) draw_board();
}

std::string TextReport::paint(std::string_view code, const std::string& text) const {
  if (!style_.colour || code.empty()) return text;
  // Each line on its own: a pager or a cut line must not leave the colour on.
  std::string out;
  std::size_t at = 0;
  while (true) {
    const auto end = text.find('\n', at);
    const auto part = text.substr(at, end == std::string::npos ? end : end - at);
    if (!part.empty()) out += "\x1b[" + std::string(code) + "m" + part + "\x1b[0m";
    if (end == std::string::npos) return out;
    out += '\n';
    at = end + 1;
  }
}

void TextReport::line(std::string_view code, const std::string& text) {
  clear_progress();
  out_ << paint(code, text) << '\n' << std::flush;
}

void TextReport::banner(const std::string& text) {
  const std::size_t used = columns_of(text);
  const std::size_t stars = style_.width > used + 3 ? style_.width - used : 3;
  line("", "\n" + text + " " + std::string(stars, '*'));
}

std::string TextReport::json_of(const event::TaskResult& e) const {
  const bool indented = (e.shown && e.status != Status::failed) || style_.verbosity > 2;
  return json_shown(Value(shown_result(e, style_.verbosity)), indented ? 4 : 0);
}

void TextReport::result(const event::TaskResult& e) {
  const bool is_failure = e.status == Status::failed || e.status == Status::rescued || e.status == Status::ignored;
  const std::string label = host_label(e);
  const std::string item = e.item ? " => (item=" + shown(*e.item) + ")" : "";
  if (is_failure) {
    if (e.item)
      line(colour::failed, "failed: " + label + " (item=" + shown(*e.item) + ") => " + json_of(e));
    else if (!e.loop)
      line(colour::failed, "fatal: " + label + ": FAILED! => " + json_of(e));
    if (e.error && (e.error->where() || !e.error->hints().empty()) && !(e.loop && !e.item)) {
      clear_progress();
      out_ << paint(colour::failed, diagnostic(*e.error, "error", lines_)) << std::flush;
    }
    if (!e.output.empty() && !(e.loop && !e.item))
      line(colour::failed, "output of the module:\n" + shown(e.output, true));
    if (e.status == Status::ignored && !e.item) line(colour::skipped, "...ignoring");
    return;
  }
  if (e.status == Status::unreachable) {
    line(colour::unreachable, "fatal: " + label + ": UNREACHABLE! => " + json_of(e));
    if (e.error && !e.error->hints().empty()) {
      clear_progress();
      out_ << paint(colour::unreachable, diagnostic(*e.error, "error", lines_)) << std::flush;
    }
    return;
  }
  // The items of a loop had their lines; the task as a whole only says something when it had none that ran.
  if (e.loop && !e.item && e.status != Status::skipped) return;
  diffs(e);
  const bool verbose = e.shown || style_.verbosity > 0;
  const std::string json = verbose ? " => " + json_of(e) : "";
  switch (e.status) {
    case Status::ok:
      line(colour::ok, "ok: " + label + item + json);
      break;
    case Status::changed:
      line(colour::changed, "changed: " + label + item + json);
      break;
    case Status::would_change:
      line(colour::changed, "would change: " + label + item + json);
      break;
    case Status::unknown:
      line(colour::unknown, "unknown: " + label + item + json);
      break;
    case Status::skipped:
      line(colour::skipped, "skipping: " + label + item + (e.item ? " " : "") + json);
      break;
    default:
      break;
  }
  changes(e);
}

void TextReport::diffs(const event::TaskResult& e) {
  if (!style_.diff) return;
  for (const auto& change : e.changes)
    if (const std::string text = change_diff(change); !text.empty()) diff(text, e.host);
}

void TextReport::diff(const std::string& text, const std::string& host) {
  clear_progress();
  if (const auto [first, is_new] = diffs_.emplace(text, host); !is_new && first->second != host) {
    line(colour::skipped, "the same difference as on [" + shown(first->second) + "]");
    return;
  }
  std::size_t at = 0, lines = 0;
  while (at < text.size()) {
    if (style_.diff_lines > 0 && ++lines > style_.diff_lines) {
      const auto more = std::count(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(), '\n');
      out_ << paint(colour::skipped, "... and " + std::to_string(more) + " more lines: '--diff-lines 0' shows all")
           << '\n';
      break;
    }
    const auto end = text.find('\n', at);
    const std::string one = text.substr(at, end - at);
    const auto code = one[0] == '+'   ? colour::ok
                      : one[0] == '-' ? colour::failed
                      : one[0] == '@' ? colour::skipped
                                      : "";
    out_ << paint(code, shown(one, true)) << '\n';
    at = end + 1;
  }
  out_ << '\n';
}

// Where a fleet was checked, its differences are what it was checked for: each once, with the hosts that it is on.
void TextReport::differences() {
  const Record& record = recorder_.record();
  if (!is_check_ || record.recap.hosts.size() < 2) return;
  const auto found = report::differences(record);
  if (found.empty()) return;
  banner("DIFFERENCES");
  std::string text = differences_text(found, style_.verbosity > 0);
  text.pop_back();
  line("", text);
}

void TextReport::changes(const event::TaskResult& e) {
  // What `changed_when` declares to be no change is not shown as one.
  if (e.status != Status::ok)
    for (const auto& change : e.changes)
      if (!(style_.diff && change.text && !change.secret)) line(colour::changed, "  " + change_text(change, e.module));
  for (const auto& reason : e.reasons)
    line(colour::unknown, (reason.starts_with("so ") ? "  " : "  because ") + shown(reason, true));
  for (const auto& note : e.notes) line(colour::note, "  note: " + shown(note, true));
  if (style_.verbosity > 1 && !e.output.empty()) line("", "  output of the module:\n" + shown(e.output, true));
}

void TextReport::recap(const event::Recap& e) {
  differences();
  banner("PLAY RECAP");
  const auto count = [&](std::string_view name, int number, std::string_view code) {
    std::string text = std::string(name) + "=" + std::to_string(number);
    if (const auto digits = std::to_string(number).size(); digits < 4) text.append(4 - digits, ' ');
    return " " + (number != 0 ? paint(code, text) : text);
  };
  for (const auto& [host, c] : e.hosts) {
    const auto code = c.failed || c.unreachable ? colour::failed : c.changed ? colour::changed : colour::ok;
    std::string name = shown(host);
    const std::size_t columns = columns_of(name);
    const std::string padding(columns < 26 ? 26 - columns : 0, ' ');
    std::string text = paint(code, name) + padding + " :" + count("ok", c.ok, colour::ok) +
                       count("changed", c.changed, colour::changed) +
                       count("unreachable", c.unreachable, colour::unreachable) +
                       count("failed", c.failed, colour::failed) + count("skipped", c.skipped, colour::skipped) +
                       count("rescued", c.rescued, colour::ok) + count("ignored", c.ignored, colour::warning);
    if (e.check) text += count("unknown", c.unknown, colour::unknown);
    line("", text);
  }
  if (!e.wall.empty() && (e.wall != "full" || !e.wall_gaps.empty())) {
    line(colour::warning, "\nchecked behind the wall '" + e.wall + "':");
    for (const auto& gap : e.wall_gaps) line(colour::warning, "  " + gap);
  }
  if (e.interrupted) line(colour::failed, "interrupted after " + seconds_text(e.duration));
  line("", "");
}

// One host's progress is a line of its own; several share a board.
void TextReport::progress(const event::Progress& e) {
  if (!style_.terminal || e.text.empty() || board_.is_for_several()) return;
  std::string text = shown(e.host) + ": " + shown(e.text);
  if (e.fraction >= 0)
    text += " " + std::to_string(static_cast<int>(std::lround(std::min(e.fraction, 1.0) * 100))) + "%";
  out_ << "\r\x1b[K" << paint(colour::retry, cut_to(std::move(text), style_.width)) << std::flush;
  progress_rows_ = 1;
}

// Not for each of a hundred events a second: nobody can read that, and a slow terminal holds the run up.
void TextReport::draw_board() {
  const auto now = std::chrono::steady_clock::now();
  if (now - drawn_ < std::chrono::milliseconds(100)) return;
  const auto lines = board_.lines(std::min<std::size_t>(style_.height / 3, 12), style_.width, now);
  if (lines.empty()) return;
  clear_progress();
  drawn_ = now;
  std::string text;
  for (const auto& line : lines)
    text += (text.empty() ? "" : "\n") + paint(line.about == Board::About::all      ? colour::included
                                               : line.about == Board::About::failed ? colour::failed
                                                                                    : colour::retry,
                                               line.text);
  out_ << text << std::flush;
  progress_rows_ = lines.size();
}

void TextReport::clear_progress() {
  if (progress_rows_ == 0) return;
  out_ << '\r';
  if (progress_rows_ > 1) out_ << "\x1b[" << progress_rows_ - 1 << 'A';
  out_ << "\x1b[J";
  progress_rows_ = 0;
}

}  // namespace agent::report
