#include "pip.hpp"

namespace agent::pip {

namespace {

SpecOf<Want> what_to_install() {
  return SpecOf<Want>("pip", "Installs and removes Python packages.")
      .optional(
          "name", &Want::name,
          "requirements as pip takes them: names, \"numpy>=1.26,<3\", \"jupyter[test]\", \"pkg @ https://...\", a "
          "path or a URL")
      .optional("version", &Want::version, "the version of the one package named: \"2.13.0\", or \">=2.1,<3\"")
      .optional("requirements", &Want::requirements,
                "requirements file on the machine; `-r` and `-c` in it are followed")
      .optional("constraints", &Want::constraints, "constraints file: versions that hold for whatever is installed")
      .optional("state", &Want::state,
                "latest asks the package index on every run; forcereinstall installs on every run")
      .choices({"present", "absent", "latest", "forcereinstall"})
      .optional("editable", &Want::editable,
                "install the named source directories or repositories for development (-e)")
      .optional("no_deps", &Want::no_deps, "neither look at dependencies nor install them")
      .optional("pre", &Want::pre, "take pre-releases too");
}

SpecOf<Want> where_to_install(SpecOf<Want> spec) {
  return std::move(spec)
      .optional("virtualenv", &Want::virtualenv, "virtual environment to install into; made where there is none")
      .optional("virtualenv_command", &Want::virtualenv_command, "what makes a missing environment")
      .optional("virtualenv_python", &Want::virtualenv_python,
                "Python of a missing environment: a version, name or path")
      .optional("virtualenv_site_packages", &Want::virtualenv_site_packages,
                "a missing environment is made to see the system's packages")
      .optional("executable", &Want::executable, "the pip to use, a name in PATH or a path: pip3.12, /opt/py/bin/pip")
      .optional("user", &Want::user, "install below the home of the user that the task runs as")
      .optional("break_system_packages", &Want::break_system_packages,
                "install into a Python that the distribution keeps for itself (PEP 668); may break the system's tools");
}

SpecOf<Want> how_to_install(SpecOf<Want> spec) {
  return std::move(spec)
      .optional("index_url", &Want::index_url, "package index, in place of the configured one")
      .optional("extra_index_url", &Want::extra_index_url,
                "further indexes; pip takes the newest version of all of them, whoever put it there")
      .optional("find_links", &Want::find_links, "directories or pages with packages")
      .optional("extra_args", &Want::extra_args, "further arguments of pip, quoted as in a shell")
      .optional("chdir", &Want::chdir, "directory to run pip in; relative paths start there")
      .optional("umask", &Want::umask, "permission bits that installed files shall lack: \"0022\"")
      .as(Type::mode);
}

}  // namespace

const SpecOf<Want>& arguments() {
  static const auto spec =
      how_to_install(where_to_install(what_to_install()))
          .description(
              "What is installed is read from the environment's own records; pip is started only to change something. "
              "A "
              "package counts as installed when its version fits and all that it depends on is there in versions that "
              "fit, "
              "as `pip check` sees it.\n\n"
              "Without `virtualenv` and `executable` the `python3` in PATH is used. Debian and Ubuntu keep pip out of "
              "that "
              "one (PEP 668): use `virtualenv`, the distribution's package, or `break_system_packages: true`.\n\n"
              "pip's own configuration (pip.conf, PIP_* variables) stays in force; what is given here comes before it. "
              "A "
              "URL with a password in it reaches pip through its environment, not through its command line.\n\n"
              "In check mode a version that only the package index knows is shown as 'newest'; a package that could "
              "come "
              "as the dependency of another one that is not installed yet is reported as missing.")
          .reads_network()
          .example("Packages in a virtual environment",
                   "pip:\n  name: [jupyter, \"numpy>=1.26\", pandas, scikit-learn]\n  virtualenv: ~/ml/env")
          .example("A pinned build of PyTorch from its own index",
                   "pip:\n  name: torch\n  version: 2.5.1+cu124\n  index_url: https://download.pytorch.org/whl/cu124\n"
                   "  virtualenv: ~/ml/env")
          .example("A requirements file with constraints",
                   "pip:\n  requirements: /srv/app/requirements.txt\n  constraints: /srv/app/constraints.txt\n"
                   "  virtualenv: /srv/app/env")
          .example("Without a virtual environment, for one user",
                   "pip:\n  name: jupyterlab\n  user: true\n  break_system_packages: true")
          .returns("packages", "map", "the versions of the packages that were asked for, by name, where they are known")
          .returns("python", "text", "the Python that was used")
          .returns("virtualenv", "text", "the virtual environment, where there is one")
          .returns("cmd", "list", "the pip command, where one was needed")
          .one_of({"name", "requirements", "virtualenv"})
          .exclusive({"virtualenv", "executable"});
  return spec;
}

}  // namespace agent::pip
