#include <algorithm>

#include <agent/worker/shown_host.hpp>

namespace agent {

namespace {

bool is_below(const std::string& path, const std::string& directory) {
  return path.size() > directory.size() && path[directory.size()] == '/' && path.starts_with(directory);
}

/// What a file action changes; empty for any other.
Path target_of(const Action& action) {
  return std::visit(
      [](const auto& typed) -> Path {
        if constexpr (requires { typed.path; })
          return typed.path;
        else if constexpr (requires { typed.to; })
          return typed.to;
        else
          return {};
      },
      action);
}

void add_effects(const Exec& exec, std::set<std::string>& paths) {
  const Effects& effects = exec.effects;
  for (const auto* list : {&effects.directories, &effects.opaque, &effects.removed})
    for (const Path& path : *list) paths.insert(path.string());
  for (const auto& [path, content] : effects.files) paths.insert(path.string());
  for (const std::string& word : exec.argv)
    if (word.starts_with('/')) paths.insert(word);
}

}  // namespace

ShownHost::ShownHost(Host& host, const Plan& plan, std::string module)
    : host_(host), plan_(plan), module_(std::move(module)) {
  for (const Step& step : plan.steps)
    for (const Action& action : step.actions) {
      if (const Path path = target_of(action); !path.empty()) paths_.insert(path.string());
      if (const auto* exec = std::get_if<Exec>(&action)) {
        if (!exec->argv.empty()) programs_.insert(exec->argv.front());
        add_effects(*exec, paths_);
      }
    }
}

Output ShownHost::perform(const Action& action) {
  if (is_shown(action)) return host_.perform(action);
  throw Error("the module '" + module_ + "' was about to do what its check does not show: " + describe(action))
      .hint("this is a bug of the module; that step was not taken");
}

bool ShownHost::is_shown(const Action& action) const {
  const bool planned = std::any_of(plan_.steps.begin(), plan_.steps.end(), [&](const Step& step) {
    return std::find(step.actions.begin(), step.actions.end(), action) != step.actions.end();
  });
  if (planned) return true;
  if (const auto* exec = std::get_if<Exec>(&action))
    return !exec->argv.empty() && programs_.contains(exec->argv.front());
  const Path path = target_of(action);
  return !path.empty() && (covers(path) || is_another_name(action, path));
}

// The same under a name that was free: of a temporary file only the run can tell it.
bool ShownHost::is_another_name(const Action& action, const Path& path) const {
  if (host_.stat(path, false)) return false;
  const auto is_alike = [&](const Action& planned) {
    return planned.index() == action.index() && target_of(planned).parent_path() == path.parent_path();
  };
  return std::any_of(plan_.steps.begin(), plan_.steps.end(),
                     [&](const Step& step) { return std::any_of(step.actions.begin(), step.actions.end(), is_alike); });
}

// The same path, one below it, or a directory above it that was made on its way and is taken away again.
bool ShownHost::covers(const Path& path) const {
  const std::string text = path.string();
  return std::any_of(paths_.begin(), paths_.end(), [&](const std::string& shown) {
    return text == shown || is_below(text, shown) || is_below(shown, text);
  });
}

}  // namespace agent
