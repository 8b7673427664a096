#include <algorithm>

#include <agent/resolver/build.hpp>

namespace agent::resolver {
namespace {

const char* const wheels_at = "https://download.pytorch.org/whl/";

void put_index(Build& build, const TorchRelease& release, const std::string& tag) {
  if (release.version == *pep440::Version::parse("1.8.2"))
    build.extra_index_url = wheels_at + ("lts/1.8/" + tag);
  else if (release.index == "find-links")
    build.find_links = wheels_at + std::string("torch_stable.html");
  else if (release.index == "extra-index-url")
    build.extra_index_url = wheels_at + tag;
  else
    build.index_url = wheels_at + tag;
}

Build torch_build(const TorchRelease& release, const std::string& tag) {
  Build build;
  build.framework = "torch";
  build.version = release.version;
  build.label = tag;
  build.python_min = release.python_min;
  build.python_max = release.python_max;
  build.torchvision = release.torchvision;
  build.torchaudio = release.torchaudio;
  build.packages = {"torch==" + release.version.text() + "+" + tag};
  if (!release.torchvision.empty()) build.packages.push_back("torchvision==" + release.torchvision + "+" + tag);
  // Some releases of torchaudio carry no label; without one, pip takes what the index has.
  if (!release.torchaudio.empty()) build.packages.push_back("torchaudio==" + release.torchaudio);
  if (release.version < *pep440::Version::parse("2.3")) build.numpy = "<2";
  put_index(build, release, tag);
  build.origin = build.wheel_origin = release.origin;
  return build;
}

void add_torch(std::vector<Build>& builds, const Tables& tables, bool for_cpu) {
  for (const TorchRelease& release : tables.torch) {
    if (for_cpu) {
      builds.push_back(torch_build(release, "cpu"));
      continue;
    }
    for (auto wheel = release.wheels.rbegin(); wheel != release.wheels.rend(); ++wheel) {
      Build build = torch_build(release, wheel->tag);
      build.cuda = wheel->cuda;
      build.cudnn = wheel->cudnn;
      build.code = wheel->code;
      build.is_on_pypi = release.pypi_cuda == wheel->cuda.text();
      if (release.version >= *pep440::Version::parse("2.6")) build.glibc_min = Dotted::parse("2.28");
      build.wheel_origin = wheel->origin;
      builds.push_back(std::move(build));
    }
  }
}

/// What the page of TensorFlow says of its wheels: machine code up to what CUDA knew, and PTX of the newest.
std::vector<CodeFor> tensorflow_code(const Dotted& cuda) {
  std::vector<CodeFor> code;
  const auto from = [&](const char* version) { return cuda >= *Dotted::parse(version); };
  if (!from("12.0")) code.push_back({35, false});
  for (const Capability capability : {50, 60, 70}) code.push_back({capability, false});
  if (from("10.0")) code.push_back({75, false});
  if (from("11.0")) code.push_back({80, false});
  if (from("11.8")) code.push_back({90, false});
  code.back().ptx = true;
  return code;
}

void add_tensorflow(std::vector<Build>& builds, const Tables& tables, bool for_cpu) {
  for (const TensorflowRelease& release : tables.tensorflow) {
    Build build;
    build.framework = "tensorflow";
    build.version = release.version;
    build.python_min = release.python_min;
    build.python_max = release.python_max;
    build.numpy = release.numpy;
    const bool is_separate = release.version < *pep440::Version::parse("2.1");
    const std::string name = is_separate && !for_cpu ? "tensorflow-gpu" : "tensorflow";
    build.packages = {name + (release.brings_cuda && !for_cpu ? "[and-cuda]==" : "==") + release.version.text()};
    build.is_on_pypi = true;
    build.origin = build.wheel_origin = release.origin;
    if (!for_cpu) {
      build.cuda = release.cuda;
      build.cudnn = release.cudnn.text();
      build.needs_toolkit = !release.brings_cuda;
      build.code = tensorflow_code(release.cuda);
    }
    builds.push_back(std::move(build));
  }
}

/// The CUDA major that an extra stands for: "cuda12_pip" is 12; nothing for those that use the machine's CUDA.
std::optional<int> major_of_extra(const std::string& extra, const Dotted& cuda_min) {
  if (extra == "cuda") return cuda_min.major();
  for (const int major : {11, 12, 13}) {
    const std::string plain = "cuda" + std::to_string(major);
    if (extra == plain || extra == plain + "_pip") return major;
  }
  return std::nullopt;
}

Build jax_build(const JaxRelease& row, const pep440::Version& version, const std::string& extra) {
  Build build;
  build.framework = "jax";
  build.version = version;
  build.python_min = row.python_min;
  build.python_max = row.python_max;
  build.packages = {"jax" + (extra.empty() ? "" : "[" + extra + "]") + "==" + version.text()};
  build.is_on_pypi = true;
  if (version < *pep440::Version::parse("0.4.30") && !extra.empty())
    build.find_links = "https://storage.googleapis.com/jax-releases/jax_cuda_releases.html";
  build.origin = build.wheel_origin = row.origin;
  return build;
}

void add_jax_row(std::vector<Build>& builds, const JaxRelease& row, const pep440::Version& version, bool for_cpu) {
  if (for_cpu) {
    builds.push_back(jax_build(row, version, ""));
    return;
  }
  for (auto extra = row.extras.rbegin(); extra != row.extras.rend(); ++extra)
    if (const auto major = major_of_extra(*extra, row.cuda_min)) {
      Build build = jax_build(row, version, *extra);
      build.cuda = Dotted::parse(std::to_string(*major));
      build.capability_min = *major >= 13 ? 75 : 52;
      builds.push_back(std::move(build));
    }
}

void add_jax(std::vector<Build>& builds, const Tables& tables, const std::vector<Requirement>& requirements,
             bool for_cpu) {
  for (const JaxRelease& row : tables.jax) add_jax_row(builds, row, row.version, for_cpu);
  // A row speaks for the patches after it: one that is asked for by its exact number is there too.
  for (const Requirement& requirement : requirements) {
    if (requirement.framework != "jax" || requirement.allowed.clauses().size() != 1) continue;
    const auto& clause = requirement.allowed.clauses()[0];
    const auto wanted = pep440::Version::parse(clause.version());
    if (clause.comparison() != "==" || !wanted) continue;
    const auto row = std::find_if(tables.jax.begin(), tables.jax.end(),
                                  [&](const JaxRelease& one) { return one.version <= *wanted; });
    if (row == tables.jax.end() || row->version == *wanted) continue;
    const bool is_known =
        row != tables.jax.begin() ||
        (row->version.release().size() > 1 && wanted->release().size() > 1 &&
         row->version.release()[0] == wanted->release()[0] && row->version.release()[1] == wanted->release()[1]);
    if (is_known) add_jax_row(builds, *row, *wanted, for_cpu);
  }
}

}  // namespace

Runs Build::runs_on(Capability capability, const Tables& tables) const {
  if (!cuda) return Runs::directly;
  if (capability_min) return capability < *capability_min ? Runs::no : Runs::directly;
  if (!code) {
    const CompilerTargets* targets = tables.compiler(cuda->series());
    return targets && capability >= targets->lowest && capability <= targets->highest ? Runs::assumed : Runs::no;
  }
  Runs best = Runs::no;
  for (const CodeFor& one : *code) {
    if (one.capability / 10 == capability / 10 && one.capability <= capability) return Runs::directly;
    if (one.ptx && one.capability <= capability) best = Runs::compiled;
  }
  return best;
}

std::vector<Build> builds_of(const std::string& framework, const Tables& tables,
                             const std::vector<Requirement>& requirements, bool for_cpu) {
  std::vector<Build> builds;
  if (framework == "torch") add_torch(builds, tables, for_cpu);
  if (framework == "tensorflow") add_tensorflow(builds, tables, for_cpu);
  if (framework == "jax") add_jax(builds, tables, requirements, for_cpu);
  std::stable_sort(builds.begin(), builds.end(), [](const Build& a, const Build& b) { return a.version > b.version; });
  return builds;
}

bool allows(const Requirement& requirement, const Build& build) {
  if (requirement.framework != build.framework || (requirement.allowed.empty() && requirement.companion.empty()))
    return true;
  if (!requirement.companion.empty()) {
    const std::string& version = requirement.companion == "torchvision" ? build.torchvision : build.torchaudio;
    return !version.empty() && requirement.allowed.contains(version);
  }
  const std::string bare = build.version.text();
  if (build.label.empty()) return requirement.allowed.contains(bare);
  return requirement.allowed.contains(bare + "+" + build.label) ||
         (build.is_on_pypi && requirement.allowed.contains(bare));
}

}  // namespace agent::resolver
