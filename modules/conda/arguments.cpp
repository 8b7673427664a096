#include "conda.hpp"

namespace agent::conda {

const SpecOf<Want>& arguments() {
  static const auto spec =
      SpecOf<Want>("conda", "Installs conda (Miniforge or Miniconda) and keeps its environments.")
          .description(
              "The installer is fetched, compared with its SHA-256 and run without questions; it touches no shell. "
              "Environments are made and filled by conda itself, but what is there is read from `conda-meta/*.json`: a "
              "task with nothing to do does not start conda.\n\n"
              "Packages are written as conda writes them: `numpy`, `numpy=1.26` (any 1.26), `numpy==1.26.4`, "
              "`\"numpy>=1.26,<2\"`, `conda-forge::numpy`. `file` is an environment.yml on the machine; what stands "
              "below its `pip:` is compared too. Packages that are not asked for stay.\n\n"
              "`init` writes the block that `conda init` writes, so that `conda init --reverse` finds it.\n\n"
              "Checksums known to this module: Miniforge 25.3.1-0 for x86_64, its default. For any other version or "
              "processor give `checksum`; it stands beside the installer, in a file that ends in `.sha256`, or on "
              "Anaconda's page of archives. Anaconda's own channels (`defaults`, of Miniconda) have terms of service "
              "for organisations, and "
              "ask for them to be accepted before an unattended run; conda-forge does not.\n\n"
              "Where pip replaced a package of conda's, a note names it. With `distribution: micromamba` nothing is "
              "installed: the micromamba in PATH (or `executable`) keeps the environments below `prefix`.\n\n"
              "Tried on real hosts with an installer and a conda that were made for the test and behave in the same "
              "form; the real downloads could not be reached where this was written.")
          .optional("prefix", &Want::prefix, "where conda is installed")
          .as(Type::path)
          .optional("distribution", &Want::distribution, "which conda")
          .choices({"miniforge", "miniconda", "micromamba"})
          .optional("version", &Want::version, "its version: 25.3.1-0, or of Miniconda py311_24.1.2-0")
          .optional("installer", &Want::installer,
                    "address or path of the installer, in place of the distribution's own")
          .optional("checksum", &Want::checksum, "its SHA-256: sha256:1234...")
          .optional("executable", &Want::executable,
                    "conda, mamba or micromamba to use, in place of the one in `prefix`")
          .as(Type::path)
          .optional("name", &Want::name, "environment: a name, or an absolute path; none: base")
          .optional("packages", &Want::packages, "packages that it shall have")
          .optional("channels", &Want::channels, "channels to take them from, the first one first, and no others")
          .optional("file", &Want::file, "environment.yml on the machine")
          .as(Type::path)
          .optional("state", &Want::state,
                    "present; latest: in the newest versions that fit; absent: without the packages, or without the "
                    "environment, or without conda")
          .choices({"present", "latest", "absent"})
          .optional("init", &Want::init, "shells of this user that shall know conda: bash, zsh")
          .optional("auto_activate", &Want::auto_activate, "whether a new shell starts in base")
          .exclusive({"packages", "file"})
          .example("Miniforge, for bash, without `(base)` in the prompt",
                   "conda:\n  prefix: ~/miniforge3\n  init: [bash]\n  auto_activate: false")
          .example("An environment for PyTorch",
                   "conda:\n  name: ml-dev\n  packages: [python=3.11, pytorch-gpu=2.5, cuda-version=12.6]\n"
                   "  channels: [conda-forge]")
          .example("From a file", "conda:\n  prefix: /opt/conda\n  file: /srv/project/environment.yml")
          .example("An environment goes", "conda:\n  name: old\n  state: absent")
          .returns("prefix", "text", "the environment, or conda itself where none is named")
          .returns("python", "text", "its Python, for pip and jupyter_kernel")
          .returns("packages", "map", "name and version of what is in it");
  return spec;
}

}  // namespace agent::conda
