#include "jupyter_server.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include <agent/sdk/checksum.hpp>
#include <agent/sdk/codec.hpp>
#include <agent/sdk/managed_file.hpp>
#include <agent/sdk/paths.hpp>
#include <agent/sdk/placed_file.hpp>
#include <agent/sdk/python.hpp>

namespace agent::jupyter_server {

const SpecOf<Want>& arguments() {
  static const auto spec =
      SpecOf<Want>("jupyter_server", "Runs JupyterLab as a service, with a password or a token, on one address.")
          .description(
              "The server gets a configuration of its own, `~/.jupyter/NAME_config.json`, which only its user can "
              "read, "
              "and a unit: of the user's own systemd (`scope: user`, kept running after logout by lingering) or of the "
              "system's, which runs as that user (`scope: system`). A change of either restarts it. Started means that "
              "the port is listened on.\n\n"
              "`password` is kept as a salted hash in Jupyter's own form (SHA-512), so that it can be compared with "
              "the "
              "task's without starting Python; for argon2 give `password_hash`, as `jupyter server password` "
              "writes it. Jupyter keeps a `token` as it is. With neither, Jupyter makes a new token at each start and "
              "writes it to the journal. An empty token on an address that others reach is refused.\n\n"
              "A task of root's can set it up for another `user`; everybody else only for themselves.")
          .required("venv", &Want::venv, "virtual environment with jupyterlab in it")
          .alias("virtualenv")
          .optional("name", &Want::name, "name of the service")
          .optional("command", &Want::command, "what to run: jupyter COMMAND")
          .choices({"lab", "notebook", "server"})
          .optional("user", &Want::user, "whose server it is; by default the task's user")
          .optional("scope", &Want::scope, "whose systemd runs it")
          .choices({"user", "system"})
          .optional("ip", &Want::ip, "address it listens on; 0.0.0.0 or \"*\": all")
          .optional("port", &Want::port, "port; no other one is tried")
          .optional("directory", &Want::directory, "where its files are; by default the user's home")
          .alias("root_dir")
          .alias("notebook_dir")
          .optional("base_url", &Want::base_url, "path below which it answers, behind a proxy")
          .optional("password", &Want::password, "password to log in with")
          .secret()
          .optional("password_hash", &Want::password_hash, "the same as Jupyter keeps it: argon2:... or sha256:...")
          .secret()
          .optional("token", &Want::token, "token to log in with")
          .secret()
          .optional("certificate", &Want::certificate, "certificate for https")
          .optional("key", &Want::key, "its private key")
          .optional("env", &Want::env, "environment variables of the server and its kernels")
          .optional("settings", &Want::settings, "further settings: {ServerApp: {shutdown_no_activity_timeout: 3600}}")
          .optional("enabled", &Want::enabled, "start it when the machine (or the user's systemd) starts")
          .optional("state", &Want::state, "started, stopped, or absent: no service and no configuration")
          .choices({"started", "stopped", "absent"})
          .exclusive({"password", "password_hash", "token"})
          .example("For the user of the task, on this machine only",
                   "jupyter_server:\n  venv: ~/ml/env\n  password: \"{{ vault_jupyter_password }}\"")
          .example(
              "For alice, set up by root, reached through the network",
              "jupyter_server:\n  venv: /home/alice/env\n  user: alice\n  scope: system\n  ip: 0.0.0.0\n  token: \"{{ "
              "vault_token }}\"\n  directory: /data/alice")
          .returns("url", "text", "where it answers, without its token")
          .returns("unit", "text", "the unit's file")
          .returns("config", "text", "the configuration's file");
  return spec;
}

namespace {

/// All that the plan is made of, looked up once.
struct Server {
  User user;
  std::optional<PythonEnvironment> python;  ///< none where the server goes
  SystemdUnit unit;
  Path config;
};

User owner_of(const Want& want, const Host& host) {
  if (!want.user || *want.user == host.self().name) return host.self();
  const auto user = host.user(*want.user);
  if (!user) throw Error("there is no user '" + *want.user + "' on this machine").about("user");
  if (host.self().uid != 0)
    throw Error("'" + host.self().name + "' cannot set up a server for '" + *want.user + "'")
        .about("user")
        .hint("become: true lets root do it, become_user: " + *want.user + " the user");
  return *user;
}

void check_arguments(const Want& want, const User& owner, const Host& host) {
  if (want.name.empty() ||
      want.name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-@") !=
          std::string::npos ||
      want.name[0] == '-')
    throw Error("'" + want.name + "' cannot be the name of a service").about("name");
  if (want.port < 1 || want.port > 65535) throw Error("'" + std::to_string(want.port) + "' is no port").about("port");
  const bool is_local = want.ip == "127.0.0.1" || want.ip == "localhost" || want.ip == "::1";
  if (!is_local && want.token && want.token->empty())
    throw Error("an empty token on '" + want.ip + "' lets everybody on the network run programs as '" + owner.name +
                "'")
        .about("token")
        .hint("give a password or a token, or ip: 127.0.0.1 and a tunnel: ssh -L 8888:127.0.0.1:8888");
  if (want.scope == "system" && host.self().uid != 0)
    throw Error("scope 'system' needs root").about("scope").hint("become: true, or scope: user");
  if (owner.uid == 0 && !is_local)
    throw Error("a server of root's on '" + want.ip + "' hands the machine to the network")
        .about("user")
        .hint("name a user");
}

PythonEnvironment environment_of(const Want& want, const Host& host) {
  const Path path = path_argument(want.venv->string(), host);
  auto python = PythonEnvironment::in(host, path);
  if (!python && host.stat(path / "bin/python")) python = PythonEnvironment::of(host, (path / "bin/python").string());
  if (!python)
    throw Error("there is no virtual environment '" + path.string() + "'")
        .about("venv")
        .hint("venv: {path: " + path.string() + "} makes one");
  const std::string needed = want.command == "lab"        ? "jupyterlab"
                             : want.command == "notebook" ? "notebook"
                                                          : "jupyter-server";
  if (python->find(needed)) return *python;
  for (const auto& [name, package] : python->packages())
    if (python->metadata(package).predicted)
      throw Unknown("whether " + needed + " comes with " + name + " is only known once it is installed");
  throw Error("there is no " + needed + " in '" + path.string() + "'")
      .about("venv")
      .hint("pip: {name: " + needed + ", virtualenv: " + path.string() + "} installs it");
}

/// The hash that is kept, if it is one of the password that is wanted; else a new one.
std::string hash_for(const std::string& password, const Server& server, const Value& now, const Host& host) {
  for (const char* section : {"PasswordIdentityProvider", "ServerApp"})
    for (const char* key : {"hashed_password", "password"})
      if (const Value& kept = now[section][key];
          kept.is_string() && is_hash_of(kept.string(), password).value_or(false))
        return kept.string();
  // A check must give the same plan twice, so the salt is no random one, but one for this server of this machine alone.
  const std::string place = host.read("/etc/machine-id").value_or(host.system().hostname) + server.config.string();
  return hashed_password(password, checksum(Digest::sha256, place).substr(0, 16));
}

Value configuration(const Want& want, const Server& server, const Value& now, const Host& host) {
  const PythonPackage* package = server.python->find("jupyter-server");
  const auto version = package ? pep440::Version::parse(package->version) : std::nullopt;
  const bool is_old = version && *version < *pep440::Version::parse("2");
  Map app{{"ip", want.ip == "*" ? "0.0.0.0" : want.ip},
          {"port", want.port},
          {"port_retries", 0},
          {"open_browser", false},
          {"base_url", want.base_url},
          {"root_dir", (want.directory ? *want.directory : Path(server.user.home)).string()}};
  if (server.user.uid == 0) app.set("allow_root", true);
  if (want.certificate) app.set("certfile", want.certificate->string());
  if (want.key) app.set("keyfile", want.key->string());
  Map all;
  std::optional<std::string> hash = want.password_hash;
  if (want.password) hash = hash_for(*want.password, server, now, host);
  if (is_old && hash) app.set("password", *hash);
  if (is_old && want.token) app.set("token", *want.token);
  if (!is_old && hash) all.set("PasswordIdentityProvider", Map{{"hashed_password", *hash}});
  if (!is_old && want.token) all.set("IdentityProvider", Map{{"token", *want.token}});
  for (const auto& [section, values] : want.settings) {
    if (!values.is_map()) throw Error("'" + section + "' in 'settings' is not a mapping").about("settings");
    Map merged = section == "ServerApp" ? app : all.find(section) ? all.find(section)->map() : Map();
    merged.merge(values.map());
    if (section == "ServerApp")
      app = merged;
    else
      all.set(section, merged);
  }
  all.set("ServerApp", app);
  return all;
}

/// A word of a unit's command line or environment.
std::string unit_word(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '%' || c == '$') out += c;
    out += c;
  }
  return out + "\"";
}

