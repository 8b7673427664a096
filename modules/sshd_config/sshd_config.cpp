#include "sshd_config.hpp"

#include <algorithm>

#include <agent/sdk/managed_file.hpp>
#include <agent/sdk/paths.hpp>
#include <agent/sdk/systemd_unit.hpp>
#include <agent/sdk/text.hpp>

namespace agent::sshd_config {

const SpecOf<Want>& arguments() {
  static const auto spec =
      SpecOf<Want>("sshd_config", "Sets what the OpenSSH server may do, and lets sshd itself check it first.")
          .description(
              "Where the configuration includes a directory of drop-in files, as those of Debian 11, Ubuntu 20.04, "
              "Fedora 33 and later do, the settings become the whole content of one file there, `NAME.conf`; elsewhere "
              "(or with `name: \"\"`) they are put into the configuration in place of the lines that set them, and its "
              "other lines and remarks stay.\n\n"
              "Nothing is used before `sshd -t` accepted it: the file by itself before it is put in place, and the "
              "configuration as a whole before the running server reads it. If that fails, the file is put back as it "
              "was. The server is told to read it again; sessions that are open stay open.\n\n"
              "sshd takes the first value that it reads. A setting that an earlier file or line decides otherwise is "
              "an error that names the line, because the task could not have its way.\n\n"
              "`true` and `false` become yes and no. A list becomes several lines for Port, ListenAddress, HostKey, "
              "AcceptEnv and their like, one with commas for Ciphers, MACs and such, and one with blanks for the rest.")
          .required("settings", &Want::settings, "keywords of sshd_config(5) and their values")
          .optional("match", &Want::match, "criteria of a Match block that they are for: \"Address 10.0.0.0/8\"")
          .optional("name", &Want::name, "name of the drop-in file, without .conf; of those, the first in order counts")
          .optional("path", &Want::path, "the configuration")
          .optional("state", &Want::state, "present, or absent: without these settings")
          .choices({"present", "absent"})
          .optional("reload", &Want::reload, "let a running server read the change")
          .example(
              "Keys only",
              "sshd_config:\n  settings:\n    PasswordAuthentication: false\n    KbdInteractiveAuthentication: false\n"
              "    PermitRootLogin: prohibit-password")
          .example(
              "Passwords from the laboratory alone",
              "sshd_config:\n  name: 20-lab\n  match: Address 10.0.0.0/8\n  settings:\n    PasswordAuthentication: "
              "true")
          .returns("path", "text", "the file that holds the settings");
  return spec;
}

namespace {

Path program(const Host& host) {
  for (const char* path : {"/usr/sbin/sshd", "/usr/bin/sshd"})
    if (host.stat(path)) return path;
  for (const auto& package : host.packages().find("openssh-server"))
    if (package.state == Package::State::installed) throw Unknown("openssh-server is only promised by an earlier task");
  throw Error("there is no sshd on this machine").hint("package: {name: openssh-server} installs it");
}

/// The directory that the configuration takes drop-in files from; nothing where it does not.
std::optional<Path> drop_in_folder(const std::string& main, const Path& path) {
  for (const auto& pattern : includes(main)) {
    if (!pattern.ends_with("/*.conf")) continue;
    const Path folder = Path(pattern).parent_path();
    return folder.is_absolute() ? folder : path.parent_path() / folder;
  }
  return std::nullopt;
}

/// All lines that count, in the order in which sshd reads them. `changed` is a file with the text that it will have.
std::vector<SetLine> effective_lines(const Path& path, const Path& changed, const std::string& text, const Host& host) {
  std::vector<SetLine> all;
  const auto text_of = [&](const Path& file) { return file == changed ? text : host.read(file).value_or(""); };
  for (const auto& line : set_lines(text_of(path), path.string())) {
    if (line.keyword != "include") {
      all.push_back(line);
      continue;
    }
    const Path pattern = Path(line.value).is_absolute() ? Path(line.value) : path.parent_path() / line.value;
    std::vector<Path> files = glob(pattern.string(), "/", host);
    if (changed.parent_path() == pattern.parent_path() && std::find(files.begin(), files.end(), changed) == files.end())
      files.push_back(changed);
    std::sort(files.begin(), files.end());
    for (const auto& file : files)
      for (auto& inner : set_lines(text_of(file), file.string())) all.push_back(std::move(inner));
  }
  return all;
}

/// A value that comes first wins: what the task asks for must be what sshd sees.
void require_effect(const std::vector<Setting>& settings, const std::vector<SetLine>& lines, const Path& changed) {
  for (const auto& setting : settings) {
    const auto first = std::find_if(lines.begin(), lines.end(),
                                    [&](const SetLine& line) { return line.keyword == text::lower(setting.keyword); });
    if (first == lines.end() || first->file == changed) continue;
    if (std::find(setting.values.begin(), setting.values.end(), first->value) != setting.values.end()) continue;
    throw Error(first->file + ":" + std::to_string(first->number) + " sets " + setting.keyword + " to '" +
                first->value + "' and comes first, so that '" + setting.values.front() + "' would not count")
        .about("settings")
        .hint("take that line out, or give this file a name that sorts before it: name: 00-agent");
  }
}

void refuse_lock_out(const std::vector<Setting>& settings, const std::string& match) {
  const auto is_off = [&](const char* keyword) {
    return std::any_of(settings.begin(), settings.end(),
                       [&](const Setting& s) { return s.keyword == keyword && s.values.front() == "no"; });
  };
  if (match.empty() && is_off("PasswordAuthentication") && is_off("PubkeyAuthentication"))
    throw Error("with neither PasswordAuthentication nor PubkeyAuthentication nobody could log in any more")
        .about("settings");
}

/// Adds what tells the running server. Behind a socket, systemd itself holds the port.
void add_reload(const std::string& unit, const Host& host, Step& step) {
  if (!runs_systemd(host)) return;
  const SystemdUnit service{unit, std::nullopt};
  step.actions.push_back(service.systemctl({"try-reload-or-restart"}, host));
  const SystemdUnit socket{unit == "ssh.service" ? "ssh.socket" : "sshd.socket", std::nullopt};
  if (!socket.is_enabled(host)) return;
  step.actions.push_back(socket.systemctl({"daemon-reload"}, host));
  step.actions.push_back(socket.systemctl({"try-restart"}, host));
}

Exec whole_check(const Path& sshd, const Path& path) {
  Exec exec{.argv = {sshd.string(), "-t", "-f", path.string()}, .title = "checking the whole configuration"};
  exec.effects.complete = true;
  return exec;
}

}  // namespace

Plan SshdConfig::check(const Args& args, const Host& host) const {
  const Want want = arguments().read(args);
  const auto settings = read_settings(want.settings);
  if (settings.empty()) throw Error("'settings' is empty, so there is nothing to set").about("settings");
  if (want.name.find('/') != std::string::npos) throw Error("'" + want.name + "' is no name of a file").about("name");
  if (want.state == "present") refuse_lock_out(settings, want.match);
  const Path sshd = program(host);
  const auto main = host.read(want.path);
  if (!main) throw Error("there is no '" + want.path.string() + "'").about("path");

  const auto folder = want.name.empty() ? std::nullopt : drop_in_folder(*main, want.path);
  const Path file = folder ? *folder / (want.name + ".conf") : want.path;
  Plan plan;
  if (folder && want.state == "absent") {
    if (const auto now = host.read(file))
      plan.steps = {{{content_change(file, now, std::nullopt)}, {RemovePath{file}}}};
  } else {
    const std::string text = folder                    ? drop_in_text(settings, want.match)
                             : want.state == "present" ? with_settings(*main, settings, want.match)
                                                       : without_settings(*main, settings, want.match);
    if (want.state == "present" && want.match.empty())
      require_effect(settings, effective_lines(want.path, file, text, host), file);
    const bool makes = folder && !host.stat(*folder);
    if (text != host.read(file).value_or("") || !host.stat(file))
      plan = plan_file(
          {.path = file,
           .content = text,
           .attributes = host.stat(file) ? FileAttributes{} : FileAttributes{.mode = "0600", .owner = {}, .group = {}},
           .validate = sshd.string() + " -t -f %s",
           .parent_is_planned = makes},
          host);
    if (makes)
      plan.steps.front().actions.insert(plan.steps.front().actions.begin(), MakeDirectory{*folder, {.mode = 0755}});
  }
  if (!plan.steps.empty()) {
    plan.steps.back().actions.push_back(whole_check(sshd, want.path));
    if (want.reload) add_reload(unit_, host, plan.steps.back());
    if (want.reload && !runs_systemd(host))
      plan.notes.push_back("no systemd runs here: a running sshd is not told of the change");
  }
  plan.result = {{"path", file.string()}};
  return plan;
}

Outcome SshdConfig::apply(const Plan& plan, Host& host) const {
  Outcome outcome;
  for (const Step& step : plan.steps) {
    std::optional<Path> changed;
    std::optional<std::string> before;
    for (const Action& action : step.actions) {
      if (const auto* write = std::get_if<WriteFile>(&action)) changed = write->path, before = host.read(write->path);
      if (const auto* removal = std::get_if<RemovePath>(&action))
        changed = removal->path, before = host.read(removal->path);
      try {
        outcome.outputs.push_back(host.perform(action));
      } catch (Error& error) {
        const auto* exec = std::get_if<Exec>(&action);
        if (!exec || !changed || exec->argv.size() < 2 || exec->argv[1] != "-t") throw;
        host.perform(before ? Action(WriteFile{.path = *changed, .content = *before}) : Action(RemovePath{*changed}));
        throw error.hint("'" + changed->string() + "' was put back as it was");
      }
    }
  }
  return outcome;
}

std::unique_ptr<Module> fedora() {
  return std::make_unique<SshdConfig>("sshd.service");
}

namespace {
constexpr Variant variants[] = {{"debian", debian}, {"ubuntu", debian}, {"fedora", fedora}, {"any", fedora}};
}

}  // namespace agent::sshd_config

AGENT_MODULE(agent::sshd_config::arguments, agent::sshd_config::variants)
