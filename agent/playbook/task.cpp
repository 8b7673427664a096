#include <algorithm>

#include <agent/playbook/inline_arguments.hpp>
#include <agent/playbook/keywords.hpp>
#include <agent/playbook/module_names.hpp>
#include <agent/playbook/settings.hpp>
#include <agent/playbook/task.hpp>

namespace agent {
namespace {

/// The module part of one task: `copy: ...`, `action: ...`, `local_action: ...`.
struct Action {
  std::string key;  ///< as written; empty: none found
  Value value;
  Where where;
};

class TaskReader {
 public:
  TaskReader(const Reading& reading, const Map& map, const TaskPlace& place)
      : reading_(reading),
        map_(map),
        place_(place),
        task_(std::make_shared<Task>()),
        scope_(std::make_shared<Scope>()) {}

  std::shared_ptr<Task> read(const Where& where) {
    task_->where = where;
    task_->is_handler = place_.is_handler;
    scope_->kind = Scope::Kind::task;
    scope_->parent = place_.parent;
    scope_->directory = reading_.directory();
    scope_->where = where;
    Strings unknown;
    for (const auto& [key, value] : map_)
      if (!keyword(key, value)) unknown.push_back(key);
    if (!choose_action(unknown)) return nullptr;
    read_action();
    if (const Value* arguments = map_.find("args")) merge_args(*arguments);
    check_combinations();
    task_->scope = std::move(scope_);
    return std::move(task_);
  }

 private:
  bool keyword(const std::string& key, const Value& value) {
    if (key == "name") {
      if (auto name = reading_.text(key, value)) task_->name = std::move(*name);
      return true;
    }
    if (read_setting(reading_, key, value, scope_->settings)) return true;
    if (key == "loop" || key.rfind("with_", 0) == 0) return loop(key, value);
    return running(key, value) || ending(key, value) || key == "args" || key == "action" || key == "local_action";
  }

  /// Keywords about how the task runs.
  bool running(const std::string& key, const Value& value) {
    if (key == "register")
      task_->register_name = reading_.name(key, value);
    else if (key == "loop_control")
      loop_control(value);
    else if (key == "retries")
      task_->retries = reading_.number(key, value);
    else if (key == "delay")
      task_->delay = reading_.number(key, value);
    else if (key == "async")
      task_->async = reading_.number(key, value);
    else if (key == "poll")
      task_->poll = reading_.number(key, value);
    else
      return false;
    return true;
  }

  /// Keywords about what comes of it.
  bool ending(const std::string& key, const Value& value) {
    if (key == "until")
      task_->until = read_conditions(reading_, key, value);
    else if (key == "changed_when")
      task_->changed_when = read_conditions(reading_, key, value);
    else if (key == "failed_when")
      task_->failed_when = read_conditions(reading_, key, value);
    else if (key == "listen" && place_.is_handler)
      task_->listen = reading_.several(key, value);
    else
      return false;
    return true;
  }

  bool loop(const std::string& key, const Value& value) {
    if (task_->loop)
      reading_.error("keyword-value", Error("a task can have one loop, and this has two")
                                          .at(reading_.key(map_, key))
                                          .spanning(static_cast<int>(key.size())));
    if (!value.is_null()) task_->loop = Loop{key == "loop" ? key : key.substr(5), value, reading_.key(map_, key)};
    if (key == "loop" && !value.is_list() && !has_braces(value) && !value.is_null())
      reading_.error("keyword-value",
                     Error("'loop' takes a list").at(value.where()).hint("a variable needs braces: \"{{ names }}\""));
    return true;
  }

  void loop_control(const Value& value) {
    const Map* map = reading_.map("loop_control", value);
    if (!map) return;
    LoopControl& control = task_->loop_control;
    for (const auto& [key, content] : *map) {
      if (key == "loop_var")
        control.loop_var = reading_.name(key, content).value_or("item");
      else if (key == "index_var")
        control.index_var = reading_.name(key, content);
      else if (key == "label")
        control.label = content;
      else if (key == "pause")
        control.pause = reading_.number(key, content);
      else if (key == "extended")
        control.extended = reading_.boolean(key, content);
      else if (key == "extended_allitems")
        control.extended_allitems = reading_.boolean(key, content);
      else if (key == "break_when")
        control.break_when = content;
      else
        reading_.unknown_keyword("'loop_control'", *map, key, keywords::of_loop_control());
    }
  }

  bool is_known(const std::string& key) const {
    return place_.knows_module && place_.knows_module(canonical_module(key));
  }
  const Strings& known_keywords() const { return place_.is_handler ? keywords::of_handler() : keywords::of_task(); }

  /// Which of the keys that are no keywords is the module; the others are mistakes.
  bool choose_action(const Strings& unknown) {
    for (const char* key : {"action", "local_action"})
      if (map_.contains(key)) action_ = {key, *map_.find(key), reading_.key(map_, key)};
    std::string module = action_.key.empty() ? likely_module(unknown) : std::string();
    for (const std::string& key : unknown) {
      if (key == module) continue;
      if (is_known(key) && !(module.empty() && action_.key.empty()))
        two_modules(module.empty() ? action_.key : module, key);
      else
        reading_.unknown_keyword(place_.is_handler ? "a handler" : "a task", map_, key, known_keywords());
    }
    if (!module.empty()) action_ = {module, *map_.find(module), reading_.key(map_, module)};
    if (!action_.key.empty()) return true;
    if (unknown.empty())
      reading_.error(
          "no-module",
          Error("this task names no module").at(task_->where).hint("add one, such as 'debug: {msg: hello}'"));
    return false;
  }

