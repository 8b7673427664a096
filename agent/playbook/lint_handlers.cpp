#include <algorithm>

#include <agent/playbook/lint_pass.hpp>
#include <agent/playbook/reading.hpp>

namespace agent::linting {
namespace {

struct Handlers {
  std::set<std::string> names;  ///< and topics, and "role : name"
  bool has_templates = false;   ///< a name is only known at run time
};

Handlers handlers_of(const Pass& pass) {
  Handlers handlers;
  const auto add = [&](const Value& name, const Role* role) {
    if (has_braces(name)) {
      handlers.has_templates = true;
    } else if (const auto text = scalar_text(name)) {
      handlers.names.insert(*text);
      if (role) handlers.names.insert(role->name + " : " + *text);
    }
  };
  for (const Task* handler : pass.handlers) {
    const Role* role = role_of(*handler->scope);
    if (!handler->name.is_null()) add(handler->name, role);
    for (const Value& topic : handler->listen) add(topic, role);
    if (handler->module == "include_tasks" && !plain_argument(*handler, {"file"})) handlers.has_templates = true;
  }
  return handlers;
}

struct Notifications {
  std::vector<Value> all;
  bool has_templates = false;
};

Notifications notifications_of(const Pass& pass) {
  Notifications notes;
  for (const Scope* scope : pass.scopes)
    for (const Value& name : scope->settings.notify) {
      if (has_braces(name))
        notes.has_templates = true;
      else
        notes.all.push_back(name);
    }
  return notes;
}

void report_unknown(const Notifications& notes, const Handlers& handlers, const Pass& pass) {
  if (handlers.has_templates || pass.has_unknown_includes) return;
  const Strings known(handlers.names.begin(), handlers.names.end());
  for (const Value& name : notes.all) {
    const auto text = scalar_text(name);
    if (!text || handlers.names.count(*text)) continue;
    Error error =
        Error("there is no handler '" + *text + "'").at(name.where()).spanning(static_cast<int>(text->size()));
    if (const auto hint = did_you_mean(*text, known))
      error.hint(*hint);
    else
      error.hint("handlers stand under 'handlers:' of the play, or in a role's handlers/main.yml");
    pass.problems.error("unknown-handler", std::move(error));
  }
}

}  // namespace

void check_handlers(const Pass& pass) {
  const Handlers handlers = handlers_of(pass);
  const Notifications notes = notifications_of(pass);
  report_unknown(notes, handlers, pass);
  if (notes.has_templates || pass.has_unknown_includes) return;
  std::set<std::string> notified;
  for (const Value& name : notes.all)
    if (const auto text = scalar_text(name)) notified.insert(*text);
  for (const Task* handler : pass.handlers) {
    const auto name = scalar_text(handler->name);
    if (!name || has_braces(handler->name)) continue;
    const Role* role = role_of(*handler->scope);
    bool is_used = notified.count(*name) || (role && notified.count(role->name + " : " + *name));
    for (const Value& topic : handler->listen) {
      const auto text = scalar_text(topic);
      is_used = is_used || !text || notified.count(*text) || has_braces(topic);
    }
    if (!is_used)
      pass.problems.warning("unused-handler", Error("nobody notifies the handler '" + *name + "'")
                                                  .at(handler->name.where())
                                                  .spanning(static_cast<int>(name->size())));
  }
}

}  // namespace agent::linting
