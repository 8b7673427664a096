#include "jax_verify.hpp"

#include <agent/sdk/pep440.hpp>

namespace agent::jax_verify {

namespace {

constexpr const char* description =
    "A small program runs in the Python that is named: it imports jax, multiplies matrices and folds an image on the "
    "CPU, checks the numbers by hand, does the same on each GPU, and compares. GPU memory is taken as it is needed, "
    "not all at once.\n\n"
    "Which CUDA it was built for is read from its plugin (`jax-cuda12-plugin`), or from the label of an old jaxlib. "
    "JAX compiles for the GPU it finds, so it has no list of architectures to compare with.";

constexpr std::string_view probe = R"py(
class Framework:
    def load(self, report):
        global jax, jnp, np
        import importlib.metadata as installed
        def version_of(name):
            try: return installed.version(name)
            except installed.PackageNotFoundError: return None
        import jax, jax.numpy as jnp, numpy as np
        report["framework"] = str(jax.__version__)
        report["file"] = getattr(jax, "__file__", None)
        report["jaxlib"] = version_of("jaxlib")
        plugin = next((major for major in ("13", "12", "11") if version_of("jax-cuda%s-plugin" % major)), None)
        label = (report["jaxlib"] or "").partition("+cuda")[2].partition(".")[0]
        report["cuda_build"] = plugin or label or None
        if plugin: report["cudnn"] = version_of("nvidia-cudnn-cu" + plugin)
        report["rocm_build"] = next((v for v in map(version_of, ("jax-rocm60-plugin", "jax-rocm7-plugin")) if v), None)
    def numpy(self):
        np.asarray(jnp.ones(2))
    def compute(self, index, a, b, x, w):
        device = jax.devices("cpu")[0] if index is None else self.gpus[index]
        a, b, x, w = [jax.device_put(np.array(n, "float32"), device) for n in (a, b, x, w)]
        exact = jax.lax.Precision.HIGHEST
        product = jnp.matmul(a, b, precision=exact)
        image = jax.lax.conv_general_dilated(x, w, (1, 1), "VALID", precision=exact)
        return np.asarray(product).tolist(), np.asarray(image).tolist()
    def look(self, report):
        self.gpus = jax.devices("gpu")
        report["available"], report["count"] = bool(self.gpus), len(self.gpus)
    def describe(self, index, device):
        gpu = self.gpus[index]
        device["name"] = str(gpu.device_kind)
        capability = getattr(gpu, "compute_capability", None)
        if capability: device["capability"] = str(capability)
        try: device["memory_mib"] = int(gpu.memory_stats()["bytes_limit"]) // 1048576
        except Exception: pass
    def speed(self, index):
        size = 8192
        m = jax.device_put(np.ones((size, size), "float32"), self.gpus[index])
        exact = jax.lax.Precision.HIGHEST
        def multiply(): jnp.matmul(m, m, precision=exact).block_until_ready()
        return timed(multiply, size)
)py";

std::string cuda_build(const std::string& version) {
  const auto number = pep440::Version::parse(version);
  // The extra cuda12 came with the plugins, in 0.4.26.
  if (!number || *number < *pep440::Version::parse("0.4.26")) return "-";
  return "pip: {name: \"jax[cuda12]\", version: " + number->without_local().text() + "}";
}

constexpr Variant variants[] = {{"debian", any}, {"ubuntu", any}, {"fedora", any}, {"any", any}};

}  // namespace

const Framework& jax() {
  static const Framework framework{.package = "jax",
                                   .title = "JAX",
                                   .probe = probe,
                                   .environment = {{"XLA_PYTHON_CLIENT_PREALLOCATE", "false"}},
                                   .cuda_build = cuda_build};
  return framework;
}

const SpecOf<VerifyWant>& arguments() {
  static const auto spec =
      verify_arguments("jax_verify", jax(), description)
          .example("After an installation", "jax_verify:\n  venv: ~/jax/env")
          .example("Eight GPUs have to work", "jax_verify:\n  venv: /opt/jax\n  cuda: required\n  min_devices: 8");
  return spec;
}

Plan JaxVerify::check(const Args& args, const Host& host) const {
  return verify_framework(arguments().read(args), jax(), host);
}

std::unique_ptr<Module> any() {
  return std::make_unique<JaxVerify>();
}

}  // namespace agent::jax_verify

AGENT_MODULE(agent::jax_verify::arguments, agent::jax_verify::variants)