  std::string likely_module(const Strings& unknown) const {
    for (const std::string& key : unknown)
      if (is_known(key)) return key;
    // No module of ours. A near miss of a keyword is a keyword, unless nobody knows the modules and nothing else is
    // left.
    for (const std::string& key : unknown)
      if (nearest(key, known_keywords()).empty() && key.rfind("sudo", 0) != 0) return key;
    const bool is_last_choice = !place_.knows_module && unknown.size() == 1 && unknown.front().rfind("sudo", 0) != 0;
    return is_last_choice ? unknown.front() : "";
  }

  void two_modules(const std::string& first, const std::string& second) {
    reading_.error("two-modules", Error("a task has one module, and this has '" + first + "' and '" + second + "'")
                                      .at(reading_.key(map_, second))
                                      .spanning(static_cast<int>(second.size()))
                                      .hint("make it two tasks"));
  }

  void read_action() {
    if (action_.key == "action" || action_.key == "local_action") {
      if (action_.key == "local_action") {
        task_->is_local_action = true;
        scope_->settings.delegate_to = Value("localhost").at(action_.where);
      }
      return generic_action();
    }
    named(action_.key, action_.where);
    arguments(action_.value);
  }

  void named(const std::string& written, const Where& where) {
    task_->module_as_written = written;
    task_->module = canonical_module(written);
    task_->module_where = where;
  }

  /// `action: copy src=a dest=b`, or a mapping with `module`.
  void generic_action() {
    const Value& value = action_.value;
    if (value.is_map()) {
      Map rest = value.map();
      const Value* module = rest.find("module");
      if (!module || !module->is_string()) return no_action(value);
      const Value name = *module;
      rest.erase("module");
      // "module: copy src=a" carries arguments of its own.
      const std::size_t blank = name.string().find_first_of(" \t\n");
      named(name.string().substr(0, blank), name.where());
      if (blank != std::string::npos) inline_arguments(name, blank);
      for (const auto& [key, content] : rest) add_argument(key, content, reading_.key(value.map(), key));
      return;
    }
    if (!value.is_string() || value.string().empty()) return no_action(value);
    const std::size_t blank = value.string().find_first_of(" \t\n");
    named(value.string().substr(0, blank), value.where());
    if (blank != std::string::npos) inline_arguments(value, blank);
  }

  void no_action(const Value& value) {
    reading_.error("no-module", Error("'" + action_.key + "' names no module")
                                    .at(value.where() ? value.where() : action_.where)
                                    .hint("write '" + action_.key + ": command ls', or a mapping with 'module'"));
  }

  /// What stands behind the module's name in the same text, from `offset` on.
  void inline_arguments(const Value& value, std::size_t offset) {
    const std::string& text = value.string();
    const std::size_t first = std::min(text.find_first_not_of(" \t\n", offset), text.size());
    const Where where = yaml::place_inside(value.where(), text, first);
    arguments(value.is_template() ? Value::template_text(text.substr(first), where)
                                  : Value(text.substr(first)).at(where));
  }

  void arguments(const Value& value) {
    if (value.is_null()) return;
    if (value.is_map()) {
      for (const auto& [key, content] : value.map()) add_argument(key, content, reading_.key(value.map(), key));
    } else if (value.is_string()) {
      text_arguments(value);
    } else if (const auto text = scalar_text(value)) {
      task_->free_text = Value(*text).at(value.where());
    } else {
      reading_.wrong_kind(task_->module_as_written, "a mapping of arguments", value);
    }
  }

  void text_arguments(const Value& value) {
    // A whole `module: "{{ arguments }}"` is a mapping made by an expression.
    const std::string& text = value.string();
    const bool is_whole = has_braces(value) && text.rfind("{{", 0) == 0 && text.find("}}") + 2 == text.size();
    if (is_whole && !takes_command_line(task_->module) && !takes_words(task_->module)) {
      task_->args_template = value;
      return;
    }
    try {
      InlineArguments found = parse_inline(value, task_->module);
      for (const auto& [key, content] : found.options) add_argument(key, content, content.where());
      if (found.rest) task_->free_text = std::move(found.rest);
    } catch (const Error& mistake) {
      reading_.error("arguments", mistake);
    }
  }

  void add_argument(const std::string& key, const Value& value, const Where& where) {
    if (key == "_raw_params" && value.is_string()) {
      task_->free_text = value;
      return;
    }
    if (task_->args.contains(key)) return;
    task_->args.set(key, value);
    task_->argument_places.push_back(where);
  }

  /// `args:` lies under the module's own arguments.
  void merge_args(const Value& value) {
    if (value.is_null()) return;
    if (has_braces(value)) {
      task_->args_template = value;
      return;
    }
    if (const Map* map = reading_.map("args", value))
      for (const auto& [key, content] : *map) add_argument(key, content, reading_.key(*map, key));
  }

  void check_combinations() {
    if (map_.contains("loop_control") && !task_->loop)
      reading_.problems().warning(
          "loop-control", Error("'loop_control' does nothing without a loop").at(reading_.key(map_, "loop_control")));
  }

  const Reading& reading_;
  const Map& map_;
  const TaskPlace& place_;
  std::shared_ptr<Task> task_;
  std::shared_ptr<Scope> scope_;
  Action action_;
};

}  // namespace

std::shared_ptr<Task> read_task(const Reading& reading, const Map& map, const Where& where, const TaskPlace& place) {
  return TaskReader(reading, map, place).read(where);
}

}  // namespace agent
