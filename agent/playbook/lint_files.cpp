#include <filesystem>

#include <agent/playbook/lint_pass.hpp>
#include <agent/playbook/reading.hpp>

namespace agent::linting {
namespace {

bool is_there(const Path& path) {
  std::error_code failure;
  return std::filesystem::exists(path, failure);
}

bool is_true(const Value* value) {
  if (!value) return false;
  if (value->is_boolean()) return value->boolean();
  if (!value->is_string()) return false;
  return value->string() == "yes" || value->string() == "true" || value->string() == "True" || has_braces(*value);
}

Error missing(const Value& name, const std::vector<Path>& places) {
  std::string looked;
  for (const Path& place : places)
    looked += (looked.empty() ? "'" : ", '") + (place / name.string()).lexically_normal().string() + "'";
  return Error("there is no file '" + name.string() + "'")
      .at(name.where())
      .spanning(static_cast<int>(name.string().size()))
      .hint("looked for " + looked);
}

bool is_found(const Value& name, const std::vector<Path>& places) {
  for (const Path& place : places)
    if (is_there(place / name.string())) return true;
  return false;
}

void check_include_vars(const Task& task, const Pass& pass) {
  const Value* name = plain_argument(task, {"file"});
  if (!name || task.args.contains("dir") || Path(name->string()).is_absolute()) return;
  const auto places = search_path(*task.scope, "vars", pass.playbook_directory);
  if (!is_found(*name, places)) pass.problems.error("missing-file", missing(*name, places));
}

}  // namespace

void check_files(const Task& task, const Pass& pass) {
  if (task.module == "include_vars") return check_include_vars(task, pass);
  const Spec* spec = spec_of(task, pass);
  if (!spec || is_true(task.args.find("remote_src"))) return;
  for (const Argument& argument : spec->arguments) {
    if (argument.source.empty()) continue;
    const Value* name = task.args.find(argument.name);
    for (const std::string& alias : argument.aliases)
      if (!name) name = task.args.find(alias);
    if (!name && task.free_text && spec->free_text == argument.name) name = &*task.free_text;
    // An absolute name may be what an earlier task makes; a URL is no file.
    if (!name || !name->is_string() || has_braces(*name) || name->string().empty()) continue;
    if (name->string().front() == '/' || name->string().front() == '~' ||
        name->string().find("://") != std::string::npos)
      continue;
    if (spec->free_text == argument.name && name->string().find(' ') != std::string::npos) continue;  // with arguments
    const auto places = search_path(*task.scope, argument.source, pass.playbook_directory);
    if (!is_found(*name, places)) pass.problems.error("missing-file", missing(*name, places));
  }
}

void check_variable_files(Pass& pass) {
  for (const Value& entry : pass.play.vars_files) {
    const List candidates = entry.is_list() ? entry.list() : List{entry};
    bool is_known = true, found = false;
    std::vector<Path> looked = search_path(*pass.play.scope, "vars", pass.playbook_directory);
    for (const Value& name : candidates) {
      if (!name.is_string() || has_braces(name)) {
        is_known = false;
        continue;
      }
      found = found || Path(name.string()).is_absolute() ? is_there(name.string()) : is_found(name, looked);
    }
    if (!is_known) pass.has_unknown_variables = true;
    if (is_known && !found && !candidates.empty() && candidates.front().is_string())
      pass.problems.error("missing-file", missing(candidates.front(), {pass.playbook_directory}));
  }
}

}  // namespace agent::linting
