#include <algorithm>
#include <array>

#include <agent/sdk/dotted_version.hpp>
#include <agent/sdk/gpu_diagnosis.hpp>
#include <agent/sdk/text.hpp>

namespace agent {

namespace {

constexpr std::array diagnoses = {
    GpuDiagnosis{"no_card", GpuLink::card, "there is no NVIDIA card on the PCI bus",
                 "seat the card and its power, or pass it through to this virtual machine; `cuda: auto` accepts a "
                 "machine without one",
                 ""},
    GpuDiagnosis{"card_taken", GpuLink::card, "another kernel driver (vfio-pci) has the card",
                 "the card is set aside for a virtual machine: take it out of vfio-pci's ids", ""},
    GpuDiagnosis{"container_without_runtime", GpuLink::module,
                 "this is a container, and the GPU was not handed into it",
                 "start it with `docker run --gpus all`, or `podman run --device nvidia.com/gpu=all`, on a host with "
                 "the toolkit",
                 "nvidia_container_toolkit: {runtimes: [docker]}"},
    GpuDiagnosis{"nouveau_loaded", GpuLink::module, "the kernel's own driver, nouveau, has the card",
                 "disable nouveau, and restart the machine", "nvidia_driver: {state: present}"},
    GpuDiagnosis{"driver_not_installed", GpuLink::module, "no NVIDIA driver is installed", "install it",
                 "nvidia_driver: {state: present}"},
    GpuDiagnosis{"module_for_other_kernel", GpuLink::module,
                 "the driver's module was built for another kernel than the running one",
                 "restart into that kernel, or install the running kernel's headers and run `dkms autoinstall`",
                 "nvidia_driver: {state: present}"},
    GpuDiagnosis{"secure_boot", GpuLink::module, "Secure Boot is on, and refuses a module that is not signed",
                 "enrol the key that DKMS signs with (`mokutil --import`, then confirm at the console), or take the "
                 "signed, prebuilt modules",
                 "nvidia_driver: {state: present}"},
    GpuDiagnosis{"module_not_loaded", GpuLink::module, "the driver is installed, and its module is not loaded",
                 "`modprobe nvidia` says why; after an installation a restart is due", ""},
    GpuDiagnosis{"driver_too_old", GpuLink::driver, "the loaded driver is older than the CUDA of the build needs",
                 "install a newer driver, or a build for an older CUDA", "nvidia_driver: {minimum: \"{}\"}"},
    GpuDiagnosis{"fabric_manager", GpuLink::driver, "the fabric manager of this NVSwitch machine is not running",
                 "start nvidia-fabricmanager, in exactly the driver's version", ""},
    GpuDiagnosis{"uvm_broken", GpuLink::driver, "the module nvidia_uvm does not answer, as happens after a suspend",
                 "reload it: `modprobe -r nvidia_uvm; modprobe nvidia_uvm`", ""},
    GpuDiagnosis{"device_lost", GpuLink::driver, "the driver lost the card, or does not start it",
                 "`dmesg` names the Xid or NVRM error; restart the machine, check power and cooling", ""},
    GpuDiagnosis{
        "library_mismatch", GpuLink::userland,
        "the loaded module and the driver's libraries are of different versions: a restart is due after an upgrade",
        "restart the machine", ""},
    GpuDiagnosis{"forward_compatibility", GpuLink::userland,
                 "cuda-compat's libcuda comes first, and this GPU is not one that it supports",
                 "take the compat directory out of LD_LIBRARY_PATH, or remove cuda-compat", ""},
    GpuDiagnosis{"libcuda_missing", GpuLink::userland, "the module is loaded, and the driver's libcuda.so.1 is missing",
                 "install the driver's compute libraries, in the module's version", "nvidia_driver: {state: present}"},
    GpuDiagnosis{"no_permission", GpuLink::devices, "this user may not open the device nodes of the GPU",
                 "add the user to the group of /dev/nvidia*, and log in again", ""},
    GpuDiagnosis{"gpu_hidden", GpuLink::devices, "CUDA_VISIBLE_DEVICES hides the GPUs",
                 "unset it, or name the GPUs: \"0,1\"", ""},
    GpuDiagnosis{"too_few_devices", GpuLink::devices, "fewer GPUs work than are asked for",
                 "compare the cards on the bus with CUDA_VISIBLE_DEVICES and with `dmesg`", ""},
    GpuDiagnosis{"python_broken", GpuLink::framework, "the Python of the environment does not start",
                 "make the environment anew", "venv: {path: {}, clear: true}"},
    GpuDiagnosis{"framework_missing", GpuLink::framework, "the framework is not installed there", "install it",
                 "pip: {name: {}}"},
    GpuDiagnosis{"wrong_version", GpuLink::framework, "another version of the framework is installed than is asked for",
                 "install that one", "pip: {name: {}}"},
    GpuDiagnosis{"framework_broken", GpuLink::framework,
                 "the framework is installed, and cannot be imported or computes wrongly",
                 "install it again with its dependencies", "pip: {name: {}, state: forcereinstall}"},
    GpuDiagnosis{"library_missing", GpuLink::framework, "a shared library that the framework needs is missing",
                 "install the framework again with its dependencies: its nvidia-* packages bring CUDA's libraries",
                 "pip: {name: {}, state: forcereinstall}"},
    GpuDiagnosis{"mixed_libraries", GpuLink::framework, "libraries of different builds are mixed",
                 "install the framework again, and keep LD_LIBRARY_PATH and LD_PRELOAD empty",
                 "pip: {name: {}, state: forcereinstall}"},
    GpuDiagnosis{"numpy_mismatch", GpuLink::framework, "the framework was built for NumPy 1, and NumPy 2 is installed",
                 "install NumPy 1, or a newer framework", "pip: {name: \"numpy<2\"}"},
    GpuDiagnosis{"system_too_old", GpuLink::framework, "the build needs a newer C or C++ library than this system has",
                 "take an older build, or a newer system", ""},
    GpuDiagnosis{"processor_too_old", GpuLink::framework, "this processor lacks instructions that the build uses",
                 "an older build, or one built for this processor, is needed (AVX2 is usual)", ""},
    GpuDiagnosis{"machine_out_of_memory", GpuLink::framework, "the machine's own memory does not suffice",
                 "`dmesg` names the process that was killed; free memory, or add swap", ""},
    GpuDiagnosis{
        "crashed", GpuLink::framework, "the framework crashed",
        "libraries of different builds may be mixed: install it again, and keep LD_LIBRARY_PATH and LD_PRELOAD empty",
        ""},
    GpuDiagnosis{
        "deadline", GpuLink::framework, "the test did not end in time",
        "a slow disk or a cold cache makes the first import slow, a GPU that hangs shows in `dmesg` as an Xid error",
        ""},
    GpuDiagnosis{"cpu_only_build", GpuLink::build, "this build of the framework has no CUDA in it",
                 "install a CUDA build", "pip: {name: {}}"},
    GpuDiagnosis{"rocm_build", GpuLink::build, "this build is for ROCm (AMD), not for CUDA", "install a CUDA build",
                 "pip: {name: {}}"},
    GpuDiagnosis{"capability_not_in_build", GpuLink::capability,
                 "the build has no code for this GPU's compute capability",
                 "take a build for a CUDA that serves the GPU", "pip: {name: {}}"},
    GpuDiagnosis{"out_of_memory", GpuLink::compute, "the GPU's memory is used up by other programs",
                 "`nvidia-smi` says who uses it", ""},
    GpuDiagnosis{"wrong_result", GpuLink::compute, "the GPU computes something else than the CPU",
                 "the card or its memory is faulty, or overclocked: compare with another machine", ""},
    GpuDiagnosis{"compute_failed", GpuLink::compute, "a computation on the GPU failed, and why is not known here",
                 "the text that it said is the one to look for", ""},
    GpuDiagnosis{"cudnn_missing", GpuLink::cudnn, "a library of cuDNN is missing or of another version",
                 "install the framework again with its dependencies (no_deps leaves out its nvidia-cudnn package), and "
                 "keep other cuDNNs out of LD_LIBRARY_PATH",
                 "pip: {name: {}, state: forcereinstall}"},
    GpuDiagnosis{"too_slow", GpuLink::speed, "the GPU computes more slowly than is asked for",
                 "see `nvidia-smi -q -d PERFORMANCE` for what throttles it: heat, power, another program", ""},
};

/// What CUDA, the loader and the frameworks say, and what that means. The first row that fits counts, so the more
/// telling texts come first.
struct Saying {
  std::string_view part, id;
  std::string_view message = {};  ///< in place of the meaning of the list
  std::string_view remedy = {}, task = {};
};
constexpr std::array sayings = {
    Saying{"compiled using NumPy 1.x cannot be run in", "numpy_mismatch"},
    Saying{"libcuda.so.1: cannot open", "libcuda_missing", "the NVIDIA driver's libcuda is missing",
           "install the driver, or a build for the CPU"},
    Saying{"__nvJitLink", "mixed_libraries", "a library of another CUDA comes first in LD_LIBRARY_PATH",
           "take CUDA's directories out of LD_LIBRARY_PATH: the framework brings its own", "-"},
    Saying{"iJIT_NotifyEvent", "mixed_libraries", "this torch does not go with MKL 2024.1 or newer",
           "install an older MKL, or a newer torch", "pip: {name: \"mkl<2024.1\"}"},
    Saying{"libcudnn", "cudnn_missing"},
    Saying{"cuDNN library is too old", "cudnn_missing"},
    Saying{"Loaded runtime CuDNN library", "cudnn_missing"},
    Saying{"DNN library is not found", "cudnn_missing"},
    Saying{"CUDNN_STATUS_NOT_INITIALIZED", "out_of_memory",
           "cuDNN could not start, most often because the GPU's memory is used up"},
    Saying{"cannot open shared object file", "library_missing"},
    Saying{"Cannot dlopen some GPU libraries", "library_missing", "CUDA's libraries are not found",
           "install TensorFlow with them", "pip: {name: \"tensorflow[and-cuda]\"}"},
    Saying{"GLIBC_", "system_too_old", "this build needs a newer C library than this system has"},
    Saying{"GLIBCXX_", "system_too_old", "an older libstdc++ than it needs comes first",
           "take conda's or others' lib directories out of LD_LIBRARY_PATH"},
    Saying{"partially initialized module", "framework_broken",
           "a file of the framework's name, or a half installed framework, is in the way",
           "rename that file, or install the framework again"},
    Saying{"No module named", "framework_broken", "a package that it needs is missing"},
    Saying{"undefined symbol", "mixed_libraries"},
    Saying{"Torch not compiled with CUDA enabled", "cpu_only_build"},
    Saying{"no kernel image is available", "capability_not_in_build"},
    Saying{"Error 802", "fabric_manager"},
    Saying{"system not yet initialized", "fabric_manager"},
    Saying{"Error 803", "library_mismatch"},
    Saying{"CUDA_ERROR_SYSTEM_DRIVER_MISMATCH", "library_mismatch"},
    Saying{"Driver/library version mismatch", "library_mismatch"},
    Saying{"Error 804", "forward_compatibility"},
    Saying{"forward compatibility was attempted", "forward_compatibility"},
    Saying{"CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE", "forward_compatibility"},
    Saying{"driver version is insufficient for CUDA runtime", "driver_too_old"},
    Saying{"CUDA unknown error", "uvm_broken"},
    Saying{"CUDA_ERROR_UNKNOWN", "uvm_broken"},
    Saying{"CUDA_ERROR_NO_DEVICE", "device_lost", "the driver is loaded and offers no device"},
    Saying{"no CUDA-capable device is detected", "device_lost", "the driver is loaded and offers no device"},
    Saying{"GPU is lost", "device_lost"},
    Saying{"fallen off the bus", "device_lost"},
    Saying{"CUDA_ERROR_ECC_UNCORRECTABLE", "device_lost", "the card reports an uncorrectable memory error"},
    Saying{"uncorrectable ECC error", "device_lost", "the card reports an uncorrectable memory error"},
    Saying{"out of memory", "out_of_memory"},
    Saying{"OUT_OF_MEMORY", "out_of_memory"},
    Saying{"RESOURCE_EXHAUSTED", "out_of_memory"},
    Saying{"OOM when allocating", "out_of_memory"},
    Saying{"MemoryError", "machine_out_of_memory"},
    Saying{"computed something else", "wrong_result"},
    Saying{"Permission denied: '/dev/nvidia", "no_permission"},
};

/// "libcudnn.so.9" of "libcudnn.so.9: cannot open shared object file", or of a text that begins with it.
std::string missing_library(const std::string& said) {
  const auto end = said.find(": cannot open shared object file");
  if (end == std::string::npos) return "";
  const auto begin = said.find_last_of(" '\"(", end) + 1;
  return said.substr(begin, end - begin);
}

/// The line of `said` that holds position `at`, at most 300 bytes of it.
std::string line_at(const std::string& said, std::size_t at) {
  const auto begin = said.rfind('\n', at);
  const auto start = begin == std::string::npos ? 0 : begin + 1;
  return said.substr(start, std::min<std::size_t>(said.find('\n', at) - start, 300));
}

std::string filled(std::string_view text, const std::string& with) {
  std::string all(text);
  if (const auto at = all.find("{}"); at != std::string::npos) all.replace(at, 2, with);
  return all;
}

GpuFinding module_missing(const GpuMachine& machine, const std::string& needed) {
  const std::string has = machine.cards.size() == 1 ? "there is an NVIDIA GPU" : "there are NVIDIA GPUs";
  if (!machine.container.empty() && machine.nodes.empty())
    return {.id = "container_without_runtime",
            .message = has + ", and this container (" + machine.container + ") has no part of the driver in it"};
  if (machine.has_nouveau)
    return {.id = "nouveau_loaded",
            .message = has + ", and the kernel's own driver nouveau has it, not NVIDIA's" + needed};
  if (!machine.has_module_file && !machine.other_kernels.empty())
    return {.id = "module_for_other_kernel",
            .message = has + ", and the driver's module was built for kernel " + text::joined(machine.other_kernels) +
                       ", not for the one that runs"};
  if (!machine.has_module_file && machine.libcuda.empty())
    return {.id = "driver_not_installed", .message = has + ", and no NVIDIA driver is installed" + needed};
  if (machine.secure_boot.value_or(false))
    return {.id = "secure_boot",
            .message =
                has + ", the driver is installed and not loaded, and Secure Boot is on: it refuses what is not signed"};
  return {.id = "module_not_loaded", .message = has + ", and no NVIDIA driver is loaded" + needed};
}

}  // namespace

std::string_view name_of(GpuLink link) {
  constexpr std::array names = {"card",  "kernel_module", "driver",  "userland", "device_nodes", "framework",
                                "build", "capability",    "compute", "cudnn",    "throughput"};
  return names[static_cast<std::size_t>(link)];
}

std::span<const GpuDiagnosis> gpu_diagnoses() {
  return diagnoses;
}

const GpuDiagnosis& gpu_diagnosis(std::string_view id) {
  const auto found = std::find_if(diagnoses.begin(), diagnoses.end(), [&](const auto& row) { return row.id == id; });
  if (found == diagnoses.end()) throw Error("there is no diagnosis '" + std::string(id) + "'");
  return *found;
}

GpuLink GpuFinding::link() const {
  return at.value_or(gpu_diagnosis(id).link);
}

std::string gpu_diagnoses_table() {
  std::string table = "| diagnosis | link | what it means | what to do |\n|---|---|---|---|\n";
  for (const auto& row : diagnoses)
    table += "| `" + std::string(row.id) + "` | " + std::string(name_of(row.link)) + " | " + std::string(row.meaning) +
             " | " + std::string(row.remedy) + (row.task.empty() ? "" : "; `" + filled(row.task, "...") + "`") + " |\n";
  return table;
}

std::optional<std::string> task_of(const GpuFinding& finding) {
  if (finding.task == "-") return std::nullopt;
  const std::string task = finding.task.empty() ? std::string(gpu_diagnosis(finding.id).task) : finding.task;
  // A task with a gap that nobody filled would be a riddle.
  return task.empty() || task.find("{}") != std::string::npos ? std::nullopt : std::optional(task);
}

Strings remedies_of(const GpuFinding& finding) {
  return finding.remedies.empty() ? Strings{std::string(gpu_diagnosis(finding.id).remedy)} : finding.remedies;
}

Error error_of(const GpuFinding& finding) {
  Error error(finding.message);
  const Strings remedies = remedies_of(finding);
  for (const auto& remedy : remedies) error.hint(remedy);
  const auto task = task_of(finding);
  if (task) error.hint("as a task: " + *task);
  if (!finding.said.empty()) error.hint("it said: " + finding.said);
  error.with({{"diagnosis", finding.id}, {"remedy", remedies}, {"task", task ? Value(*task) : Value()}});
  return error;
}

std::optional<GpuFinding> diagnose_machine(const GpuMachine& machine, const std::string& cuda,
                                           const std::string& build) {
  const std::string oldest = oldest_driver(cuda);
  const std::string needed = oldest.empty() ? "" : "; CUDA " + cuda + " needs driver " + oldest + " or newer";
  // A card may be there without a PCI bus to see (WSL, some containers): device nodes and a driver count as well.
  if (machine.cards.empty() && !machine.has_driver() && machine.nodes.empty())
    return GpuFinding{.id = "no_card", .message = "there is no NVIDIA GPU on this machine"};
  if (!machine.has_driver()) {
    const bool all_taken =
        !machine.cards.empty() && std::all_of(machine.cards.begin(), machine.cards.end(),
                                              [](const auto& card) { return card.bound.starts_with("vfio"); });
    if (all_taken)
      return GpuFinding{
          .id = "card_taken",
          .message = "the NVIDIA GPU at " + machine.cards.front().slot + " is held by " + machine.cards.front().bound};
    return module_missing(machine, needed);
  }
  if (!machine.container.empty() && (machine.nodes.empty() || machine.libcuda.empty()))
    return GpuFinding{.id = "container_without_runtime",
                      .message = "the host has the NVIDIA driver " + machine.loaded + ", and this container (" +
                                 machine.container + ") has " +
                                 (machine.nodes.empty() ? "no device of it" : "no libcuda")};
  if (!oldest.empty() && compare_dotted(machine.loaded, oldest) < 0)
    return GpuFinding{.id = "driver_too_old",
                      .message = "the driver in use is " + machine.loaded + ", and " + build + ", built with CUDA " +
                                 cuda + ", needs " + oldest + " or newer",
                      .task = "nvidia_driver: {minimum: \"" + oldest + "\"}"};
  if (machine.libcuda.empty())
    return GpuFinding{.id = "libcuda_missing",
                      .message = "the driver's module " + machine.loaded + " is loaded, and there is no libcuda.so.1"};
  if (!machine.userland.empty() && machine.userland != machine.loaded)
    return GpuFinding{.id = "library_mismatch",
                      .message = "the loaded driver is " + machine.loaded + ", and its libraries are " +
                                 machine.userland + " (" + machine.libcuda + ")"};
  if (!machine.forbidden.empty())
    return GpuFinding{.id = "no_permission",
                      .message = "'" + machine.user + "' may not open " + text::joined(machine.forbidden),
                      .remedies = {"add it to the group: `usermod --append --groups " + machine.group + " " +
                                   machine.user + "`, and log in again"}};
  return std::nullopt;
}

std::optional<GpuFinding> diagnose_text(const std::string& said, const std::string& framework) {
  if (said.find("No module named '" + framework + "'") != std::string::npos)
    return GpuFinding{.id = "framework_missing",
                      .message = framework + " is not installed there",
                      .task = "pip: {name: " + framework + "}"};
  for (const auto& row : sayings) {
    const auto at = said.find(row.part);
    if (at == std::string::npos) continue;
    const GpuDiagnosis& known = gpu_diagnosis(row.id);
    GpuFinding finding{.id = std::string(row.id), .said = line_at(said, at)};
    finding.message = row.message.empty() ? known.meaning : row.message;
    if (const auto library = missing_library(finding.said); !library.empty()) finding.message += " ('" + library + "')";
    if (!row.remedy.empty()) finding.remedies = {std::string(row.remedy)};
    finding.task = row.task.empty() ? filled(known.task, framework) : std::string(row.task);
    return finding;
  }
  return std::nullopt;
}

}  // namespace agent
