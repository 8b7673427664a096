#include <algorithm>
#include <charconv>

#include <agent/sdk/framework_chain.hpp>
#include <agent/sdk/framework_verify.hpp>
#include <agent/sdk/named_python.hpp>
#include <agent/sdk/python.hpp>

namespace agent {

namespace {

void check_arguments(const VerifyWant& want) {
  if (want.timeout < 1)
    throw Error("'timeout' is " + std::to_string(want.timeout) + ": it is a number of seconds").about("timeout");
  if (want.version && !pep440::SpecifierSet::parse(*want.version) && !pep440::SpecifierSet::parse("==" + *want.version))
    throw Error("'" + *want.version + "' is no version").about("version").hint("write \"2.13.0\" or \">=2.5,<3\"");
  if (want.cuda == "none" && want.min_devices > 0)
    throw Error("'min_devices' asks for GPUs, and 'cuda: none' for none of them").about("min_devices");
  if (want.cuda == "none" && want.min_tflops)
    throw Error("'min_tflops' is about GPUs, and 'cuda: none' does not touch them").about("min_tflops");
}

PythonEnvironment environment_of(const VerifyWant& want, const Framework& framework, const Host& host) {
  if (want.venv)
    return named_environment(*want.venv, host,
                             ", pip: {name: " + framework.package + ", virtualenv: " + want.venv->string() +
                                 "} installs " + framework.package);
  return named_python(want.python.value_or("python3"), "python", host);
}

/// In a dry run the framework may be promised and not yet there: nothing can be proved then.
void require_real(const PythonEnvironment& env, const Framework& framework) {
  Strings names = framework.other_packages;
  names.push_back(framework.package);
  for (const auto& name : names)
    if (const PythonPackage* package = env.find(name); package && env.metadata(*package).predicted)
      throw Unknown("whether " + framework.package + " works is only known once it is installed in '" +
                    env.prefix().string() + "'");
}

Map result_of(const Value& report, const Framework& framework, const GpuMachine& machine) {
  Map result;
  const auto take = [&](const char* from, const std::string& as) {
    if (const Value* value = report.find(from); value && !value->is_null()) result.set(as, *value);
  };
  take("framework", framework.package);
  take("framework", "version");
  take("cuda_build", "cuda");
  take("available", "cuda_available");
  for (const char* name : {"cudnn", "devices", "arch_list", "python", "executable", "numpy", "environment", "seconds"})
    take(name, name);
  if (machine.has_driver()) result.set("driver", machine.loaded);
  return result;
}

}  // namespace

SpecOf<VerifyWant> verify_arguments(const std::string& name, const Framework& framework,
                                    const std::string& description) {
  const std::string package = framework.package;
  return SpecOf<VerifyWant>(name, "Proves that " + framework.title +
                                      " computes, on the CPU and on every GPU, and says which link broke if not.")
      .description(
          description +
          "\n\nNothing is changed, so there is never a change to report; what does not work fails the task, with the "
          "cause and a way out. The links are followed from the card to the computed number: " +
          chain_in_words() +
          ". `chain` in the result lists them, each `ok`, `broken`, `none` (there is nothing to test) or `untested` "
          "(behind a broken one); `diagnosis` is an id of the list below, which stays the same from version to "
          "version, `remedy` says what to do, and `task` is the task to add where there is one. A failed task has "
          "them too: `ignore_errors` or a `rescue` can read them.\n\n"
          "`cuda: auto` tests the GPUs that there are and accepts a machine without one; a CUDA build on a machine "
          "with an NVIDIA GPU and a loaded driver must work. Where it accepts a broken link, it still names it. "
          "`required` fails without a working GPU, `none` does not touch them.\n\n"
          "In check mode the outcome is unknown while the environment or " +
          package + " would only be installed by an earlier task.\n\n" + gpu_diagnoses_table())
      .optional("venv", &VerifyWant::venv, "virtual environment to test")
      .alias("virtualenv")
      .optional("python", &VerifyWant::python,
                "Python to test, in place of `venv`: a path, name or version; default: python3")
      .optional("version", &VerifyWant::version, "version that " + package + " must have: \"2.13.0\", \">=2.5,<3\"")
      .optional("cuda", &VerifyWant::cuda, "whether GPUs must work")
      .choices({"required", "auto", "none"})
      .optional("min_devices", &VerifyWant::min_devices, "number of GPUs that must work")
      .optional("throughput", &VerifyWant::throughput,
                "multiply large matrices on each GPU, and tell how fast that was")
      .optional("min_tflops", &VerifyWant::min_tflops, "speed that each GPU must reach in that, in single precision")
      .optional("timeout", &VerifyWant::timeout, "seconds after which the test is given up")
      .returns(package, "text", "the version of " + package)
      .returns("version", "text", "the same")
      .returns("diagnosis", "text", "what is wrong, as an id of the list above; null when nothing is")
      .returns("chain", "list", "link, state and found of each link, from the card to the computed number")
      .returns("remedy", "list", "what to do about the diagnosis")
      .returns("task", "text", "the task that mends it, where there is one")
      .returns("cuda", "text", "the CUDA that " + package + " was built with; absent in a CPU build")
      .returns("cuda_available", "boolean", "whether " + package + " can use CUDA here")
      .returns("cudnn", "any", "the version of cuDNN, as " + package + " tells it")
      .returns("devices", "list", "index, name, capability, memory_mib, seconds and tflops of each GPU")
      .returns("arch_list", "list", "the architectures that " + package + " has code for")
      .returns("driver", "text", "the version of the NVIDIA driver that is loaded")
      .returns("python", "text", "the version of Python")
      .returns("numpy", "text", "the version of NumPy")
      .returns("seconds", "number", "how long the test took")
      .exclusive({"venv", "python"});
}

Plan verify_framework(const VerifyWant& want, const Framework& framework, const Host& host) {
  check_arguments(want);
  const auto env = environment_of(want, framework, host);
  const std::string place = "'" + (env.is_virtual() ? env.prefix().string() : env.python().string()) + "'";
  if (env.broken()) {
    GpuFinding broken{.id = "python_broken",
                      .message = "the virtual environment " + place + " is broken: " + *env.broken()};
    if (env.is_virtual()) broken.task = "venv: {path: " + env.prefix().string() + ", clear: true}";
    throw error_of(broken);
  }
  require_real(env, framework);

  host.progress("testing " + framework.package + " in " + place);
  const Output output = host.query(framework_probe({.python = env.python(),
                                                    .framework = framework.probe,
                                                    .cuda = want.cuda,
                                                    .seconds = want.timeout,
                                                    .measure_speed = want.throughput || want.min_tflops,
                                                    .environment = framework.environment}));
  if (!output.unknown.empty()) throw Unknown(output.unknown);
  const Probed probed = read_probe(output);
  const GpuMachine machine = read_gpu_machine(host);
  const Verdict verdict = judge({want, framework, probed, machine, place});

  Map result = result_of(probed.report, framework, machine);
  result.set("chain", verdict.chain);
  result.set("diagnosis", verdict.finding ? Value(verdict.finding->id) : Value());
  if (verdict.finding && verdict.fails) {
    result.set("stderr", output.err.substr(0, 4000));
    Error error = error_of(*verdict.finding);
    error.with(std::move(result));
    throw error;
  }
  Plan plan;
  if (verdict.finding) {
    result.set("remedy", remedies_of(*verdict.finding));
    if (const auto task = task_of(*verdict.finding)) result.set("task", *task);
    if (!machine.cards.empty())
      plan.notes.push_back(framework.package + " computes on the CPU only: " + verdict.finding->message);
  }
  plan.result = std::move(result);
  return plan;
}

}  // namespace agent
