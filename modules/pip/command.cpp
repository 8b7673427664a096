#include "command.hpp"

#include <algorithm>

#include <agent/sdk/shell_words.hpp>

namespace agent::pip {

namespace {

/// Starts pip with a umask. Python sets it, because no shell is to stand between.
constexpr const char* with_umask =
    "import os,runpy,sys; os.umask(int(sys.argv.pop(1),8)); runpy.run_module('pip',run_name='__main__',alter_sys=True)";

bool has_password(const std::string& url) {
  const auto host = url.find("://");
  const auto at = url.find('@');
  return host != std::string::npos && at != std::string::npos && at < url.find('/', host + 3);
}

Exec started(const Want& want, const Target& target) {
  Exec exec;
  exec.argv = target.pip;
  if (want.umask) exec.argv = {target.env.python().string(), "-c", with_umask, *want.umask};
  exec.environment = quiet_pip();
  if (want.break_system_packages) exec.environment["PIP_BREAK_SYSTEM_PACKAGES"] = "1";
  // Python looks for modules in the current directory first: it is one where nobody leaves any (reliability R19).
  exec.directory = want.chdir.value_or("/");
  return exec;
}

/// From 24.1 on pip tells how far a download is even where there is no terminal.
void show_progress(Exec& exec, const Target& target) {
  static const auto old = *pep440::SpecifierSet::parse("<24.1");
  exec.progress = Progress::pip;
  const PythonPackage* pip = target.creation ? nullptr : target.env.find("pip");
  if (pip && !pip->version.empty() && !old.contains(pip->version)) exec.environment["PIP_PROGRESS_BAR"] = "raw";
}

void append(Strings& argv, const Strings& more) {
  argv.insert(argv.end(), more.begin(), more.end());
}

/// What the package database of Python will say of a package that was asked for.
void predict(const Lack& lack, const std::optional<std::string>& version, const Target& target, bool user,
             Effects& effects) {
  if (lack.name.find('/') != std::string::npos) return;  // a source whose name is not known before it is built
  const PythonPackage* old = target.creation ? nullptr : target.env.find(lack.name);
  if (old && target.env.owns(*old)) effects.removed.push_back(old->metadata);
  for (auto& file : predicted_package(target.env.site(user), lack.name, version))
    effects.files.push_back(std::move(file));
}

std::optional<std::string> version_in(const std::string& wanted) {
  return pep440::Version::parse(wanted) ? std::optional(wanted) : std::nullopt;
}

}  // namespace

Environment quiet_pip() {
  return {{"PIP_DISABLE_PIP_VERSION_CHECK", "1"}, {"PIP_NO_INPUT", "1"}};
}

Environment questioning_pip() {
  Environment settings = quiet_pip();
  settings.insert({{"PIP_NO_CACHE_DIR", "1"}, {"PIP_RETRIES", "1"}, {"PYTHONDONTWRITEBYTECODE", "1"}});
  return settings;
}

Strings source_options(const Want& want, Environment& environment) {
  Strings options;
  if (want.index_url) {
    if (has_password(*want.index_url))
      environment["PIP_INDEX_URL"] = *want.index_url;
    else
      append(options, {"--index-url", *want.index_url});
  }
  for (const auto& url : want.extra_index_url) {
    if (!has_password(url))
      append(options, {"--extra-index-url", url});
    else
      environment["PIP_EXTRA_INDEX_URL"] += (environment["PIP_EXTRA_INDEX_URL"].empty() ? "" : " ") + url;
  }
  for (const auto& place : want.find_links) append(options, {"--find-links", place});
  if (want.pre) options.push_back("--pre");
  return options;
}

Exec install_command(const Want& want, const Target& target, const std::vector<Request>& requests,
                     const std::vector<Lack>& lacking) {
  Exec exec = started(want, target);
  show_progress(exec, target);
  exec.argv.push_back("install");
  if (want.state == "latest") exec.argv.push_back("--upgrade");
  if (want.state == "forcereinstall") append(exec.argv, {"--force-reinstall"});
  if (want.no_deps) exec.argv.push_back("--no-deps");
  if (want.user) exec.argv.push_back("--user");
  append(exec.argv, source_options(want, exec.environment));
  if (want.constraints) append(exec.argv, {"--constraint", want.constraints->string()});
  if (want.extra_args) append(exec.argv, split_words(*want.extra_args));
  if (want.requirements) append(exec.argv, {"--requirement", want.requirements->string()});
  Strings operands;
  for (const auto& request : requests) {
    if (request.editable)
      append(exec.argv, {"--editable", request.text});
    else
      operands.push_back(request.text);
    if (exec.title.size() < 60) exec.title += (exec.title.empty() ? "installing " : ", ") + request.text;
  }
  if (!operands.empty()) exec.argv.push_back("--");
  append(exec.argv, operands);
  if (exec.title.empty()) exec.title = "installing " + want.requirements.value_or("packages").filename().string();
  for (const auto& lack : lacking) predict(lack, version_in(lack.wanted), target, want.user, exec.effects);
  return exec;
}

std::vector<Action> repair(const Want& want, const Target& target, const Lack& half_installed) {
  std::vector<Action> actions;
  for (const auto& path : half_installed.debris) actions.push_back(RemovePath{path});
  std::vector<PythonPackage> recorded;
  if (const PythonPackage* package = target.env.find(half_installed.name))
    for (const auto& record : target.env.records(*package))
      if (target.env.is_recorded(record)) recorded.push_back(record);
  for (const auto& record : recorded) {  // pip takes away one record at a time
    Exec remove = uninstall_command(want, target, {record});
    remove.title = "removing what is left of " + record.name + " " + record.version;
    actions.push_back(std::move(remove));
  }
  Exec exec = started(want, target);
  show_progress(exec, target);
  append(exec.argv, {"install", "--ignore-installed", "--no-deps"});
  append(exec.argv, source_options(want, exec.environment));
  const auto version = version_in(half_installed.wanted);
  const std::string versions = version                             ? "==" + *version
                               : half_installed.wanted == "newest" ? ""
                                                                   : half_installed.wanted;
  append(exec.argv, {"--", half_installed.name + versions});
  exec.title = "reinstalling " + half_installed.name;
  for (auto& file : predicted_package(target.env.site(want.user), half_installed.name, version))
    exec.effects.files.push_back(std::move(file));
  actions.push_back(std::move(exec));
  return actions;
}

Exec uninstall_command(const Want& want, const Target& target, const std::vector<PythonPackage>& packages) {
  Exec exec = started(want, target);
  append(exec.argv, {"uninstall", "--yes"});
  if (want.extra_args && want.state == "absent") append(exec.argv, split_words(*want.extra_args));
  exec.argv.push_back("--");
  for (const auto& package : packages) {
    exec.argv.push_back(package.name);
    exec.effects.removed.push_back(package.metadata);
    exec.title += (exec.title.empty() ? "removing " : ", ") + package.name;
  }
  return exec;
}

}  // namespace agent::pip
