#include <agent/cli/continuation.hpp>
#include <agent/history/recording.hpp>

namespace agent::cli {
namespace {

/// What tells a thing from all others that are said in a run, but for its repetitions. Nothing: it is always said.
std::optional<std::string> key_of(const Event& event) {
  if (const auto* result = std::get_if<event::TaskResult>(&event)) {
    // A host that was lost has said nothing of its own.
    if (result->status == Status::unreachable) return std::nullopt;
    return "result\n" + result->host + '\n' + result->play + '\n' + result->task + '\n' + result->item.value_or("") +
           (result->loop ? "\nloop" : "");
  }
  if (const auto* included = std::get_if<event::Included>(&event))
    return "included\n" + included->file + '\n' + included->item.value_or("");
  if (const auto* warning = std::get_if<event::Warning>(&event)) return "warning\n" + warning->text;
  return std::nullopt;
}

}  // namespace

Continuation::Continuation(history::WholeRun before, EventSink& to) : before_(std::move(before)), to_(to) {
  for (const auto& [when, event] : before_.events) {
    if (const auto key = key_of(event)) ++told_[*key];
    if (const auto* recap = std::get_if<event::Recap>(&event)) recap_ = *recap;
  }
}

bool Continuation::was_told(const std::string& key) {
  const auto found = told_.find(key);
  return found != told_.end() && found->second-- > 0;
}

void Continuation::pass(const Event& event) {
  for (auto* banner : {&play_, &task_})
    if (*banner) {
      to_.on(**banner);
      banner->reset();
    }
  to_.on(event);
}

void Continuation::on(const Event& event) {
  const std::lock_guard lock(mutex_);
  if (std::holds_alternative<event::PlayStarted>(event)) {
    play_ = event;
    task_.reset();
    return;
  }
  if (std::holds_alternative<event::TaskStarted>(event)) {
    task_ = event;
    return;
  }
  if (const auto key = key_of(event); key && was_told(*key)) return;
  if (const auto* recap = std::get_if<event::Recap>(&event)) {
    event::Recap whole = *recap;
    if (recap_) whole.hosts.insert(recap_->hosts.begin(), recap_->hosts.end());
    return to_.on(whole);
  }
  // A message stands where it comes, and begins nothing.
  if (std::holds_alternative<event::TaskResult>(event) || std::holds_alternative<event::Included>(event) ||
      std::holds_alternative<event::Retrying>(event))
    return pass(event);
  to_.on(event);
}

history::WholeRun Continuation::with(const history::WholeRun& now) const {
  report::Time time = now.about.started;
  history::Recording whole([&time] { return time; });
  bool is_begun = false;
  for (const auto& [when, event] : before_.events) {
    const auto* result = std::get_if<event::TaskResult>(&event);
    if (std::holds_alternative<event::Recap>(event) || (result && result->status == Status::unreachable)) continue;
    is_begun |= std::holds_alternative<event::RunStarted>(event);
    time = when;
    whole.on(event);
  }
  for (const auto& [when, event] : now.events) {
    if (is_begun && std::holds_alternative<event::RunStarted>(event)) continue;
    time = when;
    whole.on(event);
  }
  return whole.run();
}

}  // namespace agent::cli
