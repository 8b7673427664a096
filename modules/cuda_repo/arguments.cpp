#include "cuda_repo.hpp"

namespace agent::cuda_repo {

const SpecOf<Want>& arguments() {
  static const auto spec =
      SpecOf<Want>("cuda_repo",
                   "Adds NVIDIA's CUDA repository for exactly this distribution, release and architecture.")
          .description(
              "The repository's key is fetched, its full fingerprint is compared with the one that belongs to this "
              "repository (NVIDIA has a key of its own for each since 2025), and only then is it trusted, for this "
              "repository alone. The files are those that NVIDIA's own `cuda-keyring` package and `.repo` files make, "
              "so "
              "that a machine set up by hand is found as it should be.\n\n"
              "What older guides left is removed: keys that `apt-key` put into `trusted.gpg`, the key `7fa2af80` that "
              "NVIDIA withdrew in 2022, lines without `signed-by`, repositories of another release.\n\n"
              "A release for which NVIDIA has no repository is refused, with those that exist: packages of another "
              "release are never taken silently. When the index of the new repository cannot be fetched or is not "
              "signed with the right key, the repository is taken out again and the task fails.\n\n"
              "Of the keys of `fedora43` and `rhel10` no source names more than the last eight digits: there "
              "`key_fingerprint` is required.")
          .optional("state", &Want::state, "`present`, or `absent`: the repository, its key and its pins are removed")
          .choices({"present", "absent"})
          .optional("repo", &Want::repo,
                    "NVIDIA's name of the repository (`ubuntu2204`, `wsl-ubuntu`); by default the one made for this "
                    "release. Naming another is for derived distributions, at your own risk")
          .optional("base_url", &Want::base_url, "where the repositories lie: a mirror with NVIDIA's layout")
          .optional("key", &Want::key,
                    "the public key itself (ASCII armour), instead of fetching it from the repository; it is compared "
                    "with the fingerprint all the same")
          .optional("key_fingerprint", &Want::key_fingerprint,
                    "the full fingerprint of the key, for a mirror that signs with a key of its own")
          .optional("priority", &Want::priority,
                    "how much its packages count: apt's pin priority (600 unless said: it wins over the distribution, "
                    "and never downgrades), or dnf's `priority`")
          .optional("drivers", &Want::drivers,
                    "`false`: the driver's packages in it are never taken, because the driver comes from the "
                    "distribution or from RPM Fusion")
          .optional("exclude", &Want::exclude, "further packages never to take from it, globs allowed")
          .optional("remove_old", &Want::remove_old, "remove what older guides left")
          .optional("update_cache", &Want::update_cache, "fetch the index of packages after a change")
          .example("The repository for this machine", "- cuda_repo:")
          .example("With the driver from RPM Fusion", "- cuda_repo: {drivers: false}")
          .example(
              "A mirror inside the company",
              "- cuda_repo:\n    base_url: https://mirror.example.org/nvidia/cuda/repos\n    key: \"{{ lookup('file', "
              "'mirror.asc') }}\"\n    key_fingerprint: 0123 4567 89AB CDEF 0123  4567 89AB CDEF 0123 4567")
          .example("Gone", "- cuda_repo: {state: absent}")
          .returns("repo", "text", "NVIDIA's name of the repository")
          .returns("url", "text", "its address")
          .returns("key_fingerprint", "text", "the fingerprint of the key that it is signed with")
          .returns("keyring", "path", "the file that holds the key")
          .returns("file", "path", "the file that names the repository to the package manager")
          .returns("series", "list", "the oldest and newest CUDA series known to be in it; empty: it has no toolkit");
  return spec;
}

}  // namespace agent::cuda_repo
