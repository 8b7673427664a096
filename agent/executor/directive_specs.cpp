#include <algorithm>

#include <agent/executor/directives.hpp>

namespace agent::executor {
namespace {

Argument argument(std::string name, Type type, std::string help) {
  Argument out;
  out.name = std::move(name);
  out.type = type;
  out.help = std::move(help);
  return out;
}
Argument required(Argument argument) {
  argument.required = true;
  return argument;
}
Argument also(Argument argument, Strings aliases) {
  argument.aliases = std::move(aliases);
  return argument;
}

Spec spec(std::string name, std::string summary, std::vector<Argument> arguments, std::string free_text,
          Example example) {
  Spec out;
  out.name = std::move(name);
  out.summary = std::move(summary);
  out.arguments = std::move(arguments);
  out.free_text = std::move(free_text);
  out.examples = {std::move(example)};
  out.plain = true;
  return out;
}

std::vector<Argument> role_arguments() {
  return {required(argument("name", Type::text, "the role, by name or path")),
          argument("tasks_from", Type::text, "the file of tasks/ to begin with, instead of main"),
          argument("vars_from", Type::text, "the file of vars/, instead of main"),
          argument("defaults_from", Type::text, "the file of defaults/, instead of main"),
          argument("handlers_from", Type::text, "the file of handlers/, instead of main"),
          argument("apply", Type::map, "keywords for every task that comes in: tags, become, ..."),
          argument("public", Type::boolean, "the role's variables stay visible after it"),
          argument("allow_duplicates", Type::boolean, "run it though it ran before"),
          argument("rolespec_validate", Type::boolean, "check the arguments against its argument_specs")};
}

std::vector<Spec> make() {
  std::vector<Spec> out;
  out.push_back(spec("include_tasks", "Brings in a file of tasks when it is reached.",
                     {required(also(argument("file", Type::text, "the file"), {"_raw_params"})),
                      argument("apply", Type::map, "keywords for every task that comes in: tags, become, ...")},
                     "file", {"By distribution", "- include_tasks: \"{{ ansible_os_family }}.yml\""}));
  out.push_back(spec("import_tasks", "Brings in a file of tasks when the playbook is read.",
                     {required(also(argument("file", Type::text, "the file"), {"_raw_params"}))}, "file",
                     {"Always the same file", "- import_tasks: users.yml"}));
  out.push_back(spec("include_role", "Brings in a role when it is reached.", role_arguments(), "",
                     {"One entry point", "- include_role: {name: cuda, tasks_from: verify}"}));
  out.push_back(spec("import_role", "Brings in a role when the playbook is read.", role_arguments(), "",
                     {"In its place among tasks", "- import_role: {name: cuda}"}));
  out.push_back(spec("import_playbook", "Brings in the plays of another playbook.",
                     {required(argument("file", Type::text, "the playbook"))}, "file",
                     {"One after another", "- import_playbook: drivers.yml"}));
  out.push_back(spec("include_vars", "Reads variables from files when it is reached.",
                     {also(argument("file", Type::text, "the file"), {"_raw_params"}),
                      argument("dir", Type::text, "a directory, of which all files are read in order"),
                      argument("name", Type::text, "the variables go under this name"),
                      argument("depth", Type::integer, "how deep to look below `dir`; 0: all the way"),
                      argument("files_matching", Type::text, "only files of `dir` that this regular expression finds"),
                      argument("ignore_files", Type::list, "files of `dir` to pass over"),
                      argument("extensions", Type::list, "of files in `dir`: yml, yaml, json"),
                      argument("ignore_unknown_extensions", Type::boolean, "pass over other files in `dir`"),
                      argument("hash_behaviour", Type::text, "replace, or merge mappings")},
                     "file", {"By distribution", "- include_vars: \"{{ ansible_distribution }}.yml\""}));
  Argument action = required(also(argument("action", Type::text, "what is done"), {"free_form"}));
  action.choices = {"flush_handlers", "end_play",          "end_host",          "end_batch",        "end_role",
                    "clear_facts",    "clear_host_errors", "refresh_inventory", "reset_connection", "noop"};
  out.push_back(spec("meta", "Steers the play itself.", {std::move(action)}, "action",
                     {"Handlers now, not at the end", "- meta: flush_handlers"}));
  Spec add = spec(
      "add_host", "Adds a host to the inventory of this run.",
      {required(also(argument("name", Type::text, "the host"), {"host", "hostname"})),
       also(argument("groups", Type::list, "the groups it is put into"), {"group", "groupname"})},
      "", {"A machine made by an earlier task", "- add_host: {name: gpu7, groups: [gpu], ansible_host: 10.0.0.7}"});
  add.open = true;
  out.push_back(std::move(add));
  out.push_back(spec("group_by", "Puts hosts into groups named after what they are.",
                     {required(argument("key", Type::text, "the group")),
                      argument("parents", Type::list, "the groups that this group is put into")},
                     "", {"By distribution", "- group_by: {key: \"os_{{ ansible_distribution | lower }}\"}"}));
  out.push_back(spec("pause", "Waits, for a time or for a person.",
                     {argument("seconds", Type::number, "how long"), argument("minutes", Type::number, "how long"),
                      argument("prompt", Type::text, "what to ask; the answer is `user_input`"),
                      argument("echo", Type::boolean, "show what is typed")},
                     "", {"A question", "- pause: {prompt: \"Reboot the machine now? (yes/no)\"}"}));
  out.push_back(spec("validate_argument_spec", "Checks variables against the options of a role's argument_specs.",
                     {required(argument("argument_spec", Type::map, "the options, as in meta/argument_specs.yml")),
                      argument("provided_arguments", Type::map, "values that count over the variables"),
                      argument("validate_args_context", Type::map, "what the message names: type, name, path")},
                     "",
                     {"By hand", "- validate_argument_spec: {argument_spec: {port: {type: int, required: true}}}"}));
  return out;
}

}  // namespace

const std::vector<Spec>& directive_specs() {
  static const std::vector<Spec> specs = make();
  return specs;
}

const Spec* find_directive(std::string_view name) {
  const auto& specs = directive_specs();
  const auto found = std::find_if(specs.begin(), specs.end(), [&](const Spec& spec) { return spec.name == name; });
  return found == specs.end() ? nullptr : &*found;
}

}  // namespace agent::executor
