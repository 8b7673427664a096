#include <algorithm>
#include <chrono>
#include <thread>

#include <agent/executor/directives.hpp>
#include <agent/executor/module_call.hpp>
#include <agent/executor/task_evaluation.hpp>

namespace agent::executor {
namespace {

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

Map map_of(const Value& result) {
  return result.is_map() ? result.map() : Map();
}

std::string text_of(const Value& condition) {
  return condition.is_string() ? condition.string() : as_text(condition);
}

}  // namespace

TaskEvaluation::TaskEvaluation(HostContext& context, const Task& task, std::string shown_name)
    : context_(context),
      task_(task),
      shown_name_(std::move(shown_name)),
      view_(context.view(task.scope.get())),
      settings_(context.world, view_),
      conditions_(conditions(*task.scope)),
      started_(now()) {}

double TaskEvaluation::elapsed() const {
  return now() - started_;
}

TaskOutcome TaskEvaluation::run() {
  return guarded([&] {
    no_log_ = settings_.flag(&Settings::no_log, false);
    if (!task_.loop) {
      TaskOutcome outcome = one();
      keep(outcome);
      return outcome;
    }
    List items;
    try {
      items = loop_items();
    } catch (const Error&) {
      // A loop over what is not there does not matter where the task would be skipped anyway.
      try {
        if (auto skipped = not_to_run(); skipped && skipped->status == Status::skipped) return *skipped;
      } catch (const Error&) {
      }
      throw;
    }
    return loop(items);
  });
}

TaskOutcome TaskEvaluation::run_by(Errands& errands) {
  return guarded([&] {
    no_log_ = settings_.flag(&Settings::no_log, false);
    ErrandReport report = errands.run(task_);
    for (const auto& secret : report.secrets) redaction_.add(secret);
    keep(report.outcome);
    return std::move(report.outcome);
  });
}

TaskOutcome TaskEvaluation::guarded(const std::function<TaskOutcome()>& work) {
  try {
    return work();
  } catch (const Error& error) {
    return failure(error);
  } catch (const Unknown& reason) {
    return unknown(reason.reasons());
  }
}

TaskOutcome TaskEvaluation::failure(Error error) const {
  TaskOutcome out;
  out.status = Status::failed;
  Map result{{"changed", false}, {"msg", error.message()}, {"failed", true}};
  result.merge(error.result());
  out.result = std::move(result);
  error.at(task_.where);
  out.error = std::move(error);
  return out;
}

TaskOutcome TaskEvaluation::unknown(Strings reasons) const {
  TaskOutcome out;
  out.status = Status::unknown;
  out.result = Value::unknown(reasons);
  out.reasons = std::move(reasons);
  return out;
}

std::optional<TaskOutcome> TaskEvaluation::not_to_run() {
  for (const auto& condition : conditions_) {
    const auto truth = context_.world.engine.test(condition, view_);
    if (truth.warning) warn(*truth.warning, condition.where());
    if (truth.is_yes()) continue;
    if (truth.is_unknown()) {
      Strings reasons = truth.reasons;
      reasons.push_back("so it is not known whether '" + text_of(condition) + "' holds");
      return unknown(std::move(reasons));
    }
    TaskOutcome out;
    out.status = Status::skipped;
    out.result = Map{{"changed", false},
                     {"skipped", true},
                     {"skip_reason", "Conditional result was False"},
                     {"false_condition", Value(condition.is_string() ? Value(condition.string()) : condition)}};
    return out;
  }
  return std::nullopt;
}

void TaskEvaluation::wait(double seconds) const {
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(std::max(0.0, seconds));
  while (!context_.world.interrupted && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(std::min<std::chrono::duration<double>>(std::chrono::milliseconds(100),
                                                                        end - std::chrono::steady_clock::now()));
}

bool TaskEvaluation::is_wanted() {
  return !not_to_run();
}

TaskOutcome TaskEvaluation::one() {
  if (auto out = not_to_run()) return std::move(*out);
  TaskOutcome outcome = with_retries();
  if (no_log_ && !outcome.reasons.empty()) {
    // They would be told again by every task that builds on this one.
    outcome.reasons = {"task '" + shown_name_ + "' was not carried out; why is hidden by no_log"};
    outcome.result = with_reasons(outcome.result, outcome.reasons);
  }
  return outcome;
}

TaskOutcome TaskEvaluation::with_retries() {
  const auto number = [&](const std::optional<Value>& value, double otherwise) {
    if (!value) return otherwise;
    const Value rendered = context_.world.engine.render(*value, view_);
    if (const auto got = as_number(rendered)) return *got;
    throw Error("this must be a number, not '" + as_text(rendered) + "'").at(value->where());
  };
  int tries = 1;
  if (task_.retries)
    tries += std::max(0, static_cast<int>(number(task_.retries, 0)));
  else if (!task_.until.empty())
    tries += 3;
  const double delay = number(task_.delay, 5);
  for (int attempt = 1;; ++attempt) {
    TaskOutcome outcome = guarded([&] { return call(); });
    if (tries > 1 && outcome.result.is_map()) {
      Map result = outcome.result.map();
      result.set("attempts", attempt);
      outcome.result = std::move(result);
    }
    if (outcome.is_refused) return outcome;
    if (outcome.status != Status::skipped && outcome.status != Status::unreachable) judge(outcome);
    // What it lacked may be just what the earlier tasks would have brought.
    if (!outcome.assumption.empty() && outcome.status == Status::failed && !ignores_errors())
      outcome = unknown({outcome.assumption, outcome.error ? "there it failed: " + outcome.error->message()
                                                           : std::string("there it failed")});
    if (tries == 1 || outcome.status == Status::unknown || outcome.status == Status::unreachable) return outcome;
    if (task_.register_name) view_.set(*task_.register_name, outcome.result);
    Strings reasons;
    std::optional<bool> done = outcome.status != Status::failed;
    TaskOutcome verdict = guarded([&] {
      if (!task_.until.empty()) done = holds(task_.until, reasons);
      return TaskOutcome();
    });
    if (verdict.status == Status::failed) return verdict;
    if (!done) return unknown(std::move(reasons));
    if (*done || context_.world.interrupted) return outcome;
    if (attempt == tries) {
      Map result = map_of(outcome.result);
      result.set("attempts", tries - 1);
      result.set("failed", true);
      outcome.result = std::move(result);
      outcome.status = Status::failed;
      return outcome;
    }
    event::Retrying retrying{context_.host.name(), shown_name_, label_, tries - attempt, map_of(outcome.result)};
    if (no_log_) retrying.result = {};
    retrying.result = redaction_.value(Value(retrying.result)).map();
    context_.events.on(retrying);
    wait(delay);
  }
}

TaskOutcome TaskEvaluation::call() {
  if (is_directive(task_.module)) return directive(*this);
  return ModuleCall(*this).run();
}

std::optional<bool> TaskEvaluation::holds(const std::vector<Value>& conditions, Strings& reasons) {
  for (const auto& condition : conditions) {
    const auto truth = context_.world.engine.test(condition, view_);
    if (truth.warning) warn(*truth.warning, condition.where());
    if (truth.is_unknown()) {
      reasons = truth.reasons;
      return std::nullopt;
    }
    if (truth.is_no()) return false;
  }
  return true;
}

// What the playbook says about the result counts, and not what the module said.
void TaskEvaluation::judge(TaskOutcome& outcome) {
  if (task_.changed_when.empty() && task_.failed_when.empty()) return;
  const bool was_unknown = outcome.status == Status::unknown;
  if (task_.register_name) view_.set(*task_.register_name, outcome.result);
  Map result = map_of(outcome.result);
  Strings reasons;
  const bool check = context_.world.options.check;
  auto store = [&] {
    outcome.result = Value(result);
    if (task_.register_name) view_.set(*task_.register_name, outcome.result);
  };
  try {
    const Value* said = result.find("changed");
    bool changed = outcome.is_change() || (said && said->is_boolean() && said->boolean());
    if (!task_.changed_when.empty()) {
      const auto holding = holds(task_.changed_when, reasons);
      // Of a task that was not run, only a plain "no" says something: that it never counts as a change.
      if (!holding) return void(outcome = unknown(std::move(reasons)));
      changed = *holding;
      if (!was_unknown) result.set("changed", changed), store();
    }
    bool failed = outcome.status == Status::failed;
    if (!task_.failed_when.empty()) {
      const auto holding = holds(task_.failed_when, reasons);
      if (!holding) return void(outcome = unknown(std::move(reasons)));
      failed = *holding;
      if (was_unknown && !failed) return;
      result.set("failed_when_result", failed);
      result.set("failed", failed);
      if (failed && !outcome.error)
        outcome.error = Error("a condition of failed_when holds").at(task_.failed_when.front().where());
      store();
    }
    if (was_unknown && !failed) return;
    outcome.status = failed ? Status::failed : changed ? (check ? Status::would_change : Status::changed) : Status::ok;
    if (!failed) outcome.error.reset();
  } catch (const Error& error) {
    outcome = failure(error);
  }
}

// Kept at once, so that the next item of a loop builds on it.
void TaskEvaluation::keep(const TaskOutcome& outcome) {
  const bool to_delegate = !outcome.delegate.empty() && settings_.flag(&Settings::delegate_facts, false);
  HostState& owner = to_delegate ? context_.world.state_of(outcome.delegate) : context_.host;
  if (!outcome.variables.empty()) owner.put(HostState::Store::set, outcome.variables);
  if (!outcome.included_variables.empty()) owner.put(HostState::Store::included, outcome.included_variables);
  if (outcome.facts.empty()) return;
  for (const auto& name : owner.put_facts(outcome.facts))
    warn("the machine's value of '" + name + "' is not taken: only people may say how a host is reached", task_.where);
}

bool TaskEvaluation::ignores_errors() const {
  return settings_.flag(&Settings::ignore_errors, false);
}

bool TaskEvaluation::ignores_unreachable() const {
  return settings_.flag(&Settings::ignore_unreachable, false);
}

event::TaskResult TaskEvaluation::event_of(const TaskOutcome& outcome) const {
  event::TaskResult e;
  e.host = context_.host.name();
  e.delegate = outcome.delegate;
  e.play = context_.play.name;
  e.task = shown_name_;
  e.module = task_.module;
  e.where = task_.where;
  e.status = outcome.status;
  e.item = label_;
  e.loop = task_.loop.has_value();
  e.result = map_of(outcome.result);
  e.changes = outcome.changes;
  e.notes = outcome.notes;
  e.reasons = outcome.reasons;
  e.error = outcome.error;
  if (e.error) e.error->during("while running task '" + shown_name_ + "'", task_.where);
  e.output = outcome.output;
  e.duration = elapsed();
  e.shown = outcome.is_shown;
  redaction_.apply(e);
  if (no_log_) censor(e);
  return e;
}

Approval::Asked TaskEvaluation::asked() const {
  // As the report calls it, with its secrets taken out.
  TaskOutcome nothing;
  const event::TaskResult e = event_of(nothing);
  return {e.host, e.play, e.task, e.where, e.item};
}

void TaskEvaluation::say(const TaskOutcome& outcome) const {
  context_.events.on(event_of(outcome));
}

void TaskEvaluation::warn(const std::string& text, const Where& where) const {
  context_.events.on(event::Warning{text, {}, where});
}

}  // namespace agent::executor
