#include "packages.hpp"

namespace agent::venv {

namespace {

/// The newest pip that the index offers; empty when it cannot be asked.
std::string newest_pip(const PythonEnvironment& env, const Host& host) {
  const Output answer =
      host.query({{env.python().string(), "-m", "pip", "index", "versions", "pip"}, quiet_pip(), Path("/")});
  const auto begin = answer.out.find("pip (");
  if (!answer.unknown.empty() || answer.rc != 0 || begin == std::string::npos) return "";
  return answer.out.substr(begin + 5, answer.out.find(')', begin) - begin - 5);
}

}  // namespace

const Environment& quiet_pip() {
  static const Environment settings = {{"PIP_DISABLE_PIP_VERSION_CHECK", "1"}, {"PIP_NO_INPUT", "1"}};
  return settings;
}

bool is_wanted(const Value& upgrade) {
  return !upgrade.is_null() && !(upgrade.is_boolean() && !upgrade.boolean());
}

std::optional<pep440::SpecifierSet> pip_versions(const Value& upgrade) {
  std::string text = upgrade.is_string() ? upgrade.string() : upgrade.is_boolean() ? "" : upgrade.json();
  if (text.empty() || text == "true" || text == "yes") return std::nullopt;
  if (pep440::Version::parse(text)) text = "==" + text;
  const auto versions = pep440::SpecifierSet::parse(text);
  if (!versions)
    throw Error("'" + text + "' is no version of pip")
        .about("upgrade_pip")
        .hint("write true, or a version such as \">=25\"");
  return versions;
}

std::optional<std::string> bundled_version(const PythonEnvironment& base) {
  const auto bundled = base.bundled_pip();
  return bundled && !bundled->empty() ? bundled : std::nullopt;
}

bool pip_fits(const Value& upgrade, const PythonEnvironment& env, const Host& host) {
  const PythonPackage* pip = env.find("pip");
  if (!pip) return false;
  if (pip->version.empty()) return true;  // predicted: the newest
  if (const auto versions = pip_versions(upgrade)) return versions->contains(pip->version);
  const auto bundled = env.bundled_pip();
  if (!bundled || *bundled != pip->version) return true;
  return newest_pip(env, host) == pip->version;
}

Exec pip_install(const PythonEnvironment* env, const Path& path, const Path& site, const Strings& requirements,
                 bool upgrade) {
  Exec exec;
  exec.argv = {(path / "bin/python").string(), "-m", "pip", "install"};
  if (upgrade) exec.argv.push_back("--upgrade");
  exec.argv.push_back("--");
  exec.argv.insert(exec.argv.end(), requirements.begin(), requirements.end());
  exec.environment = quiet_pip();
  exec.directory = "/";  // not one that modules could be found in (reliability R19)
  exec.progress = Progress::pip;
  for (const auto& text : requirements) {
    const auto requirement = pep508::Requirement::parse(text);
    if (const PythonPackage* old = env ? env->find(requirement.name) : nullptr; old && env->owns(*old))
      exec.effects.removed.push_back(old->metadata);
    for (auto& file : predicted_package(site, requirement.key(), std::nullopt)) exec.effects.files.push_back(file);
    exec.title += (exec.title.empty() ? "installing " : ", ") + requirement.text();
  }
  return exec;
}

std::vector<pep508::Requirement> applicable(const Strings& packages, const PythonEnvironment& env) {
  std::vector<pep508::Requirement> found;
  std::optional<pep508::MarkerValues> markers;
  for (const auto& text : packages) {
    auto requirement = pep508::Requirement::parse(text);
    if (requirement.marker && !markers) markers = env.markers();
    if (!requirement.marker || requirement.marker->holds(*markers)) found.push_back(std::move(requirement));
  }
  return found;
}

Step seeding(const Strings& packages, const PythonEnvironment& env) {
  Step step;
  Strings missing;
  for (const auto& requirement : applicable(packages, env)) {
    const PythonPackage* found = env.find(requirement.name);
    if (found && (found->version.empty() || requirement.versions.contains(found->version))) continue;
    const std::string wanted = requirement.versions.empty() ? "newest" : requirement.versions.text();
    step.changes.push_back(
        {"python package " + requirement.key(), found ? std::optional(found->version) : std::nullopt, wanted});
    missing.push_back(requirement.text());
  }
  if (!missing.empty()) step.actions = {pip_install(&env, env.prefix(), env.site(), missing, false)};
  return step;
}

}  // namespace agent::venv
