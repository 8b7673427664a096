#include <algorithm>

#include <agent/executor/handlers.hpp>
#include <agent/executor/task_settings.hpp>

namespace agent::executor {

void Handlers::add(const Items& items) {
  for (const auto& item : items) {
    if (const auto* block = std::get_if<BlockPtr>(&item)) {
      add((*block)->block);
      continue;
    }
    const auto& task = std::get<TaskPtr>(item);
    const auto same = std::find_if(handlers_.begin(), handlers_.end(),
                                   [&](const Handler& handler) { return handler.task->where == task->where; });
    // A role that comes again brings its handlers again: the last definition counts, with what was asked of it.
    if (same == handlers_.end())
      handlers_.push_back({task});
    else
      same->task = task;
  }
}

// A name whose variables are not there leaves the text as it is, as with tasks.
std::string Handlers::name_of(const Task& task) const {
  if (!task.name.is_string()) return {};
  if (!jinja::Engine::has_templates(task.name)) return task.name.string();
  try {
    return as_text(context_.world.engine.render(task.name, context_.view(task.scope.get())));
  } catch (const Error&) {
    return task.name.string();
  }
}

Strings Handlers::topics_of(const Task& task) const {
  Strings out;
  for (const auto& topic : task.listen) {
    const Value value = jinja::Engine::has_templates(topic)
                            ? context_.world.engine.render(topic, context_.view(task.scope.get()))
                            : topic;
    if (value.is_list())
      for (const auto& one : value.list()) out.push_back(as_text(one));
    else
      out.push_back(as_text(value));
  }
  return out;
}

bool Handlers::answers_to(const Task& task, const std::string& name) const {
  const std::string own = name_of(task);
  if (own.empty()) return false;
  const Role* role = role_of(*task.scope);
  return own == name ||
         (role && (role->name + " : " + own == name || role->collection + "." + role->name + " : " + own == name));
}

bool Handlers::notify(const std::string& name) {
  Handler* found = nullptr;
  // The last file that has the name wins, and in it the first handler.
  for (auto handler = handlers_.rbegin(); handler != handlers_.rend(); ++handler) {
    if (found && handler->task->where.file != found->task->where.file) continue;
    if (answers_to(*handler->task, name)) found = &*handler;
  }
  if (found) found->is_notified = true;
  bool heard = found != nullptr;
  for (auto& handler : handlers_) {
    const Strings topics = topics_of(*handler.task);
    if (std::find(topics.begin(), topics.end(), name) != topics.end()) handler.is_notified = heard = true;
  }
  return heard;
}

const Task* Handlers::take(std::size_t index) {
  Handler& handler = handlers_[index];
  if (!handler.is_notified) return nullptr;
  handler.is_notified = false;
  return handler.task.get();
}

Strings Handlers::names() const {
  Strings out;
  for (const auto& handler : handlers_) {
    if (auto name = name_of(*handler.task); !name.empty()) out.push_back(std::move(name));
    for (auto& topic : topics_of(*handler.task)) out.push_back(std::move(topic));
  }
  return out;
}

}  // namespace agent::executor
