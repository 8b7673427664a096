#include <algorithm>
#include <cmath>

#include <agent/report/board.hpp>
#include <agent/report/shown_text.hpp>

namespace agent::report {
namespace {

constexpr auto worth_telling = std::chrono::seconds(3);

std::string percent(double fraction) {
  return " " + std::to_string(static_cast<int>(std::lround(std::min(fraction, 1.0) * 100))) + "%";
}

std::string minutes(std::chrono::seconds time) {
  const auto seconds = time.count();
  if (seconds < 60) return std::to_string(seconds) + " s";
  return std::to_string(seconds / 60) + " min " + std::to_string(seconds % 60) + " s";
}

}  // namespace

std::string cut_to(std::string text, std::size_t columns) {
  if (columns_of(text) <= columns) return text;
  std::size_t end = std::min(text.size(), columns);
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0u) == 0x80u) --end;
  text.resize(end);
  return text;
}

void Board::hear(const Event& event, Time now) {
  if (const auto* play = std::get_if<event::PlayStarted>(&event)) {
    order_ = play->hosts;
    seats_.clear();
    for (const auto& host : order_) seats_[host].since = now;
    return;
  }
  if (std::holds_alternative<event::Recap>(event)) return seats_.clear();
  if (const auto* started = std::get_if<event::TaskStarted>(&event)) {
    // Hosts that go in step say nothing of where they are.
    for (auto& [host, seat] : seats_)
      if (seat.state == State::waiting) seat.task = started->task;
    return;
  }
  if (const auto* progress = std::get_if<event::Progress>(&event)) {
    const auto found = seats_.find(progress->host);
    if (found == seats_.end()) return;
    Seat& seat = found->second;
    const bool moved = progress->text.empty() && seat.task != progress->task;
    if (moved) seat.since = now;
    if (!progress->task.empty() || progress->text.empty()) seat.task = progress->task;
    seat.text = progress->text;
    seat.fraction = progress->fraction;
    if (seat.state == State::waiting || seat.state == State::at_work)
      seat.state = seat.task.empty() && seat.text.empty() ? State::through : State::at_work;
    return;
  }
  const auto* result = std::get_if<event::TaskResult>(&event);
  const auto found = result ? seats_.find(result->host) : seats_.end();
  if (found == seats_.end() || result->item) return;
  if (result->status != Status::failed && result->status != Status::unreachable) {
    // Done with what it was at; what it does next it says itself, or the next task's banner.
    Seat& seat = found->second;
    if (seat.state == State::at_work && seat.task == result->task)
      seat = {State::waiting, seat.task, "", -1, seat.since};
    return;
  }
  found->second.state = result->status == Status::failed ? State::failed : State::unreachable;
  found->second.task = result->task;
}

std::string Board::count() const {
  std::map<State, std::size_t> of;
  for (const auto& [host, seat] : seats_) ++of[seat.state];
  std::string out = std::to_string(of[State::through]) + " of " + std::to_string(seats_.size()) + " hosts through";
  const auto add = [&](State state, const char* word) {
    if (of[state]) out += ", " + std::to_string(of[state]) + " " + word;
  };
  add(State::failed, "failed");
  add(State::unreachable, "unreachable");
  add(State::at_work, "at work");
  add(State::waiting, "waiting");
  return out;
}

std::vector<Board::Line> Board::lines(std::size_t rows, std::size_t columns, Time now) const {
  struct Entry {
    const std::string* host;
    const Seat* seat;
  };
  std::vector<Entry> failed, working;
  std::size_t widest = 0;
  for (const auto& host : order_) {
    const auto found = seats_.find(host);
    if (found == seats_.end()) continue;
    const bool has_failed = found->second.state == State::failed || found->second.state == State::unreachable;
    if (!has_failed && found->second.state != State::at_work) continue;
    (has_failed ? failed : working).push_back({&host, &found->second});
    widest = std::max(widest, columns_of(shown(host)));
  }
  if (seats_.size() < 2 || working.empty() || rows < 2) return {};
  std::stable_sort(working.begin(), working.end(),
                   [](const Entry& a, const Entry& b) { return a.seat->since < b.seat->since; });
  std::vector<Line> out{{About::all, cut_to(count(), columns)}};
  // Failures first, but never so many that nobody sees who is at work.
  const std::size_t room = rows - 1, for_failed = std::min(failed.size(), room / 2);
  std::vector<Entry> entries(failed.begin(), failed.begin() + static_cast<std::ptrdiff_t>(for_failed));
  for (const auto& entry : working)
    if (entries.size() < room) entries.push_back(entry);
  for (const auto& [host, seat] : entries) {
    std::string line = "  " + shown(*host);
    line.resize(line.size() + widest - columns_of(shown(*host)), ' ');
    if (seat->state == State::failed) line += "  FAILED";
    if (seat->state == State::unreachable) line += "  UNREACHABLE";
    line += "  " + shown(seat->task);
    if (!seat->text.empty()) line += ": " + shown(seat->text);
    if (seat->fraction >= 0) line += percent(seat->fraction);
    const auto time = std::chrono::duration_cast<std::chrono::seconds>(now - seat->since);
    if (seat->state == State::at_work && time >= worth_telling) line += "  (" + minutes(time) + ")";
    out.push_back({seat->state == State::at_work ? About::at_work : About::failed, cut_to(std::move(line), columns)});
  }
  return out;
}

}  // namespace agent::report
