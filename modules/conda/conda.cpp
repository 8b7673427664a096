#include "conda.hpp"

#include <algorithm>

#include <agent/sdk/managed_file.hpp>
#include <agent/sdk/paths.hpp>
#include <agent/sdk/pep508.hpp>
#include <agent/sdk/python.hpp>

namespace agent::conda {

namespace {

Path environment_prefix(const Want& want, const Path& prefix, const std::string& name, const Host& host) {
  if (name.empty() || name == "base") return prefix;
  if (name[0] == '/' || name[0] == '~') return path_argument(name, host);
  if (name.find('/') != std::string::npos || name[0] == '-' || name.find(' ') != std::string::npos)
    throw Error("'" + name + "' cannot be the name of an environment").about(want.name ? "name" : "file");
  return prefix / "envs" / name;
}

/// The program that keeps the environments.
Path tool(const Want& want, const Path& prefix, const Host& host) {
  if (want.executable) {
    const Path path = path_argument(*want.executable, host);
    if (host.stat(path)) return path;
    throw Error("there is no program '" + path.string() + "'").about("executable");
  }
  if (want.distribution != "micromamba") return prefix / "bin/conda";
  if (auto found = find_program(host, "micromamba")) return *found;
  throw Error("there is no 'micromamba' in PATH")
      .about("distribution")
      .hint("it is one file: put it into /usr/local/bin in an earlier task, or name it with executable");
}

bool is_micromamba(const Path& program) {
  return program.filename().string().starts_with("micromamba");
}

/// The task's wishes for one environment, wherever they stand.
struct Wish {
  std::vector<MatchSpec> specs;
  Strings channels, pip;
  bool from_file = false;
  Path prefix;
};

Wish wish_of(const Want& want, const Path& prefix, const Host& host) {
  Wish wish{.channels = want.channels};
  Strings packages = want.packages;
  std::string name = want.name.value_or("");
  if (want.file) {
    const Path path = path_argument(*want.file, host);
    const auto text = host.read(path);
    if (!text) throw Error("there is no file '" + path.string() + "'").about("file");
    const EnvironmentFile file = read_environment_file(*text, path.string());
    packages = file.dependencies;
    wish.pip = file.pip;
    if (wish.channels.empty()) wish.channels = file.channels;
    if (name.empty()) name = file.name;
    wish.from_file = true;
  }
  for (const auto& text : packages) wish.specs.push_back(MatchSpec::parse(text));
  wish.prefix = environment_prefix(want, prefix, name, host);
  return wish;
}

Strings channel_words(const Strings& channels) {
  Strings words;
  if (channels.empty()) return words;
  words.push_back("--override-channels");
  for (const auto& channel : channels) words.insert(words.end(), {"-c", channel});
  return words;
}

/// What of the wishes is not so: before and after of each package.
std::vector<Change> differences(const Wish& wish, const std::optional<CondaEnvironment>& now) {
  std::vector<Change> changes;
  for (const auto& spec : wish.specs) {
    if (now && now->satisfies(spec)) continue;
    const auto before = now ? now->version(spec.name) : std::nullopt;
    changes.push_back({"conda package " + spec.name, before, spec.version.empty() ? "newest" : spec.version});
  }
  return changes;
}

/// What stands below "pip:" in the file and is not there.
std::vector<Change> pip_differences(const Wish& wish, const Host& host) {
  std::vector<Change> changes;
  if (wish.pip.empty() || !host.stat(wish.prefix / "bin/python")) return changes;
  const auto python = PythonEnvironment::of(host, (wish.prefix / "bin/python").string());
  for (const auto& text : wish.pip) {
    if (text[0] == '-') continue;  // an option of pip's
    const auto requirement = pep508::Requirement::parse(text);
    const PythonPackage* package = python ? python->find(requirement.key()) : nullptr;
    if (package && (package->version.empty() || requirement.versions.contains(package->version))) continue;
    changes.push_back({"pip package " + requirement.name, package ? std::optional(package->version) : std::nullopt,
                       requirement.text()});
  }
  return changes;
}

Effects promised(const Wish& wish) {
  Effects effects{.directories = {wish.prefix, wish.prefix / "conda-meta"},
                  .opaque = {wish.prefix / "conda-meta/history"}};
  for (const auto& spec : wish.specs) {
    effects.files.push_back(predicted_record(wish.prefix, spec));
    if (spec.name == "python" || spec.name == "pip") effects.opaque.push_back(wish.prefix / "bin" / spec.name);
  }
  effects.complete = wish.pip.empty();
  return effects;
}

Strings command(const Want& want, const Wish& wish, const Path& program, bool exists, const Host& host) {
  const std::string at = wish.prefix.string();
  Strings argv{program.string()};
  if (wish.from_file && !is_micromamba(program)) {
    const std::string file = path_argument(*want.file, host).string();
    argv.insert(argv.end(), {"env", exists ? "update" : "create", "-q", "-p", at, "-f", file});
    return argv;
  }
  argv.insert(argv.end(), {exists ? "install" : "create", "-y", "-q", "-p", at});
  if (wish.from_file) {
    argv.insert(argv.end(), {"-f", path_argument(*want.file, host).string()});
    return argv;
  }
  const Strings channels = channel_words(wish.channels);
  argv.insert(argv.end(), channels.begin(), channels.end());
  for (const auto& spec : wish.specs) argv.push_back(spec.text);
  return argv;
}

Environment surroundings(const Path& prefix, const Path& program) {
  Environment environment{{"CONDA_PKGS_DIRS", (prefix / "pkgs").string()}, {"PYTHONDONTWRITEBYTECODE", "1"}};
  if (is_micromamba(program)) environment["MAMBA_ROOT_PREFIX"] = prefix.string();
  return environment;
}

void plan_environment(const Want& want, const Wish& wish, const Path& prefix, const Host& host, Plan& plan) {
  const auto now = CondaEnvironment::in(host, wish.prefix);
  const bool exists = now || wish.prefix == prefix;
  std::vector<Change> changes = differences(wish, now);
  const auto by_pip = pip_differences(wish, host);
  changes.insert(changes.end(), by_pip.begin(), by_pip.end());
  const std::string subject = "conda environment " + wish.prefix.string();
  if (!exists) {
    if (!host.list(wish.prefix).empty())
      throw Error("'" + wish.prefix.string() + "' is there, and is no environment of conda's").about("name");
    changes.insert(changes.begin(), {subject, std::nullopt, "environment"});
  }
  if (changes.empty()) return;
  const Path program = tool(want, prefix, host);
  Exec exec{.argv = command(want, wish, program, exists, host), .environment = surroundings(prefix, program)};
  exec.title = (exists ? "changing " : "making ") + subject;
  exec.effects = promised(wish);
  // A record that is replaced would stand beside the promised one.
  if (now)
    for (const auto& spec : wish.specs)
      if (const auto found = now->records().find(spec.name); found != now->records().end() && !now->satisfies(spec)) {
        const Record& old = found->second;
        exec.effects.removed.push_back(wish.prefix / "conda-meta" /
                                       (old.name + "-" + old.version + "-" + old.build + ".json"));
      }
  plan.steps.push_back({std::move(changes), {std::move(exec)}});
}

/// The newest versions that fit: conda says what it would do.
void plan_updates(const Want& want, const Wish& wish, const Path& prefix, const Host& host, Plan& plan) {
  if (!plan.steps.empty() || wish.specs.empty()) return;
  const Path program = tool(want, prefix, host);
  Strings argv{program.string(), "update", "-p", wish.prefix.string(), "--dry-run", "--json"};
  const Strings channels = channel_words(wish.channels);
  argv.insert(argv.end(), channels.begin(), channels.end());
  for (const auto& spec : wish.specs) argv.push_back(spec.name);
  plan.notes.push_back("'latest' is asked of conda itself when the task runs");
  Step step{.changes = {{"conda packages in " + wish.prefix.string(), std::nullopt, "the newest that fit"}},
            .event = true};
  argv[4] = "-y";
  argv[5] = "-q";
  step.actions = {
      Exec{.argv = argv, .environment = surroundings(prefix, program), .title = "updating " + wish.prefix.string()}};
  plan.steps.push_back(std::move(step));
}

void plan_absence(const Want& want, const Wish& wish, const Path& prefix, const Host& host, Plan& plan) {
  const auto now = CondaEnvironment::in(host, wish.prefix);
  if (wish.specs.empty()) {
    plan_init(want, prefix, host, plan);
    if (!host.stat(wish.prefix)) return;
    if (!now && !host.list(wish.prefix).empty() && !host.stat(wish.prefix / "bin/conda"))
      throw Error("'" + wish.prefix.string() + "' is no environment of conda's: it is not removed").about("name");
    const std::string what = wish.prefix == prefix ? "conda in " : "conda environment ";
    plan.steps.push_back({{{what + wish.prefix.string(), "there", std::nullopt}}, {RemovePath{wish.prefix}}});
    return;
  }
  if (!now) return;
  const Path program = tool(want, prefix, host);
  Exec exec{.argv = {program.string(), "remove", "-y", "-q", "-p", wish.prefix.string()},
            .environment = surroundings(prefix, program)};
  Step step;
  for (const auto& spec : wish.specs) {
    const auto found = now->records().find(spec.name);
    if (found == now->records().end()) continue;
    const Record& record = found->second;
    step.changes.push_back({"conda package " + spec.name, record.version, std::nullopt});
    exec.argv.push_back(spec.name);
    exec.effects.removed.push_back(wish.prefix / "conda-meta" /
                                   (record.name + "-" + record.version + "-" + record.build + ".json"));
  }
  if (step.changes.empty()) return;
  exec.title = "removing packages from " + wish.prefix.string();
  step.actions = {std::move(exec)};
  plan.steps.push_back(std::move(step));
}

/// "auto_activate_base" in PREFIX/.condarc, the other lines of which stay.
void plan_settings(const Want& want, const Path& prefix, bool prefix_is_planned, const Host& host, Plan& plan) {
  if (!want.auto_activate) return;
  const Path file = prefix / ".condarc";
  const std::string before = host.read(file).value_or(""), key = "auto_activate_base:";
  const std::string line = key + (*want.auto_activate ? " true" : " false");
  std::string after;
  bool written = false;
  for (std::size_t begin = 0; begin < before.size();) {
    const auto end = std::min(before.find('\n', begin), before.size());
    const std::string old = before.substr(begin, end - begin);
    begin = end + 1;
    after += (old.starts_with(key) ? line : old) + "\n";
    written = written || old.starts_with(key);
  }
  if (!written) after += line + "\n";
  if (after == before) return;
  // The installer writes this file too: what it will hold is known once it ran.
  if (prefix_is_planned) {
    const std::string wanted = *want.auto_activate ? "true" : "false";
    Exec set{.argv = {(prefix / "bin/conda").string(), "config", "--file", file.string(), "--set", "auto_activate_base",
                      wanted}};
    set.effects = {.files = {{file, line + "\n"}}, .complete = true};
    plan.steps.push_back({{{file.string() + " auto_activate_base", std::nullopt, wanted}}, {std::move(set)}});
    return;
  }
  Plan edit = plan_file({.path = file, .content = after}, host);
  plan.steps.insert(plan.steps.end(), edit.steps.begin(), edit.steps.end());
}

Map result_of(const Wish& wish, const Host& host) {
  Map packages;
  if (const auto now = CondaEnvironment::in(host, wish.prefix))
    for (const auto& [name, record] : now->records()) packages.set(name, record.version);
  return {{"prefix", wish.prefix.string()}, {"python", (wish.prefix / "bin/python").string()}, {"packages", packages}};
}

}  // namespace

Plan Conda::check(const Args& args, const Host& host) const {
  const Want want = arguments().read(args);
  const Path prefix = path_argument(want.prefix, host);
  if (prefix.string().find(' ') != std::string::npos)
    throw Error("'" + prefix.string() + "' has a blank in it, which conda's installer refuses").about("prefix");
  const Wish wish = wish_of(want, prefix, host);
  Plan plan;
  plan.result = result_of(wish, host);
  if (want.state == "absent") {
    plan_absence(want, wish, prefix, host, plan);
    return plan;
  }
  if (want.distribution != "micromamba" && !want.executable) plan_installation(want, prefix, host, plan);
  const bool is_planned = !plan.steps.empty();
  plan_settings(want, prefix, is_planned, host, plan);
  plan_init(want, prefix, host, plan);
  if (want.name || want.file || !want.packages.empty()) plan_environment(want, wish, prefix, host, plan);
  if (want.state == "latest") plan_updates(want, wish, prefix, host, plan);
  if (const auto now = CondaEnvironment::in(host, wish.prefix))
    for (auto& fight : now->fights(host)) plan.notes.push_back(std::move(fight));
  if (want.distribution == "miniconda" && want.channels.empty() && !wish.from_file && !wish.specs.empty())
    plan.notes.push_back(
        "Anaconda's channels have terms of service for organisations; channels: [conda-forge] has none");
  return plan;
}

std::unique_ptr<Module> any() {
  return std::make_unique<Conda>();
}

namespace {
constexpr Variant variants[] = {{"debian", any}, {"ubuntu", any}, {"fedora", any}, {"any", any}};
}

}  // namespace agent::conda

AGENT_MODULE(agent::conda::arguments, agent::conda::variants)
