#include "cuda.hpp"

namespace agent::cuda {

const SpecOf<Want>& arguments() {
  static const auto spec =
      SpecOf<Want>("cuda", "Installs a CUDA toolkit or runtime of one series, beside others.")
          .description(
              "From NVIDIA's packages (`cuda_repo` adds the repository). Series lie side by side in "
              "`/usr/local/cuda-12.4`; one of them is what `/usr/local/cuda` means, and the link is set through the "
              "alternatives that the packages register, so that a later installation does not take it over.\n\n"
              "Only packages with the series in their name are asked for: the metas without a number (`cuda`, "
              "`cuda-toolkit`) follow whatever is newest, and those called `cuda-X-Y` and `cuda-runtime-X-Y` bring a "
              "driver. The driver is the matter of `nvidia_driver`.\n\n"
              "What a meta package of a series needs is only held to be as new as itself: with `12.4.0` the newest "
              "components of 12.4 may come along, as NVIDIA has it.")
          .required("version", &Want::version,
                    "a series (`12.4`: any release of it counts), or an exact release (`12.4.1`)")
          .optional("kind", &Want::kind,
                    "`toolkit`: compiler, headers and libraries; `runtime`: only the libraries that programs need")
          .choices({"toolkit", "runtime"})
          .optional("state", &Want::state, "`present`, or `absent`: every package of the series is removed")
          .choices({"present", "absent"})
          .optional(
              "default", &Want::is_default,
              "`true`: `/usr/local/cuda` means this series; `false`: it does not become so. Unless said, the first "
              "series that is installed becomes it and stays it. Two tasks of a play that both say `true`, for two "
              "series, are refused before anything starts")
          .optional(
              "profile", &Want::profile,
              "give login shells its programs and libraries, in `/etc/profile.d/cuda.sh`; unless said, where it is "
              "the default")
          .optional("hold", &Want::hold, "keep the package at its version in upgrades (`apt-mark hold`, versionlock)")
          .optional("allow_downgrade", &Want::allow_downgrade, "an exact release may be older than what is installed")
          .example("A toolkit", "- cuda: {version: \"12.4\"}")
          .example("Exactly this one, and not the default", "- cuda: {version: 11.8.0, default: false}")
          .example("What the resolver chose", "- cuda: {version: \"{{ stack.cuda }}\"}")
          .example("Libraries only", "- cuda: {version: \"12.6\", kind: runtime}")
          .returns("version", "text", "the release that is installed, `12.4.1`")
          .returns("series", "text", "its series, `12.4`")
          .returns("home", "path", "where it lies, `/usr/local/cuda-12.4`")
          .returns("packages", "list", "the packages that were asked for");
  return spec;
}

}  // namespace agent::cuda
