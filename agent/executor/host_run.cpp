#include <algorithm>

#include <fnmatch.h>

#include <agent/executor/host_run.hpp>
#include <agent/executor/task_name.hpp>
#include <agent/executor/vars_files.hpp>

namespace agent::executor {

HostRun::HostRun(HostContext context) : context_(std::move(context)), handlers_(context_) {
  handlers_.add(context_.play.play.handlers);
}

void HostRun::run() {
  struct Section {
    const Items* items;
    bool flush;
  };
  const Play& play = context_.play.play;
  const Section sections[] = {
      {&play.pre_tasks, true}, {&play.roles, false}, {&play.tasks, true}, {&play.post_tasks, true}};
  Flow flow = Flow::go_on;
  try {
    position_ = {{0, {}}};
    // Names that need facts can be read only once the host is known to be there.
    read_vars_files(context_, VarsFiles::named);
    flow = gather_facts();
    if (flow == Flow::go_on) read_vars_files(context_, VarsFiles::all);
    for (const auto& section : sections) {
      if (flow != Flow::go_on) break;
      ++position_.front().index;
      flow = walk(*section.items);
      ++position_.front().index;
      if (flow == Flow::go_on && section.flush) flow = flush_handlers();
    }
    if (flow == Flow::go_on) {
      // The failure of another host on the last task may concern this one, too.
      position_ = {{50, {}}};
      if (const auto left = arrive(nullptr)) flow = *left;
    }
    if (flow == Flow::failed && context_.play.force_handlers) {
      position_ = {{100, {}}};
      ++insisting_;
      flush_handlers();
    }
  } catch (const Error& error) {
    event::TaskResult result;
    result.host = context_.host.name();
    result.play = context_.play.name;
    result.where = play.where;
    result.status = Status::failed;
    result.result = Map{{"msg", error.message()}, {"changed", false}};
    result.error = error;
    context_.events.on(result);
    count(Status::failed);
    flow = Flow::failed;
  }
  leave(flow);
}

void HostRun::leave(Flow flow) {
  if (flow == Flow::failed || flow == Flow::refused) {
    context_.host.failed = true;
    context_.coordinator.failed(context_.number, {});
  }
  if (flow == Flow::unreachable) context_.host.unreachable = true;
  context_.coordinator.leave(context_.number);
}

void HostRun::count(Status status) {
  context_.host.counts.add(status);
  context_.host.has_counts = true;
}

HostRun::Flow HostRun::walk(const Items& items) {
  position_.emplace_back();
  Flow flow = Flow::go_on;
  for (std::size_t i = 0; i < items.size() && flow == Flow::go_on; ++i) {
    position_.back().index = static_cast<std::uint32_t>(i);
    if (const auto* one = std::get_if<TaskPtr>(&items[i]))
      flow = task(**one, false);
    else
      flow = block(*std::get<BlockPtr>(items[i]));
  }
  position_.pop_back();
  return flow;
}

HostRun::Flow HostRun::block(const Block& b) {
  if (b.scope && b.scope->kind == agent::Scope::Kind::role && b.scope->role) return role_block(b, *b.scope->role);
  const bool rescues = !b.rescue.empty();
  position_.emplace_back();
  rescuers_ += rescues;
  Flow flow = walk(b.block);
  if (flow == Flow::go_on && (rescues || !b.always.empty())) {
    // Another host's failure on the block's last task is still one inside the block.
    position_.push_back({static_cast<std::uint32_t>(b.block.size()), {}});
    if (const auto left = arrive(nullptr)) flow = *left;
    position_.pop_back();
  }
  rescuers_ -= rescues;
  if (flow == Flow::failed && rescues) {
    position_.back().index = 1;
    flow = walk(b.rescue);
  }
  const bool goes_on = flow == Flow::go_on || flow == Flow::failed || flow == Flow::end_role;
  if (!b.always.empty() && goes_on) {
    position_.back().index = 2;
    insisting_ += flow != Flow::go_on;
    const Flow last = walk(b.always);
    insisting_ -= flow != Flow::go_on;
    if (flow == Flow::go_on || last != Flow::go_on) flow = last;
  }
  position_.pop_back();
  return flow;
}

HostRun::Flow HostRun::role_block(const Block& b, const Role& role) {
  if (!role.allow_duplicates && !role.identity.empty() && finished_roles_.count(role.identity)) return Flow::go_on;
  position_.emplace_back();
  Flow flow = walk(b.block);
  position_.pop_back();
  if (flow == Flow::end_role) flow = Flow::go_on;
  if (flow == Flow::go_on && !role.identity.empty()) finished_roles_.insert(role.identity);
  return flow;
}

std::optional<HostRun::Flow> HostRun::arrive(const Event* banner) {
  switch (context_.coordinator.arrive(context_.number, {position_, banner, insisting_ > 0})) {
    case Turn::go:
      return std::nullopt;
    case Turn::fail:
      return Flow::failed;
    case Turn::end:
      return Flow::end_play;
    case Turn::interrupted:
      return Flow::interrupted;
  }
  return std::nullopt;
}

bool HostRun::is_selected(const Task& task) {
  Strings names;
  for (const auto& tag : tags(*task.scope)) {
    const Value value =
        jinja::Engine::has_templates(tag) ? context_.world.engine.render(tag, context_.view(task.scope.get())) : tag;
    if (value.is_list())
      for (const auto& one : value.list()) names.push_back(as_text(one));
    else
      names.push_back(as_text(value));
  }
  return context_.world.options.tags.selects(names);
}

bool HostRun::is_before_start(const Task& task, const std::string& name) {
  std::string& start = context_.world.options.start_at_task;
  if (start.empty()) return false;
  const auto matches = [&](const std::string& text) {
    return text == start || fnmatch(start.c_str(), text.c_str(), FNM_NOESCAPE) == 0;
  };
  const bool is_it = matches(name) || (task.name.is_string() && matches(task.name.string())) ||
                     matches(name.substr(name.find(" : ") == std::string::npos ? 0 : name.find(" : ") + 3));
  if (is_it) start.clear();
  return !is_it;
}

HostRun::Flow HostRun::task(const Task& task, bool as_handler) {
  if (!as_handler && !is_selected(task)) return Flow::go_on;
  if (task.module == "meta") return meta(task, as_handler);
  const std::string name = shown_name(context_, task);
  if (is_before_start(task, name) || !context_.play.wants(task, name)) return Flow::go_on;
  const Event banner =
      event::TaskStarted{context_.play.name, name, task.module, as_handler, context_.world.options.check, task.where};
  if (const auto left = arrive(&banner)) return *left;
  TaskEvaluation evaluation(context_, task, name);
  bool is_first = true;
  bool once = false;
  double most = 0;
  try {
    once = evaluation.settings().flag(&Settings::run_once, false);
    most = evaluation.settings().number(&Settings::throttle).value_or(0);
  } catch (const std::exception&) {
    // The evaluation will meet the same mistake and report it.
  }
  const auto work = [&] {
    const bool is_sent = context_.errands && is_errand(task, context_.host.name());
    return is_sent ? evaluation.run_by(*context_.errands) : evaluation.run();
  };
  try {
    TaskOutcome outcome = once        ? context_.coordinator.once(context_.number, work, is_first)
                          : most >= 1 ? context_.coordinator.throttled(static_cast<std::size_t>(most), work)
                                      : work();
    return finish(task, evaluation, std::move(outcome), is_first, as_handler);
  } catch (const Interrupted&) {
    return Flow::interrupted;
  }
}

HostRun::Flow HostRun::finish(const Task& task, TaskEvaluation& evaluation, TaskOutcome outcome, bool is_first,
                              bool as_handler) {
  if (!is_first) evaluation.keep(outcome);
  bool ignored = false, fatal = false;
  try {
    ignored = (outcome.status == Status::failed && !outcome.is_refused && evaluation.ignores_errors()) ||
              (outcome.status == Status::unreachable && evaluation.ignores_unreachable());
    fatal = evaluation.settings().flag(&Settings::any_errors_fatal, false);
    if (is_first && outcome.is_change()) notify(task, outcome, evaluation);
  } catch (const Error& error) {
    outcome.status = Status::failed;
    outcome.error = error;
    outcome.error->at(task.where);
    outcome.result = Map{{"msg", error.message()}, {"changed", outcome.is_change()}, {"failed", true}};
  } catch (const Unknown& unknown) {
    outcome.status = Status::unknown;
    outcome.reasons = unknown.reasons();
  }
  if (task.register_name) context_.host.put(HostState::Store::set, Map{{*task.register_name, outcome.result}});
  const Status raw = outcome.status;
  if (is_first && raw == Status::unknown) context_.host.unsure.push_back(evaluation.event_of(outcome).task);
  if (is_first && raw == Status::would_change) context_.host.predicted.push_back(evaluation.event_of(outcome).task);
  if (ignored)
    outcome.status = Status::ignored;
  else if (raw == Status::failed && rescuers_ > 0 && !outcome.is_refused)
    outcome.status = Status::rescued;
  const bool includes = !outcome.inclusions.empty() && raw != Status::failed;
  // An include that worked is told by what it brings in.
  if (is_first && !includes) {
    context_.events.on(evaluation.event_of(outcome));
    count(outcome.status);
    const Value* changed = outcome.result.find("changed");
    if (ignored && changed && changed->is_boolean() && changed->boolean()) ++context_.host.counts.changed;
  }
  if (outcome.is_refused) {
    // What was approved was the play as a whole: no host goes on with a part of it.
    context_.coordinator.failed(context_.number, {true, false});
    return Flow::refused;
  }
  if (raw == Status::failed && !ignored) {
    remember_failure(task, evaluation.event_of(outcome).task, outcome);
    context_.coordinator.failed(context_.number, {fatal, rescuers_ > 0});
    return Flow::failed;
  }
  if (raw == Status::unreachable && !ignored) {
    if (fatal) context_.coordinator.failed(context_.number, {true, true});
    return Flow::unreachable;
  }
  // Of a task with run_once the first host alone notifies handlers and walks what is included.
  if (!includes || !is_first) return Flow::go_on;
  for (std::size_t i = 0; i < outcome.inclusions.size(); ++i) count(Status::ok);
  return include(outcome.inclusions, as_handler);
}

void HostRun::remember_failure(const Task& task, const std::string& name, const TaskOutcome& outcome) {
  Map failed_task{{"name", task.name.is_string()
                               ? Value(name.substr(name.rfind(" : ") == std::string::npos ? 0 : name.rfind(" : ") + 3))
                               : Value("")},
                  {"action", task.module_as_written},
                  {"path", task.where.text()}};
  context_.host.put(HostState::Store::set,
                    Map{{"ansible_failed_task", failed_task}, {"ansible_failed_result", outcome.result}});
}

void HostRun::notify(const Task& task, TaskOutcome&, TaskEvaluation& evaluation) {
  for (const auto& notification : notifications(*task.scope)) {
    const Value value = context_.world.engine.render(notification, evaluation.view());
    for (const auto& one : value.is_list() ? value.list() : List{value}) {
      if (one.is_null() || jinja::is_omit(one)) continue;
      if (handlers_.notify(as_text(one))) continue;
      Error error("the handler '" + as_text(one) + "' was not found");
      error.at(notification.where());
      if (const auto hint = did_you_mean(as_text(one), handlers_.names())) error.hint(*hint);
      throw std::move(error).hint("it is neither the name of a handler of this play nor one that a handler listens to");
    }
  }
}

HostRun::Flow HostRun::include(const std::vector<Inclusion>& inclusions, bool as_handler) {
  position_.emplace_back();
  position_.emplace_back();
  Flow flow = Flow::go_on;
  for (std::size_t i = 0; i < inclusions.size(); ++i) {
    position_.back() = {static_cast<std::uint32_t>(i), inclusions[i].shown};
    const Event banner = event::Included{inclusions[i].shown, {}, inclusions[i].label};
    if (const auto left = arrive(&banner)) flow = *left;
    handlers_.add(inclusions[i].handlers);
    for (const auto& role : inclusions[i].visible_roles) context_.extras.public_roles.push_back(role);
  }
  position_[position_.size() - 2].index = 1;
  for (std::size_t i = 0; i < inclusions.size() && flow == Flow::go_on; ++i) {
    position_.back() = {static_cast<std::uint32_t>(i), inclusions[i].shown};
    if (!as_handler) {
      flow = walk(inclusions[i].items);
      continue;
    }
    Items tasks;
    for_each_task(inclusions[i].items, [&](const Task& one) {
      // Shared without owning: the inclusion outlives the walk.
      tasks.push_back(TaskPtr(TaskPtr(), &one));
    });
    for (const auto& one : tasks)
      if (flow == Flow::go_on) flow = task(*std::get<TaskPtr>(one), true);
  }
  position_.pop_back();
  position_.pop_back();
  return flow;
}

HostRun::Flow HostRun::flush_handlers() {
  position_.emplace_back();
  Flow flow = Flow::go_on;
  for (std::size_t i = 0; i < handlers_.size() && flow == Flow::go_on; ++i) {
    position_.back().index = static_cast<std::uint32_t>(i);
    if (const Task* handler = handlers_.take(i)) flow = task(*handler, true);
  }
  position_.pop_back();
  return flow;
}

}  // namespace agent::executor