std::string unit_text(const Want& want, const Server& server) {
  const bool is_system = want.scope == "system";
  const Path directory = want.directory ? *want.directory : Path(server.user.home);
  std::string text = "# Written by agent (jupyter_server).\n[Unit]\nDescription=Jupyter of " + server.user.name +
                     "\nAfter=network.target\n\n[Service]\nType=simple\n";
  if (is_system) text += "User=" + server.user.name + "\nEnvironment=\"HOME=" + server.user.home + "\"\n";
  const std::string programs = (server.python->prefix() / "bin").string();
  text += "Environment=\"PATH=" + programs + ":/usr/local/bin:/usr/bin:/bin\"\n";
  for (const auto& [name, value] : want.env) text += "Environment=" + unit_word(name + "=" + value) + "\n";
  text += "WorkingDirectory=" + directory.string() + "\nExecStart=" + programs + "/jupyter " + want.command +
          " --config=" + server.config.string() + "\nRestart=on-failure\nRestartSec=5\n\n[Install]\nWantedBy=" +
          (is_system ? "multi-user.target" : "default.target") + "\n";
  return text;
}

void append(Plan& plan, const Plan& more) {
  plan.steps.insert(plan.steps.end(), more.steps.begin(), more.steps.end());
}

/// A file of the user's in a directory that may have to be made.
void plan_owned_file(const Path& path, const std::string& content, const char* mode, bool secret, const User& owner,
                     bool is_users, const Host& host, Plan& plan) {
  FileAttributes attributes{.mode = mode, .owner = {}, .group = {}};
  if (is_users) attributes.owner = owner.name, attributes.group = std::to_string(owner.gid);
  FileAttributes folder = attributes;
  folder.mode = is_users ? "0700" : "0755";
  const bool makes = plan_directories(path.parent_path(), folder, host, plan);
  append(plan,
         plan_file(
             {.path = path, .content = content, .attributes = attributes, .secret = secret, .parent_is_planned = makes},
             host));
}

