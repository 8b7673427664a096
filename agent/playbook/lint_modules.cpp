#include <algorithm>

#include <agent/playbook/lint_pass.hpp>
#include <agent/playbook/reading.hpp>
#include <agent/template/lookup_names.hpp>

namespace agent::linting {
namespace {

bool holds_template(const Value& value) {
  if (value.is_list()) return std::any_of(value.list().begin(), value.list().end(), holds_template);
  if (value.is_map())
    return std::any_of(value.map().begin(), value.map().end(),
                       [](const auto& entry) { return holds_template(entry.second); });
  return has_braces(value) || value.is_object();
}

/// The arguments as the module would get them, with what is only known at run time as unknown.
Map known_arguments(const Task& task, const Spec& spec) {
  Map arguments;
  for (const Scope* scope : chain(*task.scope))
    if (const Value* defaults = scope->settings.module_defaults.find(task.module); defaults && defaults->is_map())
      arguments.merge(defaults->map());
  arguments.merge(task.args);
  if (task.free_text && !spec.free_text.empty() && !arguments.contains(spec.free_text))
    arguments.set(spec.free_text, *task.free_text);
  Map known;
  for (const auto& [name, value] : arguments)
    known.set(name, holds_template(value) ? Value::unknown("it is a template").at(value.where()) : value);
  return known;
}

Where place_of(const Task& task, const std::string& argument) {
  std::size_t index = 0;
  for (const auto& [name, value] : task.args) {
    if (name == argument) return task.argument_places[index];
    ++index;
  }
  return task.module_where;
}

/// The Spec's own words, at the place that they are about.
Error placed(const Error& mistake, const Task& task, const Spec& spec) {
  const std::string argument = mistake.argument().substr(0, mistake.argument().find('['));
  const bool is_key = !argument.empty() && !spec.find(argument) && task.args.contains(argument);
  const bool is_module = !is_key && !mistake.where();
  const std::size_t width = is_key ? argument.size() : is_module ? task.module_as_written.size() : 1;
  Error error(mistake.message());
  error.at(is_key ? place_of(task, argument) : is_module ? task.module_where : mistake.where());
  for (const std::string& hint : mistake.hints()) error.hint(hint);
  return std::move(error).spanning(static_cast<int>(width)).about(mistake.argument());
}

void check_arguments(const Task& task, const Spec& spec, const Pass& pass) {
  if (task.free_text && spec.free_text.empty())
    pass.problems.error("arguments",
                        Error(spec.name + " takes no free text")
                            .at(task.free_text->where())
                            .hint("write its arguments by name: '" + spec.name + ": {" +
                                  (spec.arguments.empty() ? "name" : spec.arguments.front().name) + ": ...}'"));
  // Arguments made by an expression may hold whatever is missing.
  const bool is_complete = !task.args_template;
  Map arguments = known_arguments(task, spec);
  // A Spec reports one mistake at a time: take the wrong argument out of its sight, and ask again.
  for (std::size_t round = 0; round <= task.args.size() + spec.arguments.size(); ++round) {
    try {
      spec.check(arguments);
      return;
    } catch (const Error& mistake) {
      const std::string argument = mistake.argument().substr(0, mistake.argument().find('['));
      const bool is_missing = argument.empty() || !arguments.contains(argument);
      if (is_complete || !is_missing) pass.problems.error("arguments", placed(mistake, task, spec));
      if (argument.empty()) return;
      if (spec.find(argument))
        arguments.set(argument, Value::unknown("it was wrong"));
      else
        arguments.erase(argument);
    }
  }
}

/// `mode: 644` is a decimal number, and the file gets the mode 1204.
void check_mode(const Argument& argument, const Value& value, const Pass& pass) {
  if (argument.type != Type::mode || !value.is_integer() || !value.where()) return;
  const std::string digits = std::to_string(value.integer());
  const bool reads_as_mode = digits.size() >= 3 && digits.size() <= 4 && digits.find_first_of("89") == digits.npos;
  const std::string_view line = pass.loader.line_of(value.where());
  const auto at = static_cast<std::size_t>(value.where().column) - 1;
  if (!reads_as_mode || at > line.size() || line.substr(at, digits.size()) != digits) return;
  char meant[16];
  std::snprintf(meant, sizeof meant, "%04llo", static_cast<unsigned long long>(value.integer()));
  pass.problems.warning(
      "octal", Error("'" + argument.name + ": " + digits + "' is a decimal number, and means the mode " + meant)
                   .at(value.where())
                   .spanning(static_cast<int>(digits.size()))
                   .hint("write '" + std::string(digits.size() == 3 ? "0" : "") + digits + "', in quotes"));
}

}  // namespace

void check_module(const Task& task, const Pass& pass) {
  if (!pass.options.find_spec || task.module == "validate_argument_spec" || task.module.empty()) return;
  const Spec* spec = spec_of(task, pass);
  if (spec) {
    check_arguments(task, *spec, pass);
    for (const auto& [name, value] : task.args)
      if (const Argument* argument = spec->find(name)) check_mode(*argument, value, pass);
    return;
  }
  if (has_braces(Value::template_text(task.module))) return;
  Error error = Error("there is no module '" + task.module_as_written + "'")
                    .at(task.module_where)
                    .spanning(static_cast<int>(task.module_as_written.size()));
  if (const auto hint = did_you_mean(task.module, pass.options.module_names)) error.hint(*hint);
  if (pass.options.unknown_module_is_error)
    pass.problems.error("unknown-module", std::move(error));
  else
    pass.problems.warning("unknown-module", std::move(error.hint("a host that reaches this task fails")));
}

void check_loop(const Task& task, const Pass& pass) {
  static const Strings names = jinja::lookup_names();
  if (!task.loop || task.loop->kind == "loop") return;
  const std::string kind = task.loop->kind.substr(task.loop->kind.rfind('.') + 1);
  if (std::find(names.begin(), names.end(), kind) != names.end()) return;
  Error error = Error("there is no loop 'with_" + task.loop->kind + "'")
                    .at(task.loop->where)
                    .spanning(static_cast<int>(task.loop->kind.size() + 5));
  Strings keywords;
  for (const auto& name : names) keywords.push_back("with_" + name);
  if (const auto hint = did_you_mean("with_" + task.loop->kind, keywords)) error.hint(*hint);
  pass.problems.error("unknown-loop", std::move(error));
}

void check_conditions(const Task& task, const Pass& pass) {
  const auto check = [&](const char* keyword, const std::vector<Value>& conditions) {
    for (const Value& condition : conditions) {
      if (!has_braces(condition)) continue;
      const std::string& text = condition.string();
      const bool is_whole = text.rfind("{{", 0) == 0 && text.size() > 4 && text.compare(text.size() - 2, 2, "}}") == 0;
      Error error = Error("'" + std::string(keyword) + "' is an expression already, and needs no braces")
                        .at(condition.where())
                        .spanning(static_cast<int>(text.size()));
      if (is_whole) {
        std::string bare = text.substr(2, text.size() - 4);
        bare = bare.substr(std::min(bare.find_first_not_of(' '), bare.size()));
        bare.erase(bare.find_last_not_of(' ') + 1);
        error.hint("write '" + std::string(keyword) + ": " + bare + "'");
      }
      pass.problems.warning("braces-in-condition", std::move(error));
    }
  };
  check("when", task.scope->settings.when);
  check("until", task.until);
  check("changed_when", task.changed_when);
  check("failed_when", task.failed_when);
}

}  // namespace agent::linting
