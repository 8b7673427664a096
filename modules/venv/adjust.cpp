#include "adjust.hpp"

#include <algorithm>

#include <agent/sdk/python_creation.hpp>

#include "packages.hpp"

namespace agent::venv {

namespace {

/// pyvenv.cfg with another include-system-site-packages, every other line as it was.
std::string with_system_packages(const std::string& text, bool visible) {
  const std::string line = std::string("include-system-site-packages = ") + (visible ? "true" : "false");
  const auto begin = text.find("include-system-site-packages");
  if (begin == std::string::npos) return text + (text.ends_with('\n') ? "" : "\n") + line + "\n";
  return text.substr(0, begin) + line + text.substr(std::min(text.find('\n', begin), text.size()));
}

std::string prompt_of(const PythonEnvironment& env) {
  const auto found = env.settings().find("prompt");
  if (found == env.settings().end()) return "";
  const std::string& text = found->second;  // a Python literal, in newer versions
  const bool quoted = text.size() > 1 && (text.front() == '\'' || text.front() == '"') && text.back() == text.front();
  return quoted ? text.substr(1, text.size() - 2) : text;
}

void add(Plan& plan, Step step) {
  if (!step.changes.empty()) plan.steps.push_back(std::move(step));
}

}  // namespace

std::string subject(const Path& path) {
  return "virtual environment " + path.string();
}

std::string shown(const PythonEnvironment& python, bool system_packages) {
  return "Python " + python.version() + (system_packages ? ", with the system's packages" : "");
}

void adjust(const Want& want, const PythonEnvironment& env, const Host& host, Plan& plan) {
  if (want.prompt && prompt_of(env) != *want.prompt) {
    Exec again{{env.python().string(), "-m", "venv", "--without-pip", "--prompt", *want.prompt}};
    const bool system = want.system_site_packages.value_or(env.sees_system_packages());
    if (system) again.argv.push_back("--system-site-packages");
    again.argv.push_back(env.prefix().string());
    again.effects.files = {{env.prefix() / "pyvenv.cfg", environment_settings(env, system, want.prompt)}};
    again.directory = "/";
    again.effects.complete = true;
    again.title = "writing the prompt of " + env.prefix().string();
    const std::string before = prompt_of(env);
    add(plan,
        {{{subject(env.prefix()) + " prompt", before.empty() ? std::nullopt : std::optional(before), want.prompt}},
         {again}});
  }
  if (want.system_site_packages && *want.system_site_packages != env.sees_system_packages()) {
    const Path file = env.prefix() / "pyvenv.cfg";
    const auto word = [](bool visible) { return std::string(visible ? "true" : "false"); };
    add(plan, {{{subject(env.prefix()) + " system_site_packages", word(env.sees_system_packages()),
                 word(*want.system_site_packages)}},
               {WriteFile{file, with_system_packages(host.read(file).value_or(""), *want.system_site_packages)}}});
  }
  const PythonPackage* pip = env.find("pip");
  if (!pip) {
    Exec ensure{{env.python().string(), "-m", "ensurepip", "--upgrade", "--default-pip"}, quiet_pip()};
    ensure.effects.files = predicted_package(env.site(), "pip", bundled_version(env));
    ensure.effects.opaque = {env.prefix() / "bin/pip"};
    ensure.directory = "/";
    ensure.effects.complete = true;
    ensure.title = "installing pip";
    add(plan, {{{"python package pip", std::nullopt, bundled_version(env).value_or("installed")}}, {ensure}});
  }
  if (is_wanted(want.upgrade_pip) && !pip_fits(want.upgrade_pip, env, host)) {
    const auto versions = pip_versions(want.upgrade_pip);
    const std::string wanted = "pip" + (versions ? versions->text() : "");
    add(plan, {{{pip ? "python package pip" : "newer pip", pip ? std::optional(pip->version) : std::nullopt,
                 versions ? versions->text() : "newest"}},
               {pip_install(&env, env.prefix(), env.site(), {wanted}, true)}});
  }
  add(plan, seeding(want.packages, env));
}

}  // namespace agent::venv
