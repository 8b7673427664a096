#include <agent/resolver/lists.hpp>

namespace agent::resolver {

const std::vector<ListOf>& lists() {
  static const std::vector<ListOf> all = {
      {"cuda_driver", "toolkits", "a toolkit", {"cuda"}, read_toolkit},
      {"cuda_driver", "driver_branches", "a driver branch", {"branch"}, read_branch},
      {"cuda_driver", "minor_version_compat", "a CUDA major", {"cuda_major"}, nullptr},
      {"cuda_compute", "toolkits", "a toolkit", {"cuda"}, read_compiler},
      {"cuda_compute", "architectures", "an architecture", {"sm"}, nullptr},
      {"gpus", "architectures", "an architecture", {"name"}, read_architecture},
      {"gpus", "branch_exceptions", "an exception", {"cc"}, read_exception},
      {"gpus", "gpus", "a GPU", {"name"}, read_gpu},
      {"gpus", "chips", "a chip", {"chip"}, nullptr},
      {"pytorch", "releases", "a release of torch", {"torch"}, read_torch},
      {"pytorch", "aarch64", "a release of torch", {"torch", "cuda"}, nullptr},
      {"tensorflow", "releases", "a release of TensorFlow", {"tensorflow"}, read_tensorflow},
      {"jax", "releases", "a release of JAX", {"jax"}, read_jax},
      {"jax", "local_toolkit", "a wheel", {"wheel"}, nullptr},
      {"cudnn", "releases", "a release of cuDNN", {"cudnn"}, read_cudnn},
      {"cudnn", "spelling", "a spelling", {"major", "manager", "runtime"}, nullptr},
      {"distro_cuda", "repos", "a repository", {"repo"}, read_repository},
      {"distro_cuda", "keys", "a key", {"key"}, nullptr},
      {"distro_cuda", "toolkits", "a toolkit", {"cuda"}, nullptr},
      {"distro_cuda", "distro_archives", "an archive", {"distro"}, nullptr},
      {"distro_python", "releases", "a release", {"distro", "release"}, read_distribution},
      {"drivers", "packages", "a driver package", {"distro", "release", "from", "version"}, read_driver_package},
      {"drivers", "network", "a driver of NVIDIA's repository", {"format", "first_branch"}, read_network_driver},
      {"addons", "addons", "an add-on", {"name"}, read_add_on},
  };
  return all;
}

}  // namespace agent::resolver
