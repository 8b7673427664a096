#include <algorithm>
#include <optional>

#include <agent/cli/lint_machine_pins.hpp>
#include <agent/resolver/advice.hpp>
#include <agent/sdk/text.hpp>

namespace agent::cli {
namespace {

/// A version, or whatever else is written out; nothing where it is missing or a template.
std::optional<std::string> written(const Task& task, const char* name) {
  const Value* value = task.args.find(name);
  if (!value || !(value->is_string() || value->is_number())) return std::nullopt;
  const std::string text = value->is_string() ? value->string() : value->json();
  return text.find("{{") == std::string::npos && !text.empty() ? std::optional(text) : std::nullopt;
}

/// All that is written in a list, or in one text; nothing where any of it is a template.
std::optional<Strings> all_written(const Task& task, const char* name) {
  const Value* value = task.args.find(name);
  if (!value) return Strings{};
  Strings texts;
  for (const Value& one : value->is_list() ? value->list() : List{*value}) {
    if (!one.is_string() || one.string().find("{{") != std::string::npos) return std::nullopt;
    texts.push_back(one.string());
  }
  return texts;
}

Where place_of(const Task& task, const char* name) {
  const Value* value = task.args.find(name);
  return value && value->where() ? value->where() : task.where;
}

bool is_wanted(const Task& task) {
  return written(task, "state").value_or("present") != "absent";
}

std::vector<const Task*> tasks_of(const Play& play, std::string_view module) {
  std::vector<const Task*> found;
  for (const Items* items : {&play.pre_tasks, &play.roles, &play.tasks, &play.post_tasks})
    for_each_task(*items, [&](const Task& task) {
      if (task.module == module && is_wanted(task)) found.push_back(&task);
    });
  return found;
}

/// The task is refused at run as well: what the tables do not know is an error here.
void check_stack(const Task& task, const resolver::Tables& tables, Problems& problems) {
  const auto frameworks = all_written(task, task.args.find("name") ? "name" : "framework");
  if (!frameworks) return;
  const char* place = task.args.find("name") ? "name" : "framework";
  try {
    resolver::Request request;
    for (const std::string& text : frameworks->empty() ? Strings{"torch"} : *frameworks)
      resolver::add_requirement(request, text, tables);
    // What a template says can only narrow it further.
    if (const auto gpus = all_written(task, "gpu")) request.gpus = *gpus;
    if (const auto driver = written(task, "driver")) request.driver = driver;
    if (const auto distro = written(task, "distro")) request.distro = distro;
    if (const auto python = written(task, "python")) request.python = python;
    if (const auto cuda = written(task, "cuda")) request.cuda = cuda;
    const Value* toolkit = task.args.find("toolkit");
    request.toolkit |= toolkit && toolkit->is_boolean() && toolkit->boolean();
    const auto answer = resolver::resolve(tables, request);
    if (const auto* conflict = std::get_if<resolver::Conflict>(&answer))
      problems.error("versions", error_of(*conflict, place_of(task, place)));
  } catch (Error& error) {
    problems.error("versions", std::move(error.at(place_of(task, place))));
  }
}

void check_toolkit(const Task& task, const std::vector<const Task*>& drivers, const resolver::Tables& tables,
                   Problems& problems) {
  const auto version = written(task, "version");
  if (!version) return;
  resolver::Request request;
  request.toolkit = true;
  request.cuda = version;
  request.said_by = {{"cuda", "pinned"}, {"driver", "pinned"}, {"toolkit", "pinned"}};
  const auto branch = drivers.size() == 1 ? written(*drivers.front(), "branch") : std::nullopt;
  if (branch) request.driver = branch;
  try {
    const auto answer = resolver::resolve(tables, request);
    if (const auto* conflict = std::get_if<resolver::Conflict>(&answer))
      problems.error("versions", error_of(*conflict, place_of(task, "version")));
  } catch (Error& error) {  // newer than the tables, perhaps
    problems.warning("versions", std::move(error.at(place_of(task, "version"))));
  }
}

bool begins(const std::string& version, const std::string& wanted) {
  return version == wanted || version.starts_with(wanted + ".");
}

/// "12.4" of "12.4.1"; "" of a major alone, which has no series.
std::string series_of(const std::string& cuda) {
  const auto dotted = resolver::Dotted::parse(cuda);
  return dotted && dotted->size() > 1 ? dotted->series() : "";
}

void check_cudnn(const Task& task, const resolver::Tables& tables, Problems& problems) {
  const auto version = written(task, "version"), cuda = written(task, "cuda");
  if (!version || !cuda || series_of(*cuda).empty()) return;
  const resolver::CudnnRelease* newest = nullptr;
  for (const resolver::CudnnRelease& release : tables.cudnn) {
    if (!begins(release.version.text(), *version)) continue;
    if (resolver::serves(release, series_of(*cuda))) return;
    if (!newest) newest = &release;
  }
  if (!newest) return;  // newer than the tables, perhaps: the repository knows
  Error error("there is no cuDNN " + *version + " for CUDA " + *cuda);
  error.at(place_of(task, "version"))
      .hint("cuDNN " + newest->version.text() + " was built for CUDA " + text::joined(newest->cuda));
  for (const resolver::CudnnRelease& release : tables.cudnn)
    if (release.origin.verified && resolver::serves(release, series_of(*cuda))) {
      error.hint("CUDA " + *cuda + " is served by cuDNN " + release.version.text());
      break;
    }
  problems.error("versions", std::move(error));
}

}  // namespace

bool pins_machine(const Play& play) {
  for (const char* module : {"ml_stack", "cuda", "cudnn"})
    if (!tasks_of(play, module).empty()) return true;
  return false;
}

void check_machine_pins(const Play& play, const resolver::Tables& tables, Problems& problems) {
  for (const Task* task : tasks_of(play, "ml_stack")) check_stack(*task, tables, problems);
  const auto drivers = tasks_of(play, "nvidia_driver");
  for (const Task* task : tasks_of(play, "cuda")) check_toolkit(*task, drivers, tables, problems);
  for (const Task* task : tasks_of(play, "cudnn")) check_cudnn(*task, tables, problems);
}

Error error_of(const resolver::Conflict& conflict, const Where& where) {
  Error error(conflict.summary());
  error.at(where);
  for (const resolver::WayOut& way : conflict.ways) error.hint(way.text + (way.gives.empty() ? "" : ": " + way.gives));
  return error;
}

}  // namespace agent::cli
