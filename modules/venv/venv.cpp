#include "venv.hpp"

#include <algorithm>

#include <agent/sdk/named_python.hpp>
#include <agent/sdk/paths.hpp>
#include <agent/sdk/python_creation.hpp>

#include "adjust.hpp"
#include "arguments.hpp"
#include "packages.hpp"

namespace agent::venv {

namespace {

Map result_of(const Path& path, const std::string& version, const PythonPackage* pip) {
  Map result{{"path", path.string()}, {"python", (path / "bin/python").string()}, {"version", version}};
  if (pip && !pip->version.empty()) result.set("pip", pip->version);
  return result;
}

}  // namespace

Plan Venv::check(const Args& args, const Host& host) const {
  Want want = arguments().read(args);
  want.path = path_argument(want.path.string(), host);
  for (const auto& text : want.packages) pep508::Requirement::parse(text);
  if (is_wanted(want.upgrade_pip)) pip_versions(want.upgrade_pip);
  Plan plan = want.state == "absent" ? absent(want, host) : present(want, host);
  if (!plan.empty()) expect_links_to_be_trusted(want.path / "pyvenv.cfg", host);
  return plan;
}

Plan Venv::absent(const Want& want, const Host& host) const {
  Plan plan;
  plan.result = {{"path", want.path.string()}};
  const auto there = host.stat(want.path, false);
  if (!there) return plan;
  const auto env = PythonEnvironment::in(host, want.path);
  if (!env)
    throw Error("'" + want.path.string() +
                "' is no virtual environment, so it was not removed: there is no pyvenv.cfg in it")
        .about("path")
        .hint("to remove it all the same: file: {path: " + want.path.string() + ", state: absent}");
  plan.steps = {
      {{{subject(want.path), shown(*env, env->sees_system_packages()), std::nullopt}}, {RemovePath{want.path}}}};
  return plan;
}

Plan Venv::present(const Want& want, const Host& host) const {
  Plan plan;
  const auto env = PythonEnvironment::in(host, want.path);
  if (!env) {
    const auto there = host.stat(want.path);
    if (there && !there->is_directory())
      throw Error("'" + want.path.string() + "' is there and no directory").about("path");
    if (there && !host.list(want.path).empty())
      throw Error("'" + want.path.string() + "' is there and no virtual environment: there is no pyvenv.cfg in it")
          .about("path")
          .hint("name another directory, or move away what is in this one");
    const auto base = base_python(want, host);
    plan.steps = {creation(want, base, host)};
    plan.result = result_of(want.path, base.version(), nullptr);
    return plan;
  }
  if (env->broken()) {
    plan.steps = {rebuilding(want, *env, *env->broken(), host)};
    plan.result = result_of(want.path, base_python(want, host).version(), nullptr);
    return plan;
  }
  if (want.python) {
    const auto base = base_python(want, host);
    if (base.version() != env->version()) {
      const std::string reason = "it has Python " + env->version() + ", and Python " + base.version() + " is asked for";
      plan.steps = {rebuilding(want, *env, reason, host)};
      plan.result = result_of(want.path, base.version(), nullptr);
      return plan;
    }
  }
  if (!env->find("pip")) require_ensurepip(*env, host);
  adjust(want, *env, host, plan);
  plan.result = result_of(want.path, env->version(), env->find("pip"));
  return plan;
}

PythonEnvironment Venv::base_python(const Want& want, const Host& host) const {
  const std::string name = want.python.value_or("python3");
  const std::string version = name.starts_with("python") ? name.substr(6) : name;
  const auto found = named_python(name, "python", host, python_package(version == "3" ? "" : version));
  if (found.broken()) throw Error("'" + name + "' does not work: " + *found.broken()).about("python");
  return found;
}

void Venv::require_ensurepip(const PythonEnvironment& base, const Host& host) const {
  if (!base.standard_library() || base.bundled_pip()) return;  // in a dry run Python may not be on the disk yet
  const std::string package = ensurepip_package(base.version());
  if (package.empty()) {
    throw Error("'" + base.python().string() + "' has no ensurepip, so it cannot give a virtual environment its pip")
        .hint("install the whole standard library of Python " + base.version());
  }
  // Named by an earlier task of a dry run: the package database has it, the disk not yet.
  for (const std::string& name : {package, std::string("python3-venv"), std::string("python3-full")})
    for (const auto& record : host.packages().find(name))
      if (record.state == Package::State::installed) return;
  throw Error("'" + base.python().string() + "' has no ensurepip, so it cannot give a virtual environment its pip")
      .hint("package '" + package + "' brings it: " + package_module(host) + ": {name: " + package + "}");
}

Step Venv::creation(const Want& want, const PythonEnvironment& base, const Host& host) const {
  require_ensurepip(base, host);
  const bool system = want.system_site_packages.value_or(false);
  Strings argv{base.python().string(), "-m", "venv"};
  if (system) argv.push_back("--system-site-packages");
  if (want.prompt) argv.insert(argv.end(), {"--prompt", *want.prompt});
  argv.push_back(want.path.string());
  const auto planned = PythonEnvironment::planned(host, base, want.path, system);
  const Path site = planned.site();
  Step step{{{subject(want.path), std::nullopt, shown(base, system)}},
            {environment_creation(std::move(argv), base, planned, want.prompt)}};
  if (is_wanted(want.upgrade_pip)) {
    const auto versions = pip_versions(want.upgrade_pip);
    auto upgrade = pip_install(nullptr, want.path, site, {"pip" + (versions ? versions->text() : "")}, true);
    if (const auto bundled = bundled_version(base))
      upgrade.effects.removed.push_back(site / ("pip-" + *bundled + ".dist-info"));
    step.changes.push_back({"python package pip", std::nullopt, versions ? versions->text() : "newest"});
    step.actions.push_back(std::move(upgrade));
  }
  Strings requirements;
  for (const auto& requirement : applicable(want.packages, base)) {
    const std::string versions = requirement.versions.empty() ? "newest" : requirement.versions.text();
    step.changes.push_back({"python package " + requirement.key(), std::nullopt, versions});
    requirements.push_back(requirement.text());
  }
  if (!requirements.empty()) step.actions.push_back(pip_install(nullptr, want.path, site, requirements, false));
  return step;
}

Step Venv::rebuilding(const Want& want, const PythonEnvironment& now, const std::string& reason,
                      const Host& host) const {
  if (!want.clear)
    throw Error("the virtual environment '" + want.path.string() + "' " +
                (now.broken() ? "is broken: " : "is another one than asked for: ") + reason)
        .about("path")
        .hint("clear: true rebuilds it, and deletes the packages in it");
  Want asked = want;
  if (!asked.system_site_packages) asked.system_site_packages = now.sees_system_packages();
  const auto base = base_python(asked, host);
  Step step = creation(asked, base, host);
  step.changes.front().before = "Python " + now.version() + (now.broken() ? ", broken: " : ": ") + reason;
  step.actions.insert(step.actions.begin(), RemovePath{want.path});
  return step;
}

Outcome Venv::apply(const Plan& plan, Host& host) const {
  Outcome outcome;
  for (const Step& step : plan.steps)
    for (const Action& action : step.actions)
      outcome.outputs.push_back(creates_environment(action) ? create_environment(std::get<Exec>(action), host)
                                                            : host.perform(action));
  return outcome;
}

namespace {
constexpr Variant variants[] = {{"debian", debian}, {"ubuntu", debian}, {"fedora", fedora}, {"any", any}};
}

}  // namespace agent::venv

AGENT_MODULE(agent::venv::arguments, agent::venv::variants)