/// A user's systemd runs without a login only where lingering is on.
void plan_lingering(const User& user, const Host& host, Plan& plan) {
  const Path file = Path("/var/lib/systemd/linger") / user.name;
  if (host.stat(file)) return;
  Exec exec{.argv = {"loginctl", "enable-linger", user.name}};
  exec.effects = {.opaque = {file}, .complete = true};
  Step step{.changes = {{"services of " + user.name + " without a login", "no", "yes"}}, .actions = {std::move(exec)}};
  // Lingering starts the user's systemd some time later; root can wait for it.
  if (host.self().uid == 0) {
    Exec start{.argv = {"systemctl", "start", "user@" + std::to_string(user.uid) + ".service"}};
    start.effects.complete = true;
    step.actions.push_back(std::move(start));
  }
  plan.steps.push_back(std::move(step));
}

void plan_absence(const Server& server, const Host& host, Plan& plan) {
  const SystemdUnit& unit = server.unit;
  if (unit.is_running(host) || unit.is_enabled(host))
    plan_service(unit, {.enabled = false, .running = false}, host, plan);
  bool removed = false;
  for (const Path& file : {unit.file(), server.config})
    if (host.stat(file, false)) {
      plan.steps.push_back({{{file.string(), "file", std::nullopt}}, {RemovePath{file}}});
      removed = removed || file == unit.file();
    }
  if (removed && runs_systemd(host)) plan.steps.back().actions.push_back(unit.systemctl({"daemon-reload"}, host));
}

