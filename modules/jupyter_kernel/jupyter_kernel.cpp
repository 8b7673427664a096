#include "jupyter_kernel.hpp"

#include <algorithm>

#include <agent/sdk/named_python.hpp>
#include <agent/sdk/paths.hpp>

#include "kernelspec.hpp"

namespace agent::jupyter_kernel {

const SpecOf<Want>& arguments() {
  static const auto spec =
      SpecOf<Want>("jupyter_kernel", "Registers the Python of a virtual environment as a kernel of Jupyter.")
          .description(
              "The kernel is made with `python -m ipykernel install`; `ipykernel` must be in the environment "
              "(installing "
              "`jupyter` brings it). Whether it is there already is read from its kernel.json: the program that it "
              "starts, "
              "the name that Jupyter shows, and the variables in `env` are compared, nothing else.\n\n"
              "Without `prefix`, `sys_prefix` or `user: false` the kernel is for the user that the task runs as: give "
              "`become_user` to register one for somebody else. A kernel whose program is gone, because its "
              "environment was "
              "removed, is replaced; others of that kind are named.")
          .required("name", &Want::name, "name of the kernel; Jupyter keeps it in lower case")
          .optional("display_name", &Want::display_name, "what Jupyter shows; default: the name")
          .optional("venv", &Want::venv, "virtual environment whose Python it starts")
          .alias("virtualenv")
          .optional("python", &Want::python, "Python it starts, in place of `venv`: a path, name or version")
          .optional("user", &Want::user,
                    "for the user that the task runs as; no: for all users (/usr/local/share/jupyter)")
          .optional("prefix", &Want::prefix, "below this directory (PREFIX/share/jupyter/kernels)")
          .optional("sys_prefix", &Want::sys_prefix, "inside the environment itself")
          .optional("env", &Want::env, "environment variables of the kernel; not given: left as they are")
          .optional("state", &Want::state, "whether it shall be there")
          .choices({"present", "absent"})
          .example("The environment of a user, in that user's Jupyter",
                   "jupyter_kernel:\n  venv: ~/ml/env\n  name: ml\n  display_name: Python (ml)")
          .example("With a variable of its own",
                   "jupyter_kernel:\n  venv: /opt/train\n  name: train\n  user: false\n  env:\n    "
                   "CUDA_VISIBLE_DEVICES: \"0\"")
          .example("Take a kernel away", "jupyter_kernel:\n  name: old\n  state: absent")
          .returns("name", "text", "the name, as Jupyter has it")
          .returns("path", "text", "the directory of the kernel")
          .returns("python", "text", "the program that it starts")
          .exclusive({"venv", "python"})
          .exclusive({"prefix", "sys_prefix"});
  return spec;
}

namespace {

/// The name as it is kept: Jupyter allows few characters, and writes them in lower case.
std::string kept_name(const std::string& name) {
  std::string lower = name;
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  if (lower.empty() || lower.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._-") != std::string::npos ||
      lower.front() == '-' || lower == "." || lower == "..")
    throw Error("'" + name + "' cannot be the name of a kernel: letters, digits, '.', '_' and '-' are allowed")
        .about("name")
        .hint("what people see is display_name, which may hold anything");
  return lower;
}

PythonEnvironment environment_of(const Want& want, const Host& host) {
  if (want.venv) return named_environment(*want.venv, host);
  if (!want.python) throw Error("jupyter_kernel needs 'venv' or 'python': which Python shall the kernel start?");
  return named_python(*want.python, "python", host);
}

/// Packages that bring ipykernel along, by the knowledge of those who install them.
bool brings_ipykernel(const std::string& name) {
  return name == "jupyter" || name == "jupyterlab" || name == "notebook" || name == "jupyter-console" ||
         name == "spyder-kernels";
}

/// A kernel needs ipykernel in its environment. In a dry run it may be one of the packages that a predicted one brings.
void require_ipykernel(const PythonEnvironment& env) {
  if (env.find("ipykernel")) return;
  std::string predicted;
  for (const auto& [name, package] : env.packages()) {
    if (name == "pip" || !env.metadata(package).predicted) continue;
    if (brings_ipykernel(name)) return;
    predicted += (predicted.empty() ? "" : ", ") + name;
  }
  if (!predicted.empty())
    throw Unknown("whether ipykernel comes with " + predicted + " is only known once they are installed");
  const std::string where = env.is_virtual() ? env.prefix().string() : env.python().string();
  throw Error("there is no ipykernel in '" + where + "', so it cannot be a kernel of Jupyter")
      .hint("pip: {name: ipykernel" + (env.is_virtual() ? ", virtualenv: " + where : std::string()) + "} installs it");
}

/// Where kernels are kept. Throws Error where that needs an environment and there is none.
Path kernels_folder(const Want& want, const Host& host) {
  if (want.prefix) return path_argument(want.prefix->string(), host) / "share/jupyter/kernels";
  if (want.sys_prefix) return environment_of(want, host).prefix() / "share/jupyter/kernels";
  if (!want.user) return "/usr/local/share/jupyter/kernels";
  if (const auto data = host.environment("JUPYTER_DATA_DIR")) return Path(*data) / "kernels";
  const std::string home = host.environment("HOME").value_or(host.self().home);
  return Path(host.environment("XDG_DATA_HOME").value_or(home + "/.local/share")) / "jupyter/kernels";
}

Strings install_command(const Want& want, const PythonEnvironment& env, const std::string& name,
                        const Environment& variables, const std::string& shown) {
  Strings argv{env.python().string(), "-m", "ipykernel", "install"};
  if (want.prefix || want.sys_prefix) {
    argv.push_back(want.sys_prefix ? "--sys-prefix" : "--prefix=" + want.prefix->string());
  } else if (want.user) {
    argv.push_back("--user");
  }
  argv.insert(argv.end(), {"--name=" + name, "--display-name=" + shown});
  for (const auto& [key, value] : variables) argv.insert(argv.end(), {"--env", key, value});
  return argv;
}

/// Kernels beside this one that cannot start any more.
Strings dead_neighbours(const Path& folder, const std::string& name, const Host& host) {
  Strings notes;
  for (const auto& other : host.list(folder)) {
    if (other == name) continue;
    const auto spec = read_kernelspec(folder / other, host);
    if (spec && spec->dangling)
      notes.push_back("kernel '" + other + "' starts '" + spec->argv.front() +
                      "', which does not exist; jupyter_kernel: {name: " + other + ", state: absent} removes it");
  }
  return notes;
}

/// What is different about a kernel that is there.
std::vector<Change> compare(const Kernelspec& now, const Want& want, const PythonEnvironment& env,
                            const std::string& name, const std::string& shown) {
  const std::string subject = "jupyter kernel " + name;
  if (!now.readable) return {{subject, "a kernel.json that cannot be read", shown}};
  std::vector<Change> changes;
  const Path program = now.argv.front();
  const bool same = program == env.python() || (env.is_virtual() && program.parent_path() == env.prefix() / "bin" &&
                                                program.filename().string().starts_with("python"));
  if (now.dangling)
    changes.push_back({subject + " python", program.string() + ", which does not exist", env.python().string()});
  else if (!same)
    changes.push_back({subject + " python", program.string(), env.python().string()});
  if (now.display_name != shown) changes.push_back({subject + " display_name", now.display_name, shown});
  if (want.env && now.env != *want.env) {
    const auto text = [](const Environment& variables) {
      std::string all;
      for (const auto& [key, value] : variables) all += (all.empty() ? "" : " ") + key + "=" + value;
      return all.empty() ? std::nullopt : std::optional(all);
    };
    changes.push_back({subject + " env", text(now.env), text(*want.env)});
  }
  return changes;
}

}  // namespace

Plan JupyterKernel::check(const Args& args, const Host& host) const {
  Want want = arguments().read(args);
  if (want.prefix) want.prefix = path_argument(want.prefix->string(), host);
  const std::string name = kept_name(want.name);
  const Path folder = kernels_folder(want, host), directory = folder / name;
  const auto now = read_kernelspec(directory, host);
  Plan plan;
  plan.result = {{"name", name}, {"path", directory.string()}};
  plan.notes = dead_neighbours(folder, name, host);
  const std::string subject = "jupyter kernel " + name;
  if (want.state == "absent") {
    if (!host.stat(directory, false)) return plan;
    const std::string before = now && now->readable ? now->display_name : "a directory without a kernel";
    plan.steps = {{{{subject, before, std::nullopt}}, {RemovePath{directory}}}};
    expect_links_to_be_trusted(directory, host);
    return plan;
  }

  const auto env = environment_of(want, host);
  if (env.broken()) throw Error("'" + env.prefix().string() + "' cannot be a kernel: " + *env.broken()).about("venv");
  plan.result.set("python", env.python().string());
  const std::string shown = want.display_name.value_or(want.name);
  std::vector<Change> changes;
  if (now)
    changes = compare(*now, want, env, name, shown);
  else
    changes = {{subject, std::nullopt, shown + " (" + env.python().string() + ")"}};
  require_ipykernel(env);
  if (changes.empty()) return plan;
  expect_links_to_be_trusted(directory / "kernel.json", host);

  const Environment variables = want.env.value_or(now ? now->env : Environment{});
  Exec install{install_command(want, env, name, variables, shown)};
  install.directory = "/";
  install.title = "registering the kernel " + name;
  install.effects.directories = {directory};
  install.effects.files = {{directory / "kernel.json", kernelspec_text(env.python(), shown, variables)}};
  install.effects.complete = true;
  plan.steps = {{std::move(changes), {std::move(install)}}};
  return plan;
}

std::unique_ptr<Module> any() {
  return std::make_unique<JupyterKernel>();
}

namespace {
constexpr Variant variants[] = {{"debian", any}, {"ubuntu", any}, {"fedora", any}, {"any", any}};
}

}  // namespace agent::jupyter_kernel

AGENT_MODULE(agent::jupyter_kernel::arguments, agent::jupyter_kernel::variants)
