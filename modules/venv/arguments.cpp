#include "arguments.hpp"

namespace agent::venv {

const SpecOf<Want>& arguments() {
  static const auto spec =
      SpecOf<Want>("venv", "Makes, repairs and removes Python virtual environments.")
          .description(
              "The environment is made with `python3 -m venv` and has a pip of its own. What it is like is read from "
              "its "
              "files; Python is not started to look.\n\n"
              "An environment whose Python is gone, or was upgraded to another minor version by the distribution, is "
              "reported as broken and left alone, because rebuilding it deletes the packages in it: `clear: true` "
              "gives "
              "leave to do that. `clear` never rebuilds one that works and is as it was asked for.\n\n"
              "`upgrade_pip: true` replaces the pip that came with Python by the newest one, once: a pip that differs "
              "from "
              "Python's own is left as it is. To ask for a minimum later on, give a version: `upgrade_pip: \">=25\"`.")
          .required("path", &Want::path, "directory of the environment")
          .alias("dest")
          .optional(
              "python", &Want::python,
              "the Python to make it with: a version (\"3.12\"), a name or a path; default: the `python3` in PATH")
          .optional("system_site_packages", &Want::system_site_packages,
                    "see the system's packages too; not given: as it is, and no for a new environment")
          .optional("prompt", &Want::prompt, "what the shell shows while it is active; default: the directory's name")
          .optional("packages", &Want::packages,
                    "packages to have in it from the start, such as wheel or \"setuptools>=70\"")
          .optional("upgrade_pip", &Want::upgrade_pip,
                    "true: a newer pip than the one that came with Python; or a version to have: \">=25\"")
          .optional("clear", &Want::clear, "rebuild a broken or differing environment, deleting all that is in it")
          .optional("state", &Want::state, "whether it shall be there")
          .choices({"present", "absent"})
          .example("An environment for machine learning",
                   "venv:\n  path: ~/ml/env\n  upgrade_pip: true\n  packages: [wheel]")
          .example("With another Python, and the system's packages visible",
                   "venv:\n  path: /opt/train\n  python: \"3.12\"\n  system_site_packages: true\n  prompt: train")
          .example("Rebuild it where a system upgrade broke it", "venv:\n  path: ~/ml/env\n  clear: true")
          .returns("path", "text", "the directory of the environment")
          .returns("python", "text", "its Python program")
          .returns("version", "text", "the version of its Python, such as 3.11")
          .returns("pip", "text", "the version of its pip, where it is known");
  return spec;
}

}  // namespace agent::venv
