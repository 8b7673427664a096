#include "pip.hpp"

#include <algorithm>

#include <agent/sdk/paths.hpp>
#include <agent/sdk/python_creation.hpp>

#include "command.hpp"
#include "failure.hpp"
#include "newest.hpp"
#include "request.hpp"
#include "satisfied.hpp"
#include "target.hpp"

namespace agent::pip {

namespace {

/// The arguments with every path made absolute, and all that they ask for.
struct Asked {
  Want want;
  std::vector<Request> requests;  ///< those of the files last
  std::size_t named = 0;          ///< how many of them are names
  Depth depth;
};

Asked read(const Args& args, const Host& host) {
  Asked asked;
  Want& want = asked.want = arguments().read(args);
  if (want.chdir) want.chdir = path_argument(want.chdir->string(), host);
  const Path here = want.chdir.value_or(Path(host.self().home));
  for (std::optional<Path>* path : {&want.requirements, &want.constraints, &want.virtualenv})
    if (*path) {
      const std::string expanded = expand_user_and_variables((*path)->string(), host);
      *path = path_argument(Path(expanded).is_absolute() ? expanded : (here / expanded).string(), host);
    }
  for (auto& place : want.find_links) {
    place = expand_user_and_variables(place, host);
    if (place.find("://") == std::string::npos && !place.starts_with('/')) place = (here / place).string();
  }
  for (auto& name : want.name)
    if (name.starts_with('~')) name = expand_user_and_variables(name, host);

  asked.requests = named_requests(want, here);
  asked.named = asked.requests.size();
  asked.depth.dependencies = !want.no_deps;
  if (want.requirements) {
    RequirementsFile file = read_requirements(*want.requirements, false, host);
    asked.requests.insert(asked.requests.end(), file.requests.begin(), file.requests.end());
    asked.depth.constraints = std::move(file.constraints);
    want.pre |= file.pre;
  }
  if (want.constraints) {
    auto file = read_requirements(*want.constraints, true, host);
    asked.depth.constraints.insert(asked.depth.constraints.end(), file.constraints.begin(), file.constraints.end());
  }
  return asked;
}

std::string name_of(const Request& request) {
  return request.requirement.name.empty() ? request.text : request.requirement.key();
}

Change change_for(const Lack& lack) {
  return {"python package " + lack.name + (lack.wanted_by.empty() ? "" : " (for " + lack.wanted_by + ")"), lack.before,
          lack.wanted};
}

/// Versions of what was asked for, as they are now.
Map versions_of(const std::vector<std::string>& names, const PythonEnvironment& env) {
  Map versions;
  for (const auto& name : names)
    if (const PythonPackage* package = env.find(name); package && !package->version.empty())
      versions.set(package->name, package->version);
  return versions;
}

Map result_of(const Asked& asked, const Target& target) {
  Strings names;
  for (const auto& request : asked.requests)
    if (!request.requirement.name.empty()) names.push_back(request.requirement.key());
  Map result{{"python", target.env.python().string()}, {"name", names}};
  result.set("packages", versions_of(names, target.env));
  if (target.virtualenv) result.set("virtualenv", target.virtualenv->string());
  if (asked.want.requirements) result.set("requirements", asked.want.requirements->string());
  if (asked.want.version) result.set("version", *asked.want.version);
  return result;
}

void refuse_user_in_closed_environment(const Want& want, const Target& target) {
  if (want.user && target.env.is_virtual() && !target.env.sees_system_packages())
    throw Error("'user: true' has no effect on '" + target.env.prefix().string() +
                "': that virtual environment does not see packages below the home")
        .about("user")
        .hint("leave 'user' out, or make the environment with system_site_packages: true");
}

bool asks_elsewhere(const Want& want) {
  if (!want.extra_args) return false;
  for (const char* option : {"--break-system-packages", "--target", "--prefix", "--root"})
    if (want.extra_args->find(option) != std::string::npos) return true;
  return false;
}

/// A note for those who install what came with a package that is not there yet.
void note_possible_company(const std::vector<Lack>& lacking, const Target& target, Plan& plan) {
  std::string predicted;
  for (const auto& [name, package] : target.env.packages())
    if (target.env.owns(package) && name != "pip" && target.env.metadata(package).predicted)
      predicted += (predicted.empty() ? "" : ", ") + name;
  if (predicted.empty() || lacking.empty()) return;
  plan.notes.push_back("what depends on " + predicted + " is not known before they are installed: " +
                       lacking.front().name + (lacking.size() > 1 ? " and others" : "") + " may come with them");
}

Plan absent(const Asked& asked, const Target& target) {
  Plan plan;
  plan.result = result_of(asked, target);
  std::vector<PythonPackage> present;
  Step step;
  for (const auto& request : asked.requests) {
    const PythonPackage* package = request.requirement.name.empty() ? installed_from(request, target.env)
                                                                    : target.env.find(request.requirement.name);
    if (!package) continue;
    if (!target.env.owns(*package)) {
      plan.notes.push_back(package->name + " " + package->version + " is the system's own ('" +
                           package->metadata.string() + "'), which a virtual environment cannot remove");
      continue;
    }
    const auto known = [&](const PythonPackage& other) { return other.name == package->name; };
    if (std::any_of(present.begin(), present.end(), known)) continue;
    step.changes.push_back(
        {"python package " + package->name, package->version.empty() ? "installed" : package->version, std::nullopt});
    present.push_back(*package);
  }
  if (present.empty()) return plan;
  step.actions = {uninstall_command(asked.want, target, present)};
  plan.result.set("cmd", std::get<Exec>(step.actions.front()).argv);
  plan.steps = {std::move(step)};
  return plan;
}

/// Every request as a change, whatever is there.
std::vector<Lack> all_again(const Asked& asked, const Target& target) {
  std::vector<Lack> lacking;
  for (const auto& request : asked.requests) {
    const PythonPackage* now = request.requirement.name.empty() ? installed_from(request, target.env)
                                                                : target.env.find(request.requirement.name);
    lacking.push_back({name_of(request), now ? std::optional(now->version) : std::nullopt,
                       now ? now->version : shown(request.requirement.versions), "", false});
  }
  return lacking;
}

Plan present(const Asked& asked, const Target& target, const Host& host) {
  Plan plan;
  plan.result = result_of(asked, target);
  refuse_user_in_closed_environment(asked.want, target);
  if (target.creation) plan.steps.push_back(*target.creation);
  const bool again = asked.want.state == "forcereinstall";
  std::vector<Lack> lacking = again ? all_again(asked, target) : lacks(asked.requests, asked.depth, target.env);
  if (asked.want.state == "latest" && !target.creation) {
    Newer newer = find_newer(asked.want, target, asked.requests, host);
    for (auto& lack : newer.lacking) {
      const auto same = [&](const Lack& other) { return other.name == lack.name; };
      if (std::none_of(lacking.begin(), lacking.end(), same)) lacking.push_back(std::move(lack));
    }
    plan.notes = std::move(newer.notes);
  }
  if (lacking.empty()) return plan;
  note_possible_company(lacking, target, plan);

  Step install;
  install.event = again;
  std::vector<Request> named(asked.requests.begin(), asked.requests.begin() + static_cast<std::ptrdiff_t>(asked.named));
  std::vector<Lack> missing;
  for (const auto& lack : lacking) {
    install.changes.push_back(change_for(lack));
    if (again) install.changes.back().after = lack.wanted + ", installed again";
    if (lack.half_installed) {
      const auto actions = repair(asked.want, target, lack);
      install.actions.insert(install.actions.end(), actions.begin(), actions.end());
      continue;
    }
    for (const auto& path : lack.debris) install.actions.push_back(RemovePath{path});
    if (!lack.only_debris) missing.push_back(lack);
  }
  if (!missing.empty() || again) install.actions.push_back(install_command(asked.want, target, named, missing));
  if (const auto* command = std::get_if<Exec>(&install.actions.back())) plan.result.set("cmd", command->argv);
  plan.steps.push_back(std::move(install));
  return plan;
}

}  // namespace

Plan Pip::check(const Args& args, const Host& host) const {
  const Asked asked = read(args, host);
  const Target target = find_target(asked.want, pip_package(), host);
  Plan plan = asked.want.state == "absent" ? absent(asked, target) : present(asked, target, host);
  if (!plan.empty() && target.env.is_virtual()) expect_links_to_be_trusted(target.env.site() / "package", host);
  const bool allowed = asked.want.break_system_packages || asks_elsewhere(asked.want);
  const auto marker = target.env.externally_managed();
  if (plan.empty() || allowed || !marker || configured_to_break(target.env, host)) return plan;

  const std::string first = asked.requests.empty() ? "PACKAGE" : name_of(asked.requests.front());
  Error error("Python " + target.env.version() + " ('" + target.env.python().string() +
              "') is the distribution's own, and pip is kept out of it (PEP 668, '" + marker->string() + "')");
  error.hint("virtualenv: DIRECTORY installs into an environment of its own (the usual way)");
  if (const std::string package = package_of(first); !package.empty())
    error.hint(host.packages().manager() + ": {name: " + package +
               "} installs the distribution's own package, where there is one");
  throw std::move(error).hint(
      "break_system_packages: true installs all the same, at the risk of breaking the system's tools");
}

Outcome Pip::apply(const Plan& plan, Host& host) const {
  const auto text = [&](const char* key) {
    const Value* found = plan.result.find(key);
    return found && found->is_string() ? found->string() : std::string();
  };
  const Value* listed = plan.result.find("name");
  const Strings names = listed ? [&] {
    Strings all;
    for (const auto& name : listed->list()) all.push_back(name.string());
    return all;
  }() : Strings{};
  Outcome outcome;
  try {
    for (const Step& step : plan.steps)
      for (const Action& action : step.actions)
        outcome.outputs.push_back(creates_environment(action) ? create_environment(std::get<Exec>(action), host)
                                                              : host.perform(action));
  } catch (const Error& failure) {
    const auto said = [&](const char* stream) {
      const Value* found = failure.result().find(stream);
      return found && found->is_string() ? found->string() : std::string();
    };
    const auto env = PythonEnvironment::of(host, text("python"));
    if (!env) throw;
    const Context context = {names.empty() ? Strings{text("requirements")} : names, *env, build_packages()};
    auto error = explained({1, said("stdout"), said("stderr")}, context);
    if (!error) throw;
    throw std::move(*error).with(failure.result());
  }
  if (const auto env = PythonEnvironment::of(host, text("python")))
    outcome.result.set("packages", versions_of(names, *env));
  return outcome;
}

namespace {
constexpr Variant variants[] = {{"debian", debian}, {"ubuntu", debian}, {"fedora", fedora}, {"any", any}};
}

}  // namespace agent::pip

AGENT_MODULE(agent::pip::arguments, agent::pip::variants)
