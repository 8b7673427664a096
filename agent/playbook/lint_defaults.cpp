#include <algorithm>
#include <map>

#include <agent/playbook/lint_pass.hpp>
#include <agent/playbook/reading.hpp>

namespace agent::linting {

namespace {

// A task that is carried out on every host of the play, as far as the playbook tells.
bool is_certain(const Task& task) {
  if (task.loop) return false;
  const auto scopes = chain(*task.scope);
  return std::all_of(scopes.begin(), scopes.end(), [](const Scope* scope) { return scope->settings.when.empty(); });
}

bool says_so(const Task& task) {
  const Value* value = task.args.find("default");
  return value && value->is_boolean() && value->boolean();
}

std::string series(const std::string& version) {
  const auto dot = version.find('.');
  return dot == std::string::npos ? version : version.substr(0, version.find('.', dot + 1));
}

}  // namespace

// Each would undo what the other did, in every run. A module sees one task at a time, so this is found here.
void check_defaults(const Pass& pass) {
  const Task* first = nullptr;
  std::string wanted;
  for (const Task* task : pass.tasks) {
    if (task->module != "cuda" || !says_so(*task) || !is_certain(*task)) continue;
    const Value* version = plain_argument(*task, {"version"});
    if (!version) continue;
    const std::string here = series(version->string());
    if (!first || here == wanted) {
      first = task;
      wanted = here;
      continue;
    }
    pass.problems.error("defaults", Error("two tasks want different defaults of CUDA: " + wanted + " and " + here)
                                        .at(task->module_where)
                                        .spanning(static_cast<int>(task->module_as_written.size()))
                                        .hint("the other one is at " + first->module_where.text() +
                                              ": keep default: true in one of them"));
  }
}

}  // namespace agent::linting
