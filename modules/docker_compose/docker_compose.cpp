#include "docker_compose.hpp"

#include <algorithm>
#include <set>

#include <agent/sdk/codec.hpp>
#include <agent/sdk/managed_file.hpp>
#include <agent/sdk/paths.hpp>
#include <agent/sdk/placed_file.hpp>
#include <agent/sdk/python.hpp>

namespace agent::docker_compose {

const SpecOf<Want>& arguments() {
  static const auto spec =
      SpecOf<Want>("docker_compose", "Keeps a project of Docker Compose up, with its .env file and its GPUs.")
          .description(
              "The containers are compared with what Compose would make: each carries a hash of its configuration, and "
              "`config --hash` says which one it should be. A service whose container is missing, stopped or of "
              "another "
              "configuration is a change. What is there is read from the engine's own files, so the task runs as "
              "root.\n\n"
              "`content` writes compose.yaml, `env` the .env file beside it (readable by root alone: it tends to hold "
              "passwords), and `gpus` a file of its own that reserves GPUs for services; all other files stay as they "
              "are. An image that was built or pulled anew by itself is no change: `build` and `pull` act when "
              "something else changes, or with `state: restarted`.")
          .required("project", &Want::project, "directory of the project")
          .alias("project_src")
          .optional("files", &Want::files, "its files, relative to that; by default compose.yaml or docker-compose.yml")
          .optional("name", &Want::name, "name of the project; by default that of the directory")
          .alias("project_name")
          .optional("content", &Want::content, "text of its compose.yaml")
          .optional("env", &Want::env, "variables of its .env file")
          .optional("gpus", &Want::gpus, "GPUs of services: {trainer: all, lab: 1, other: [\"0\", \"2\"]}")
          .optional("profiles", &Want::profiles, "profiles whose services are wanted too")
          .optional("state", &Want::state, "present: up; stopped; restarted: down and up each time; absent: down")
          .choices({"present", "stopped", "restarted", "absent"})
          .optional("build", &Want::build, "build images when something changes")
          .optional("pull", &Want::pull, "when to fetch images")
          .choices({"", "always", "missing", "never"})
          .optional("remove_orphans", &Want::remove_orphans, "containers of services that the files no longer name go")
          .optional("remove_volumes", &Want::remove_volumes, "absent takes the named volumes along")
          .optional("timeout", &Want::timeout, "seconds in which it has to be up")
          .example(
              "JupyterLab with all GPUs",
              "docker_compose:\n  project: /srv/lab\n  content: |\n    services:\n      lab:\n        image: "
              "jupyter:1\n        ports: [\"127.0.0.1:8888:8888\"]\n  env: {JUPYTER_TOKEN: \"{{ vault_token }}\"}\n  "
              "gpus: {lab: all}")
          .example("Gone, its data too",
                   "docker_compose:\n  project: /srv/lab\n  state: absent\n  remove_volumes: true")
          .returns("project", "text", "the project's name")
          .returns("services", "list", "the services that it has, or had");
  return spec;
}

namespace {

constexpr const char* gpu_file = "compose.agent-gpus.yaml";

/// The project as it shall be on this machine.
struct Project {
  Path folder;
  std::string name;
  Strings files;    ///< absolute
  Strings program;  ///< "docker compose", or "docker-compose" of old
};

Strings program_of(const Host& host) {
  for (const char* folder : {"/usr/libexec/docker/cli-plugins", "/usr/lib/docker/cli-plugins",
                             "/usr/local/lib/docker/cli-plugins", "/usr/local/libexec/docker/cli-plugins"})
    if (host.stat(Path(folder) / "docker-compose")) return {"docker", "compose"};
  if (find_program(host, "docker-compose")) return {"docker-compose"};
  for (const char* name : {"docker-compose-plugin", "docker-compose-v2", "docker-compose"})
    for (const auto& package : host.packages().find(name))
      if (package.state == Package::State::installed)
        throw Unknown("'" + std::string(name) + "' is only promised by an earlier task");
  throw Error("there is no docker compose on this machine").hint("docker_engine: {compose: true} installs it");
}

void add_file(const Path& path, const std::string& content, const char* mode, bool secret, const Host& host,
              Plan& plan) {
  const bool makes = plan_directories(path.parent_path(), {}, host, plan);
  Plan file = plan_file({.path = path,
                         .content = content,
                         .attributes = {.mode = mode, .owner = {}, .group = {}},
                         .secret = secret,
                         .parent_is_planned = makes || (!plan.steps.empty() && !host.stat(path.parent_path()))},
                        host);
  for (auto& step : file.steps) plan.steps.push_back(std::move(step));
}

/// A value of an .env file, as Compose reads it back.
std::string env_line(const std::string& name, const std::string& value) {
  if (value.find('\n') != std::string::npos) throw Error("'" + name + "' has more than one line").about("env");
  const bool plain = value.find_first_of(" \t#'\"$\\") == std::string::npos;
  if (plain) return name + "=" + value + "\n";
  if (value.find('\'') == std::string::npos) return name + "='" + value + "'\n";
  std::string quoted = name + "=\"";
  for (const char c : value) {
    if (c == '"' || c == '\\' || c == '$') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"\n";
}

Project project_of(const Want& want, const Host& host) {
  Project project{
      .folder = path_argument(want.project.string(), host), .name = {}, .files = {}, .program = program_of(host)};
  project.name = want.name.value_or(project_name(project.folder.filename().string()));
  if (project.name.empty() || project_name(project.name) != project.name)
    throw Error("'" + project.name + "' cannot be the name of a project: small letters, digits, '-' and '_'")
        .about("name");
  for (const auto& file : want.files) project.files.push_back((project.folder / file).lexically_normal().string());
  if (want.content && want.files.empty()) project.files = {(project.folder / "compose.yaml").string()};
  if (project.files.empty())
    for (const char* name : {"compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"})
      if (host.stat(project.folder / name)) {
        project.files = {(project.folder / name).string()};
        break;
      }
  if (project.files.empty() && want.state != "absent")
    throw Error("there is no compose.yaml in '" + project.folder.string() + "'")
        .about("project")
        .hint("content: writes one");
  if (!want.gpus.empty() || host.stat(project.folder / gpu_file))
    project.files.push_back((project.folder / gpu_file).string());
  return project;
}

Strings command(const Project& project, const Want& want, const Strings& words) {
  Strings argv = project.program;
  argv.insert(argv.end(), {"--project-directory", project.folder.string(), "-p", project.name});
  for (const auto& file : project.files) argv.insert(argv.end(), {"-f", file});
  for (const auto& profile : want.profiles) argv.insert(argv.end(), {"--profile", profile});
  argv.insert(argv.end(), words.begin(), words.end());
  return argv;
}

std::vector<std::pair<std::string, std::string>> wanted_hashes(const Project& project, const Want& want,
                                                               const Host& host) {
  const Output output =
      host.query({.argv = command(project, want, {"config", "--hash", "*"}), .directory = project.folder});
  if (!output.unknown.empty()) throw Unknown(output.unknown);
  // Compose 1 asks the engine even for this, and no daemon can be asked from behind the wall of check mode.
  const bool has_no_engine = output.err.find("ermission") != std::string::npos ||
                             output.err.find("connect to Docker daemon") != std::string::npos;  // 1.25
  if (output.rc != 0 && host.environment("AGENT_WALL") && has_no_engine)
    throw Unknown("what '" + project.folder.string() + "' lacks is only known to the engine, which a check cannot ask");
  if (output.rc != 0)
    throw Error("docker compose does not accept the project in '" + project.folder.string() + "'")
        .about(want.content ? "content" : "project")
        .hint("it said: " + output.err.substr(0, 600));
  return read_hashes(output.out);
}

/// What the engine will keep of a service, for later tasks of a check.
std::pair<Path, std::string> promised(const Project& project, const std::string& service, const std::string& hash) {
  const Map labels{{"com.docker.compose.project", project.name},
                   {"com.docker.compose.service", service},
                   {"com.docker.compose.config-hash", hash}};
  return {Path("/var/lib/docker/containers") / ("promised-" + project.name + "-" + service) / "config.v2.json",
          Value(Map{{"Config", Map{{"Labels", labels}}}, {"State", Map{{"Running", true}}}}).json()};
}

Exec up(const Project& project, const Want& want) {
  Strings words{"up", "-d"};
  if (want.build) words.push_back("--build");
  const bool is_old = project.program.size() == 1;
  if (!want.pull.empty() && !is_old) words.insert(words.end(), {"--pull", want.pull});
  if (want.remove_orphans) words.push_back("--remove-orphans");
  return {.argv = command(project, want, words), .directory = project.folder, .title = "starting " + project.name};
}

void plan_up(const Project& project, const Want& want, bool files_change, const Host& host, Plan& plan) {
  const auto containers = containers_of(project.name, host);
  if (files_change) {
    // What Compose makes of files that are yet to be written is not known; that it is asked again is.
    Exec exec = up(project, want);
    plan.steps.back().actions.push_back(std::move(exec));
    return;
  }
  Step step;
  Exec exec = up(project, want);
  List services;
  for (const auto& [service, hash] : wanted_hashes(project, want, host)) {
    services.push_back(service);
    const auto found = std::find_if(containers.begin(), containers.end(),
                                    [&name = service](const auto& c) { return c.service == name; });
    if (found != containers.end() && found->is_running && found->configuration == hash) continue;
    std::optional<std::string> before;
    if (found != containers.end()) before = found->configuration != hash ? "of another configuration" : "stopped";
    step.changes.push_back({project.name + " service " + service, before, "running"});
    exec.effects.files.push_back(promised(project, service, hash));
    for (const auto& old : containers)
      if (old.service == service) exec.effects.removed.push_back(old.folder);
  }
  plan.result.set("services", services);
  if (want.state == "restarted") {
    exec.argv.push_back("--force-recreate");
    step.event = true;
    step.changes = {{"project " + project.name, "running", "restarted"}};
  }
  if (step.changes.empty()) return;
  step.actions.push_back(std::move(exec));
  plan.steps.push_back(std::move(step));
}

void plan_end(const Project& project, const Want& want, const Host& host, Plan& plan) {
  const bool down = want.state == "absent";
  std::set<std::string> services;
  Strings words{down ? "down" : "stop"};
  if (down && want.remove_volumes) words.push_back("--volumes");
  if (down && want.remove_orphans) words.push_back("--remove-orphans");
  Exec exec{.argv = command(project, want, words), .directory = project.folder, .title = "stopping " + project.name};
  for (const auto& container : containers_of(project.name, host)) {
    if (!down && !container.is_running) continue;
    services.insert(container.service);
    exec.effects.removed.push_back(container.folder);
  }
  plan.result.set("services", Strings(services.begin(), services.end()));
  if (services.empty()) return;
  Step step;
  for (const auto& service : services)
    step.changes.push_back(
        {project.name + " service " + service, "there", down ? std::nullopt : std::optional<std::string>("stopped")});
  step.actions = {std::move(exec)};
  plan.steps.push_back(std::move(step));
}

}  // namespace

Plan DockerCompose::check(const Args& args, const Host& host) const {
  const Want want = arguments().read(args);
  if (host.self().uid != 0)
    throw Error("docker_compose reads the engine's files, which '" + host.self().name + "' may not")
        .hint("become: true");
  const Project project = project_of(want, host);
  Plan plan;
  plan.result = {{"project", project.name}, {"services", List{}}};
  if (want.state == "absent" || want.state == "stopped") {
    if (!project.files.empty()) plan_end(project, want, host, plan);
    return plan;
  }
  if (want.content) add_file(project.files.front(), *want.content, "0644", false, host, plan);
  if (!want.env.empty()) {
    std::string text;
    for (const auto& [name, value] : want.env) text += env_line(name, value);
    add_file(project.folder / ".env", text, "0600", true, host, plan);
  }
  if (!want.gpus.empty())
    add_file(project.folder / gpu_file, Value(gpu_override(want.gpus)).json(2) + "\n", "0644", false, host, plan);
  plan_up(project, want, !plan.steps.empty(), host, plan);
  return plan;
}

std::unique_ptr<Module> any() {
  return std::make_unique<DockerCompose>();
}

namespace {
constexpr Variant variants[] = {{"debian", any}, {"ubuntu", any}, {"fedora", any}, {"any", any}};
}

}  // namespace agent::docker_compose

AGENT_MODULE(agent::docker_compose::arguments, agent::docker_compose::variants)
