#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include <agent/cli/lint_machine_pins.hpp>
#include <agent/cli/lint_pins.hpp>
#include <agent/resolver/load.hpp>
#include <agent/resolver/stack.hpp>

namespace agent::cli {
namespace {

struct Pin {
  std::string text;
  Where where;
};
/// What a play says of one virtual environment.
struct Environment {
  std::vector<Pin> packages;
  std::optional<Pin> python, cuda;
};

bool is_plain(const Value* value) {
  return value && value->is_string() && value->string().find("{{") == std::string::npos;
}

/// The text of an argument even where it is a template: the same template names the same environment.
std::string raw(const Task& task, const char* name) {
  const Value* value = task.args.find(name);
  return value && value->is_string() ? value->string() : "";
}

/// "3.12" of "python3.12" and "/usr/bin/python3.12".
std::optional<Pin> python_pin(const Value* value) {
  if (!is_plain(value)) return std::nullopt;
  std::string text = value->string().substr(value->string().rfind('/') + 1);
  if (text.starts_with("python")) text.erase(0, 6);
  const auto version = resolver::Dotted::parse(text);
  if (!version || version->size() < 2) return std::nullopt;
  return Pin{version->series(), value->where()};
}

/// "12.1" of ".../whl/cu121".
std::optional<Pin> cuda_pin(const Value* value) {
  if (!is_plain(value)) return std::nullopt;
  const std::string& url = value->string();
  const auto at = url.rfind("/whl/cu");
  if (at == std::string::npos) return std::nullopt;
  const std::string digits = url.substr(at + 7, url.find_first_not_of("0123456789", at + 7) - at - 7);
  if (digits.size() < 2) return std::nullopt;
  return Pin{digits.substr(0, digits.size() - 1) + "." + digits.back(), value->where()};
}

bool is_framework(const std::string& text) {
  static const std::set<std::string> known = {"torch", "torchvision", "torchaudio", "tensorflow", "jax"};
  return known.contains(text.substr(0, text.find_first_of("<>=!~ [")));
}

void add_packages(Environment& environment, const Task& task) {
  const Value* name = task.args.find("name");
  if (!name) return;
  const List names = name->is_list() ? name->list() : List{*name};
  const Value* version = task.args.find("version");
  for (const Value& package : names) {
    if (!is_plain(&package) || !is_framework(package.string())) continue;
    std::string text = package.string();
    if (names.size() == 1 && is_plain(version))
      text += (version->string().find_first_of("<>=!~") == std::string::npos ? "==" : "") + version->string();
    environment.packages.push_back({text, package.where()});
  }
}

std::map<std::string, Environment> environments_of(const Play& play) {
  std::map<std::string, Environment> found;
  const auto look = [&](const Task& task) {
    if (task.module == "venv") {
      auto& environment = found[raw(task, "path")];
      if (auto pin = python_pin(task.args.find("python"))) environment.python = pin;
    }
    if (task.module != "pip") return;
    auto& environment = found[raw(task, "virtualenv")];
    const std::size_t before = environment.packages.size();
    add_packages(environment, task);
    if (auto pin = python_pin(task.args.find("virtualenv_python"))) environment.python = pin;
    if (environment.packages.size() == before) return;
    for (const char* argument : {"index_url", "extra_index_url"})
      if (auto pin = cuda_pin(task.args.find(argument))) environment.cuda = pin;
  };
  for (const Items* items : {&play.pre_tasks, &play.roles, &play.tasks, &play.post_tasks}) for_each_task(*items, look);
  return found;
}

void check(const Environment& environment, const resolver::Tables& tables, Problems& problems) {
  resolver::Request request;
  const Where& where = environment.packages.front().where;
  try {
    for (const Pin& pin : environment.packages) {
      resolver::add_requirement(request, pin.text, tables);
      request.said_by["framework"] = "pinned";
    }
    if (environment.python) request.python = environment.python->text;
    if (environment.cuda) request.cuda = environment.cuda->text;
    const auto answer = resolver::resolve(tables, request);
    if (const auto* conflict = std::get_if<resolver::Conflict>(&answer))
      problems.error("versions", error_of(*conflict, where));
  } catch (const Error& error) {  // newer than the tables, perhaps
    Error warning(error.message());
    warning.at(where);
    for (const std::string& hint : error.hints()) warning.hint(hint);
    problems.warning("versions", std::move(warning));
  }
}

}  // namespace

void check_pins(const std::vector<Playbook>& playbooks, Problems& problems) {
  std::optional<resolver::Tables> tables;
  const auto read = [&]() -> const resolver::Tables& {
    if (!tables) tables = resolver::load(resolver::folders());
    return *tables;
  };
  for (const Playbook& playbook : playbooks)
    for (const Play& play : playbook.plays) {
      for (const auto& [path, environment] : environments_of(play))
        if (!environment.packages.empty()) check(environment, read(), problems);
      if (pins_machine(play)) check_machine_pins(play, read(), problems);
    }
  problems.sort();
}

}  // namespace agent::cli
