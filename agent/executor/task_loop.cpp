#include <algorithm>

#include <agent/executor/task_evaluation.hpp>

// The loop of a task: its items, what each sees, and what comes of them together.
namespace agent::executor {

List TaskEvaluation::loop_items() {
  const Loop& loop = *task_.loop;
  if (loop.kind != "loop") return context_.world.engine.loop_items(loop.kind, loop.value, view_);
  const Value value = context_.world.engine.render(loop.value, view_);
  if (value.is_unknown()) throw Unknown(value.reasons());
  if (!value.is_list())
    throw Error("loop needs a list, not " +
                (value.is_string() ? "the text '" + value.string() + "'" : std::string(name_of(value.kind()))))
        .at(loop.value.where())
        .hint(value.is_map() ? "'{{ ... | dict2items }}' makes a list of a mapping"
                             : "with_items takes single values, loop takes lists only");
  return value.list();
}

void TaskEvaluation::set_loop_variables(const List& items, std::size_t i) {
  const LoopControl& control = task_.loop_control;
  view_.set(control.loop_var, items[i]);
  view_.set("ansible_loop_var", control.loop_var);
  if (control.index_var) {
    view_.set(*control.index_var, i);
    view_.set("ansible_index_var", *control.index_var);
  }
  const auto flag = [&](const std::optional<Value>& value, bool otherwise) {
    return value ? as_flag(context_.world.engine.render(*value, view_)).value_or(otherwise) : otherwise;
  };
  if (!flag(control.extended, false)) return;
  const std::size_t n = items.size();
  Map loop{{"index", i + 1},  {"index0", i},        {"revindex", n - i}, {"revindex0", n - i - 1},
           {"first", i == 0}, {"last", i + 1 == n}, {"length", n}};
  if (flag(control.extended_allitems, true)) loop.set("allitems", items);
  if (i > 0) loop.set("previtem", items[i - 1]);
  if (i + 1 < n) loop.set("nextitem", items[i + 1]);
  view_.set("ansible_loop", std::move(loop));
}

std::string TaskEvaluation::label_of(const Value& item) const {
  const auto& label = task_.loop_control.label;
  const Value shown = label ? context_.world.engine.render(*label, view_) : item;
  if (shown.is_string()) return shown.string();
  if (shown.is_unknown()) return shown.json();
  // Text with an expression in it prints the value as the language prints values.
  const jinja::MapScope one(Map{{"it", shown}});
  return context_.world.engine.render(Value::template_text("={{ it }}"), one).string().substr(1);
}

TaskOutcome TaskEvaluation::loop(const List& items) {
  std::vector<TaskOutcome> outcomes;
  const LoopControl& control = task_.loop_control;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0 && control.pause) wait(as_number(context_.world.engine.render(*control.pause, view_)).value_or(0));
    set_loop_variables(items, i);
    TaskOutcome outcome = guarded([&] {
      label_ = label_of(items[i]);
      return one();
    });
    if (!label_) label_ = as_text(items[i]);
    keep(outcome);
    if (outcome.result.is_map()) {
      Map result = outcome.result.map();
      result.set(control.loop_var, items[i]);
      result.set("ansible_loop_var", control.loop_var);
      if (control.index_var) {
        result.set(*control.index_var, i);
        result.set("ansible_index_var", *control.index_var);
      }
      outcome.result = std::move(result);
    }
    if (outcome.inclusions.empty()) say(outcome);
    outcomes.push_back(std::move(outcome));
    if (outcomes.back().is_refused) break;
    if (control.break_when && outcomes.back().result.is_map()) {
      if (task_.register_name) view_.set(*task_.register_name, outcomes.back().result);
      if (context_.world.engine.test(*control.break_when, view_).is_yes()) break;
    }
  }
  label_.reset();
  return aggregate(std::move(outcomes));
}

TaskOutcome TaskEvaluation::aggregate(std::vector<TaskOutcome> items) const {
  TaskOutcome out;
  List results;
  bool failed = false, changed = false, would_change = false, all_skipped = true;
  for (auto& item : items) {
    results.push_back(item.result);
    failed |= item.status == Status::failed;
    out.is_refused |= item.is_refused;
    changed |= item.status == Status::changed;
    would_change |= item.status == Status::would_change;
    all_skipped &= item.status == Status::skipped;
    if (item.status == Status::unreachable) out.status = Status::unreachable;
    out.reasons.insert(out.reasons.end(), item.reasons.begin(), item.reasons.end());
    if (item.is_failure() && !out.error) out.error = item.error;
    out.facts.merge(item.facts);
    out.variables.merge(item.variables);
    out.included_variables.merge(item.included_variables);
    for (auto& inclusion : item.inclusions) out.inclusions.push_back(std::move(inclusion));
  }
  const bool any_unknown = std::any_of(items.begin(), items.end(), [](auto& i) { return i.status == Status::unknown; });
  Map result{{"results", results}, {"changed", changed || would_change}};
  if (any_unknown && !changed && !would_change) result.set("changed", Value::unknown(out.reasons));
  if (items.empty()) {
    result.set("skipped", true);
    result.set("skipped_reason", "No items in the list");
  } else {
    result.set("skipped", all_skipped);
    result.set("msg", failed ? "One or more items failed" : all_skipped ? "All items skipped" : "All items completed");
  }
  if (failed) result.set("failed", true);
  out.result = std::move(result);
  if (out.status == Status::unreachable) return out;
  out.status = failed                         ? Status::failed
               : any_unknown                  ? Status::unknown
               : changed                      ? Status::changed
               : would_change                 ? Status::would_change
               : items.empty() || all_skipped ? Status::skipped
                                              : Status::ok;
  return out;
}

}  // namespace agent::executor
