#include <agent/sdk/download.hpp>
#include <agent/sdk/managed_file.hpp>
#include <agent/sdk/paths.hpp>

#include "conda.hpp"

namespace agent::conda {

namespace {

constexpr const char* block_begin = "# >>> conda initialize >>>";
constexpr const char* block_end = "# <<< conda initialize <<<";

/// An installer that was cut off leaves its own conda and packages, and no bin/conda; it refuses to run over them.
bool is_broken(const Path& prefix, const Host& host) {
  return !host.stat(prefix / "bin/conda") &&
         (host.stat(prefix / "pkgs") || host.stat(prefix / "_conda") || host.stat(prefix / "conda-meta"));
}

Path start_file(const std::string& shell, const Host& host) {
  if (shell == "bash") return Path(host.self().home) / ".bashrc";
  if (shell == "zsh") return Path(host.self().home) / ".zshrc";
  throw Error("'" + shell + "' is no shell that conda is set up for here").about("init").hint("bash and zsh are");
}

}  // namespace

Installer installer_of(const Want& want, const Host& host) {
  const std::string machine = host.system().architecture;
  Installer installer;
  if (want.distribution == "miniconda") {
    const std::string version = want.version.value_or("latest");
    installer.name = "Miniconda3-" + version + "-Linux-" + machine + ".sh";
    installer.url = "https://repo.anaconda.com/miniconda/" + installer.name;
  } else {
    const std::string version = want.version.value_or("25.3.1-0");
    installer.name = "Miniforge3-" + version + "-Linux-" + machine + ".sh";
    installer.url = "https://github.com/conda-forge/miniforge/releases/download/" + version + "/" + installer.name;
    // Two independent publications of the sum beside the release agree on it.
    if (installer.name == "Miniforge3-25.3.1-0-Linux-x86_64.sh")
      installer.sha256 = "376b160ed8130820db0ab0f3826ac1fc85923647f75c1b8231166e3d559ab768";
  }
  if (want.installer) {
    const bool is_address = want.installer->find("://") != std::string::npos;
    installer.url = is_address ? *want.installer : path_argument(*want.installer, host).string();
    installer.name = Path(*want.installer).filename().string();
    installer.sha256.clear();
  }
  if (want.checksum) installer.sha256 = sha256_argument(*want.checksum, "checksum");
  return installer;
}

void plan_installation(const Want& want, const Path& prefix, const Host& host, Plan& plan) {
  if (host.stat(prefix / "bin/conda")) return;
  const Installer installer = installer_of(want, host);
  if (installer.sha256.empty())
    throw Error("the checksum of '" + installer.name + "' is not known, and nothing unchecked is run")
        .about("checksum")
        .hint("checksum: sha256:... ; it stands in " + installer.url + ".sha256 or on the page that offers it");
  Step step;
  const bool broken = is_broken(prefix, host);
  if (!broken && !host.list(prefix).empty())
    throw Error("'" + prefix.string() + "' is there, and is no conda: it is not overwritten").about("prefix");
  step.changes = {{"conda in " + prefix.string(),
                   broken ? std::optional<std::string>("an installation that was cut off") : std::nullopt,
                   installer.name}};
  if (host.stat(prefix)) step.actions.push_back(RemovePath{prefix});
  const Path folder = prefix.parent_path();
  if (!host.stat(folder)) step.actions.push_back(MakeDirectory{folder});
  const Path file = folder / ("." + prefix.filename().string() + "-installer.sh");
  for (Action& action : download({installer.url, file, installer.sha256, "fetching " + installer.name}, host))
    step.actions.push_back(std::move(action));
  Exec run{.argv = {"sh", file.string(), "-b", "-p", prefix.string()}, .title = "installing " + installer.name};
  run.effects.directories = {prefix, prefix / "conda-meta"};
  run.effects.opaque = {prefix / "bin/conda", prefix / "conda-meta/history", prefix / "bin/python"};
  run.effects.complete = true;
  step.actions.push_back(std::move(run));
  step.actions.push_back(RemovePath{file});
  plan.steps.push_back(std::move(step));
}

std::string without_init_block(const std::string& text) {
  const auto begin = text.find(block_begin), end = text.find(block_end);
  if (begin == std::string::npos || end == std::string::npos || end < begin) return text;
  auto after = end + std::string_view(block_end).size();
  if (after < text.size() && text[after] == '\n') ++after;
  std::string before = text.substr(0, begin);
  if (before.ends_with("\n\n")) before.pop_back();
  return before + text.substr(after);
}

std::string with_init_block(const std::string& text, const Path& prefix, const std::string& shell) {
  const std::string at = prefix.string();
  if (const auto begin = text.find(block_begin);
      begin != std::string::npos && text.find("'" + at + "/bin/conda'", begin) != std::string::npos)
    return text;
  std::string rest = without_init_block(text);
  if (!rest.empty() && !rest.ends_with("\n")) rest += "\n";
  return rest + (rest.empty() ? "" : "\n") + block_begin +
         "\n# !! Contents within this block are managed by 'conda init' !!\n"
         "__conda_setup=\"$('" +
         at + "/bin/conda' 'shell." + shell +
         "' 'hook' 2> /dev/null)\"\n"
         "if [ $? -eq 0 ]; then\n    eval \"$__conda_setup\"\nelse\n"
         "    if [ -f \"" +
         at + "/etc/profile.d/conda.sh\" ]; then\n        . \"" + at +
         "/etc/profile.d/conda.sh\"\n"
         "    else\n        export PATH=\"" +
         at + "/bin:$PATH\"\n    fi\nfi\nunset __conda_setup\n" + block_end + "\n";
}

void plan_init(const Want& want, const Path& prefix, const Host& host, Plan& plan) {
  for (const auto& shell : want.init) {
    const Path file = start_file(shell, host);
    const std::string before = host.read(file).value_or("");
    const std::string after =
        want.state == "absent" ? without_init_block(before) : with_init_block(before, prefix, shell);
    if (after == before) continue;
    Plan edit = plan_file({.path = file, .content = after}, host);
    plan.steps.insert(plan.steps.end(), edit.steps.begin(), edit.steps.end());
  }
}

}  // namespace agent::conda