Server server_of(const Want& want, const User& owner, std::optional<PythonEnvironment> python) {
  Server server{
      .user = owner, .python = std::move(python), .unit = {.name = want.name + ".service", .user = {}}, .config = {}};
  if (want.scope == "user") server.unit.user = owner;
  server.config = Path(owner.home) / ".jupyter" / (want.name + "_config.json");
  return server;
}

}  // namespace

Plan JupyterServer::check(const Args& args, const Host& host) const {
  Want want = arguments().read(args);
  const User owner = owner_of(want, host);
  check_arguments(want, owner, host);
  if (want.directory) want.directory = path_argument(want.directory->string(), host);
  Plan plan;
  if (want.state == "absent") {
    const Server server = server_of(want, owner, std::nullopt);
    plan_absence(server, host, plan);
    return plan;
  }
  const Server server = server_of(want, owner, environment_of(want, host));
  const auto kept = host.read(server.config);
  Value now;
  try {
    if (kept) now = parse_json(*kept, server.config.string());
  } catch (const Error&) {
    // What is no JSON is replaced.
  }
  const bool is_users = host.self().uid != owner.uid, is_system = want.scope == "system";
  plan_owned_file(server.config, configuration(want, server, now, host).json(2, true) + "\n", "0600", true, owner,
                  is_users, host, plan);
  const bool config_changes = !plan.steps.empty();
  Plan unit;
  plan_owned_file(server.unit.file(), unit_text(want, server), "0644", false, owner, is_users && !is_system, host,
                  unit);
  const bool unit_changes = !unit.steps.empty();
  append(plan, unit);
  if (!is_system) plan_lingering(owner, host, plan);
  plan_service(server.unit,
               {.enabled = want.enabled,
                .running = want.state == "started",
                .restart = config_changes || unit_changes,
                .reload = unit_changes},
               host, plan);
  plan.result = {
      {"url", (want.certificate ? "https://" : "http://") + want.ip + ":" + std::to_string(want.port) + want.base_url},
      {"unit", server.unit.file().string()},
      {"config", server.config.string()},
      {"port", want.port}};
  return plan;
}

Outcome JupyterServer::apply(const Plan& plan, Host& host) const {
  Outcome outcome = Module::apply(plan, host);
  const Value* port = plan.result.find("port");
  std::optional<Exec> start;
  for (const Step& step : plan.steps)
    for (const Action& action : step.actions)
      if (const auto* exec = std::get_if<Exec>(&action); exec && exec->title.find("starting ") != std::string::npos)
        start = *exec;
  if (!port || !start) return outcome;
  for (int tries = 0; tries < 150; ++tries) {
    const auto tcp = host.read("/proc/net/tcp"), tcp6 = host.read("/proc/net/tcp6");
    if (!tcp || is_listening(*tcp, port->integer()) || is_listening(tcp6.value_or(""), port->integer())) return outcome;
    host.progress("waiting for the port " + port->json());
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
  Strings journal = start->argv;
  for (auto& word : journal)
    if (word == "systemctl") word = "journalctl";
  std::erase_if(journal, [](const auto& word) { return word == "start" || word == "restart"; });
  const std::string unit = journal.back();
  journal.back() = "-u";
  journal.insert(journal.end(), {unit, "-n", "15", "--no-pager", "-o", "cat"});
  const Output said = host.query({.argv = journal});
  throw Error("'" + unit + "' was started, and nothing listens on port " + port->json() + " after 30 s")
      .hint(said.out.empty() ? "journalctl -u " + unit + " says why" : "it said: " + said.out);
}

std::unique_ptr<Module> any() {
  return std::make_unique<JupyterServer>();
}

namespace {
constexpr Variant variants[] = {{"debian", any}, {"ubuntu", any}, {"fedora", any}, {"any", any}};
}

}  // namespace agent::jupyter_server

AGENT_MODULE(agent::jupyter_server::arguments, agent::jupyter_server::variants)
