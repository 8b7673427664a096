#include "tensorflow_verify.hpp"

#include <agent/sdk/dotted_version.hpp>
#include <agent/sdk/pep440.hpp>

namespace agent::tensorflow_verify {

namespace {

constexpr const char* description =
    "A small program runs in the Python that is named: it imports TensorFlow, multiplies matrices and folds an image "
    "on "
    "the CPU, checks the numbers by hand, does the same on each GPU that TensorFlow lists, and compares. GPU memory is "
    "taken as it is needed, not all at once.\n\n"
    "TensorFlow goes on without a word when it cannot open CUDA's libraries: what it writes to its log is read, so "
    "that the missing library is named.";

constexpr std::string_view probe = R"py(
class Framework:
    def load(self, report):
        global tf, np
        import tensorflow as tf
        import numpy as np
        report["framework"] = str(tf.__version__)
        report["file"] = getattr(tf, "__file__", None)
        built = dict(tf.sysconfig.get_build_info()) if hasattr(tf.sysconfig, "get_build_info") else {}
        is_cuda = built.get("is_cuda_build", tf.test.is_built_with_cuda())
        report["cuda_build"] = (str(built.get("cuda_version") or "").replace("64_", "") or "unknown") if is_cuda else None
        report["rocm_build"] = "rocm" if built.get("is_rocm_build") else None
        report["cudnn"] = str(built["cudnn_version"]) if is_cuda and built.get("cudnn_version") else None
        report["arch_list"] = [str(name) for name in built.get("cuda_compute_capabilities") or []]
    def numpy(self):
        tf.ones(2).numpy()
    def compute(self, index, a, b, x, w):
        with tf.device("/CPU:0" if index is None else "/GPU:%d" % index):
            a, b = tf.constant(a, tf.float32), tf.constant(b, tf.float32)
            image = tf.constant(np.transpose(np.array(x, "float32"), (0, 2, 3, 1)))
            kernel = tf.constant(np.transpose(np.array(w, "float32"), (2, 3, 1, 0)))
            product, image = tf.matmul(a, b), tf.nn.conv2d(image, kernel, strides=1, padding="VALID")
        return product.numpy().tolist(), np.transpose(image.numpy(), (0, 3, 1, 2)).tolist()
    def look(self, report):
        self.gpus = tf.config.list_physical_devices("GPU")
        for gpu in self.gpus:
            try: tf.config.experimental.set_memory_growth(gpu, True)
            except Exception: pass
        try: tf.config.experimental.enable_tensor_float_32_execution(False)
        except AttributeError: pass
        report["available"], report["count"] = bool(self.gpus), len(self.gpus)
    def describe(self, index, device):
        about = tf.config.experimental.get_device_details(self.gpus[index])
        device["name"] = about.get("device_name", self.gpus[index].name)
        if about.get("compute_capability"): device["capability"] = "%d.%d" % tuple(about["compute_capability"])
    def speed(self, index):
        size = 8192
        with tf.device("/GPU:%d" % index):
            m = tf.ones((size, size))
            def multiply(): tf.matmul(m, m)[0, 0].numpy()
            return timed(multiply, size)
)py";

std::string cuda_build(const std::string& version) {
  const auto number = pep440::Version::parse(version);
  if (!number) return "-";
  // Before 2.14 the one package is the CUDA build, and the libraries are the machine's own.
  const bool has_extra = *number >= *pep440::Version::parse("2.14");
  return std::string("pip: {name: \"") + (has_extra ? "tensorflow[and-cuda]" : "tensorflow") +
         "\", version: " + number->without_local().text() + "}";
}

GpuFinding other_capability(const std::string& capability) {
  GpuFinding finding{.id = "capability_not_in_build", .task = "-"};
  finding.remedies = {compare_dotted(capability, "10.0") >= 0 ? "take a newer TensorFlow, or NVIDIA's container of it"
                                                              : "take an older TensorFlow, which has code for it"};
  return finding;
}

constexpr Variant variants[] = {{"debian", any}, {"ubuntu", any}, {"fedora", any}, {"any", any}};

}  // namespace

const Framework& tensorflow() {
  static const Framework framework{.package = "tensorflow",
                                   .title = "TensorFlow",
                                   .probe = probe,
                                   .environment = {{"TF_CPP_MIN_LOG_LEVEL", "0"},
                                                   {"TF_ENABLE_ONEDNN_OPTS", "0"},
                                                   // Keras writes a file into the home of who imports it, where it can.
                                                   {"KERAS_HOME", "/dev/null/keras"}},
                                   .other_packages = {"tensorflow-cpu", "tf-nightly", "intel-tensorflow"},
                                   .cuda_build = cuda_build,
                                   .other_capability = other_capability};
  return framework;
}

const SpecOf<VerifyWant>& arguments() {
  static const auto spec =
      verify_arguments("tensorflow_verify", tensorflow(), description)
          .example("After an installation", "tensorflow_verify:\n  venv: ~/tf/env\n  version: 2.4.0")
          .example("With a working GPU", "tensorflow_verify:\n  venv: /opt/tf\n  cuda: required\n  timeout: 300");
  return spec;
}

Plan TensorflowVerify::check(const Args& args, const Host& host) const {
  return verify_framework(arguments().read(args), tensorflow(), host);
}

std::unique_ptr<Module> any() {
  return std::make_unique<TensorflowVerify>();
}

}  // namespace agent::tensorflow_verify

AGENT_MODULE(agent::tensorflow_verify::arguments, agent::tensorflow_verify::variants)
