#include <sstream>

#include <agent/executor/controller_files.hpp>
#include <agent/executor/module_call.hpp>

namespace agent::executor {
namespace {

List lines_of(const std::string& text) {
  List out;
  std::size_t at = 0;
  while (at < text.size()) {
    const auto end = text.find('\n', at);
    std::string line = text.substr(at, end == std::string::npos ? end : end - at);
    if (!line.empty() && line.back() == '\r') line.pop_back();
    out.push_back(Value(std::move(line)));
    if (end == std::string::npos) break;
    at = end + 1;
  }
  return out;
}

void add_lines(Map& result) {
  for (const char* name : {"stdout", "stderr"}) {
    const Value* text = result.find(name);
    const std::string key = std::string(name) + "_lines";
    if (!text || result.contains(key)) continue;
    // `text` is gone once something is set.
    if (text->is_string())
      result.set(key, lines_of(text->string()));
    else if (text->is_unknown())
      result.set(key, Value(*text));
  }
}

/// What a change that was not made would have said is unknown, not missing.
void add_unknown_returns(Map& result, const Spec& spec, const Strings& reasons) {
  for (const auto& returned : spec.returns)
    if (!result.contains(returned.name)) result.set(returned.name, Value::unknown(reasons));
}

Status status_of(TaskReply::Status status) {
  switch (status) {
    case TaskReply::Status::ok:
      return Status::ok;
    case TaskReply::Status::changed:
      return Status::changed;
    case TaskReply::Status::would_change:
      return Status::would_change;
    case TaskReply::Status::unknown:
      return Status::unknown;
    case TaskReply::Status::failed:
      return Status::failed;
  }
  return Status::failed;
}

List diff_of(const std::vector<Change>& changes) {
  List out;
  for (const auto& change : changes) {
    if (change.secret || !change.text) continue;
    out.push_back(Map{{"before", change.before.value_or("")},
                      {"after", change.after.value_or("")},
                      {"before_header", change.subject},
                      {"after_header", change.subject}});
  }
  return out;
}

}  // namespace

const ModuleIndex::Entry& ModuleCall::entry() const {
  const Task& task = evaluation_.task_;
  const ModuleIndex& modules = evaluation_.context_.world.modules;
  if (const auto* found = modules.find(task.module)) return *found;
  Error error("there is no module '" + task.module_as_written + "'");
  error.at(task.module_where);
  if (const auto hint = did_you_mean(task.module, modules.names())) error.hint(*hint);
  throw std::move(error).hint("'agent modules' lists what there is");
}

Map ModuleCall::arguments(const Spec& spec) {
  Map args = spec.check(evaluation_.rendered_arguments(&spec));
  evaluation_.redaction_.add_secrets(args, spec);
  bring_files(args, spec, evaluation_.context_.world, evaluation_.view_);
  return args;
}

TaskOutcome ModuleCall::run() {
  const auto& found = entry();
  const Task& task = evaluation_.task_;
  HostContext& context = evaluation_.context_;
  TaskOutcome outcome;
  TaskRequest request;
  request.module = found.name;
  request.args = arguments(found.spec);
  if (task.module == "debug") {
    if (const Value* verbosity = request.args.find("verbosity");
        verbosity && verbosity->is_integer() && verbosity->integer() > context.world.options.verbosity) {
      outcome.status = Status::skipped;
      outcome.result = Map{{"skipped", true}, {"skipped_reason", "Verbosity threshold not met."}, {"changed", false}};
      return outcome;
    }
    outcome.is_shown = true;
  }
  if (task.module == "assert") {
    const Value* quiet = request.args.find("quiet");
    outcome.is_shown = !(quiet && quiet->is_boolean() && quiet->boolean());
  }
  request.check_mode = evaluation_.settings_.check_mode() && !only_reads(found.spec);
  outcome.assumption = assumption(request, found.spec);
  const bool strict = !outcome.assumption.empty() && context.world.options.strict;
  if (strict && context.world.options.wall != "full") throw Unknown(outcome.assumption);
  request.network = found.spec.reads_network || reads_network();
  request.environment = evaluation_.settings_.environment();
  if (const auto timeout = evaluation_.settings_.number(&Settings::timeout))
    request.timeout = std::chrono::milliseconds(static_cast<std::int64_t>(*timeout * 1000));
  if (const auto* approval = context.world.approval; approval && !request.check_mode)
    request.approved = approval->changes(evaluation_.asked());
  // Who waits for whom was decided before; what is no number is a mistake of this task.
  static_cast<void>(evaluation_.settings_.number(&Settings::throttle));
  if (task.async) run_ahead(request, outcome);
  TaskReply answer = reply(request, outcome);
  if (outcome.status == Status::unreachable) return outcome;
  if (answer.sees_predictions && !outcome.assumption.empty()) {
    const std::size_t count = context.host.predicted.size();
    outcome.notes.push_back("it saw what was predicted: " + std::to_string(count) + " change" +
                            (count == 1 ? "" : "s"));
    outcome.assumption.clear();
  }
  if (strict && !outcome.assumption.empty()) throw Unknown(outcome.assumption);
  // What it misses may be just what a task would have brought of which nobody knows what it does.
  if (answer.from_look && !context.host.unsure.empty()) {
    answer.status = TaskReply::Status::unknown;
    answer.reasons = {
        "it is not known what task '" + context.host.unsure.back() + "' before it does",
        "without that it fails: " + (answer.error ? answer.error->message() : std::string("no reason given"))};
    answer.result = {};
    answer.error.reset();
  }
  take(std::move(answer), found, request, outcome);
  if (!outcome.assumption.empty()) {
    outcome.notes.push_back("assumed: " + outcome.assumption);
    Map result = outcome.result.is_map() ? outcome.result.map() : Map();
    result.set("assumed", true);
    if (!outcome.result.is_unknown()) outcome.result = std::move(result);
  }
  return outcome;
}

// A command of which the playbook says that it never changes anything is run also by a check: the wall stands behind
// that word, and its real answer feeds the tasks after it.
bool ModuleCall::only_reads(const Spec& spec) const {
  const World& world = evaluation_.context_.world;
  const auto& changed = evaluation_.task_.changed_when;
  if (!world.options.check || world.options.wall.empty() || world.options.wall == "none") return false;
  if (spec.name != "command" && spec.name != "shell" && spec.name != "script") return false;
  return changed.size() == 1 && changed.front().is_boolean() && !changed.front().boolean();
}

// What a check really runs sees the machine as it is, and not what earlier tasks would have made of it.
std::string ModuleCall::assumption(const TaskRequest& request, const Spec& spec) const {
  const Strings& predicted = evaluation_.context_.host.predicted;
  if (!evaluation_.context_.world.options.check || request.check_mode || spec.plain || predicted.empty()) return {};
  constexpr std::size_t named = 3;
  std::string out = "observed before " + std::to_string(predicted.size()) + " predicted change" +
                    (predicted.size() == 1 ? "" : "s") + ": ";
  // The last ones are the likeliest to matter.
  if (predicted.size() > named) out += "..., ";
  for (std::size_t i = predicted.size() - std::min(named, predicted.size()); i < predicted.size(); ++i)
    out += "'" + predicted[i] + (i + 1 < predicted.size() ? "', " : "'");
  return out;
}

// Of a command only the playbook can say it: `vars: {agent_network: true}`.
bool ModuleCall::reads_network() const {
  const auto said = evaluation_.view_.find("agent_network");
  return said && said->is_boolean() && said->boolean();
}

// A job is waited for, whatever `poll` says: its time is the limit.
void ModuleCall::run_ahead(TaskRequest& request, TaskOutcome& outcome) const {
  const auto& engine = evaluation_.context_.world.engine;
  const auto seconds = as_number(engine.render(*evaluation_.task_.async, evaluation_.view_));
  if (seconds && *seconds > 0) request.timeout = std::chrono::milliseconds(static_cast<std::int64_t>(*seconds * 1000));
  const auto poll = evaluation_.task_.poll;
  if (poll && as_number(engine.render(*poll, evaluation_.view_)) == 0.0)
    outcome.notes.push_back("it was waited for: jobs in the background (poll: 0) are not there yet");
}

TaskReply ModuleCall::reply(TaskRequest request, TaskOutcome& outcome) {
  HostContext& context = evaluation_.context_;
  std::string machine = context.host.name();
  std::optional<VariableView> delegate_view;
  const VariableView* target = &evaluation_.view_;
  if (const auto delegate = evaluation_.settings_.text(&Settings::delegate_to); delegate && *delegate != machine) {
    outcome.delegate = machine = *delegate;
    delegate_view.emplace(context.world, nullptr, context.world.state_of(machine), nullptr, nullptr);
    target = &*delegate_view;
  }
  request.identity = evaluation_.settings_.identity(*target);
  if (evaluation_.context_.world.modules.find(request.module)->spec.plain) {
    const std::string connection = request.identity.connection;
    request.identity = Identity();
    request.identity.connection = connection;
  }
  const auto unreachable = [&](const Error& error) {
    outcome.status = Status::unreachable;
    outcome.result = Map{{"changed", false}, {"msg", error.message()}, {"unreachable", true}};
    outcome.error = error;
    return TaskReply();
  };
  TaskRunner* runner = nullptr;
  try {
    runner = &context.world.machines.at(machine, evaluation_.settings_.login(*target));
  } catch (const Error& error) {
    return unreachable(error);
  }
  try {
    return runner->run(request, [&](const std::string& text, double fraction) {
      context.events.on(event::Progress{context.host.name(), evaluation_.shown_name_,
                                        evaluation_.no_log_ ? "working" : evaluation_.redaction_.text(text), fraction});
    });
  } catch (const Unreachable& error) {
    return unreachable(error);
  }
}

Where ModuleCall::place_of(const std::string& argument) const {
  const Task& task = evaluation_.task_;
  const auto bracket = argument.find('[');
  const std::string name = argument.substr(0, bracket);
  const Value* value = task.args.find(name);
  const auto& found = *evaluation_.context_.world.modules.find(task.module);
  if (!value)
    if (const Argument* known = found.spec.find(name)) {
      for (const auto& alias : known->aliases)
        if (!value) value = task.args.find(alias);
      if (!value) value = task.args.find(known->name);
    }
  if (!value && name == found.spec.free_text && task.free_text) value = &*task.free_text;
  if (!value) return {};
  if (bracket != std::string::npos && value->is_list()) {
    const auto index = static_cast<std::size_t>(std::strtoul(argument.c_str() + bracket + 1, nullptr, 10));
    if (index < value->list().size() && value->list()[index].where()) return value->list()[index].where();
  }
  return value->where();
}

void ModuleCall::take(TaskReply reply, const ModuleIndex::Entry& entry, const TaskRequest& request,
                      TaskOutcome& outcome) {
  const Task& task = evaluation_.task_;
  outcome.status = status_of(reply.status);
  outcome.changes = std::move(reply.changes);
  outcome.notes.insert(outcome.notes.end(), reply.notes.begin(), reply.notes.end());
  outcome.output = std::move(reply.output);
  outcome.is_refused = reply.refused;
  outcome.reasons = reply.reasons;
  Map result = std::move(reply.result);
  if (reply.status == TaskReply::Status::unknown) {
    Strings chain = outcome.reasons;  // for whoever builds on it
    chain.push_back("so the outcome of task '" + evaluation_.shown_name_ + "' is not known");
    if (!result.empty()) add_unknown_returns(result, entry.spec, chain);
    add_lines(result);
    if (!result.empty()) {
      if (!result.contains("changed")) result.set("changed", Value::unknown(chain));
      if (!result.contains("failed")) result.set("failed", Value::unknown(chain));
    }
    outcome.result = result.empty() ? Value::unknown(chain) : Value(std::move(result));
    return;
  }
  if (reply.status == TaskReply::Status::would_change && request.check_mode)
    add_unknown_returns(result, entry.spec,
                        {"task '" + evaluation_.shown_name_ + "' would change the machine, and check mode does not"});
  if (reply.status == TaskReply::Status::failed) {
    if (!reply.error) reply.error = Error("the module failed and did not say why");
    Map whole{{"msg", reply.error->message()}};
    whole.merge(reply.error->result());
    whole.merge(result);
    result = std::move(whole);
    if (!reply.error->argument().empty()) reply.error->at(place_of(reply.error->argument()));
    reply.error->at(task.where);
    outcome.error = std::move(reply.error);
  }
  add_lines(result);
  if (const Value* skipped = result.find("skipped");
      skipped && skipped->is_boolean() && skipped->boolean() && outcome.status == Status::ok) {
    outcome.status = Status::skipped;
  }
  // A command that failed has run all the same, and steps before the one that failed were taken.
  if (outcome.status != Status::failed)
    result.set("changed", outcome.is_change());
  else if (!result.contains("changed"))
    result.set("changed", !outcome.changes.empty());
  if (outcome.status != Status::skipped) result.set("failed", outcome.status == Status::failed);
  if (evaluation_.context_.world.options.diff)
    if (auto diff = diff_of(outcome.changes); !diff.empty()) result.set("diff", diff);
  if (const Value* facts = result.find("ansible_facts"); facts && facts->is_map() && outcome.status != Status::failed) {
    if (task.module == "set_fact") {
      outcome.variables = facts->map();
      if (result.contains("_ansible_facts_cacheable")) outcome.facts = facts->map();
    } else {
      outcome.facts = facts->map();
    }
  }
  result.erase("_ansible_facts_cacheable");
  outcome.result = std::move(result);
}

}  // namespace agent::executor
