#include "cudnn.hpp"

namespace agent::cudnn {

const SpecOf<Want>& arguments() {
  static const auto spec =
      SpecOf<Want>("cudnn", "Installs cuDNN in the build for one CUDA, runtime and headers together, and holds both.")
          .description(
              "From NVIDIA's repository (`cuda_repo` adds it). The packages are spelled as each version and package "
              "manager wants it: `libcudnn8=8.0.5.39-1+cuda11.0`, `libcudnn8-8.0.5.39-1.cuda11.0`, "
              "`libcudnn9-cuda-12=9.10.2.21-1`; the metas that follow the newest are never asked for.\n\n"
              "Of version 8 the build for the very series of CUDA is taken where there is one, else the newest of the "
              "same major version (8.9.7 for CUDA 12.4 is `+cuda12.2`). Left to itself a package manager takes the "
              "highest suffix, also on a machine with CUDA 11.\n\n"
              "The wheels of torch, TensorFlow and JAX bring a cuDNN of their own: this one is for TensorFlow up to "
              "2.13, for `jax[cuda12_local]` and for what is compiled on the machine. cuDNN 9.11 and later does not "
              "serve cards older than Turing.")
          .required("version", &Want::version,
                    "`9.10.2.21` exactly, or the beginning of it: `8.9` and `9` take the newest that is offered, and "
                    "count as there once any such is installed")
          .optional("cuda", &Want::cuda,
                    "the CUDA that it is for, `12.4` or `12`; by default the one that `/usr/local/cuda` means")
          .optional("state", &Want::state, "`present`, or `absent`: every package of this major version is removed")
          .choices({"present", "absent"})
          .optional("dev", &Want::dev, "headers and the link for compilers too, in the same version")
          .optional("hold", &Want::hold, "keep both at their version in upgrades")
          .optional("allow_downgrade", &Want::allow_downgrade, "an exact version may be older than what is installed")
          .example("The one of TensorFlow 2.4's time", "- cudnn: {version: 8.0.5.39, cuda: \"11.0\"}")
          .example("The newest 9 for the CUDA that is there", "- cudnn: {version: \"9\"}")
          .example("What the resolver chose", "- cudnn: {version: \"{{ stack.cudnn }}\", cuda: \"{{ stack.cuda }}\"}")
          .returns("version", "text", "what is installed, `9.10.2.21`")
          .returns("packages", "list", "the packages that were asked for");
  return spec;
}

}  // namespace agent::cudnn
