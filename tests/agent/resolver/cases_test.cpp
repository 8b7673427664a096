// What a person who knows the tables would answer, case by case, each with the reason from the notes (ml-stack.md) or
// the table it comes from.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <agent/resolver/stack.hpp>
#include <agent/sdk/error.hpp>

#include "tables_for_tests.hpp"

namespace agent::resolver {
namespace {

struct Asked {
  Strings wanted;
  Strings gpus = {};
  std::string driver, distro, python, cuda;
  bool toolkit = false;
  Prefer prefer = Prefer::newest;
};

std::variant<Stack, Conflict> answer(const Asked& asked) {
  Request request;
  for (const auto& text : asked.wanted) add_requirement(request, text, shipped());
  const auto given = [](const std::string& text) { return text.empty() ? std::nullopt : std::optional(text); };
  request.gpus = asked.gpus;
  request.driver = given(asked.driver);
  request.distro = given(asked.distro);
  request.python = given(asked.python);
  if (!asked.cuda.empty()) request.cuda = asked.cuda;
  request.toolkit |= asked.toolkit;
  request.prefer = asked.prefer;
  return resolve(shipped(), request);
}

struct Case {
  const char* name;
  const char* source;
  Asked asked;
  /// "torch=2.4.1+cu121 python=3.8 driver_min=525.60.13 ..." of the answer's values.
  Strings expected;
};
void PrintTo(const Case& one, std::ostream* out) {
  *out << one.name << " (" << one.source << ")";
}

class AnAnswer : public ::testing::TestWithParam<Case> {};

TEST_P(AnAnswer, IsWhatTheTablesSay) {
  const auto found = answer(GetParam().asked);
  const auto* stack = std::get_if<Stack>(&found);
  ASSERT_TRUE(stack) << std::get<Conflict>(found).summary();
  const Value value = stack->to_value();
  for (const std::string& part : GetParam().expected) {
    const auto sign = part.find('=');
    const Value& is = value[part.substr(0, sign)];
    EXPECT_EQ(is.is_string() ? is.string() : is.json(), part.substr(sign + 1)) << part.substr(0, sign);
  }
}

const Case answers[] = {
    {"the seed: RTX 3070, Ubuntu 20.04, torch 1.7.1",
     "ml-stack.md section 0: sm_80 code of cu110 runs on 8.6",
     {{"torch==1.7.1"}, {"RTX 3070"}, "", "ubuntu20.04"},
     {"torch=1.7.1", "tag=cu110", "python=3.8", "cuda=11.0", "cudnn=8.0.5.39", "torchvision=0.8.2", "torchaudio=0.7.2",
      "find_links=https://download.pytorch.org/whl/torch_stable.html", "index_url=null", "driver_min=455"}},
    {"the seed with its toolkit",
     "guide of 2021: CUDA 11.0.3, libcudnn8=8.0.5.39-1+cuda11.0",
     {{"torch==1.7.1"}, {"RTX 3070"}, "", "ubuntu20.04", "", "", true},
     {"toolkit=11.0.3", "toolkit_package=cuda-toolkit-11-0", "repository=ubuntu2004",
      "cudnn_packages=[\"libcudnn8=8.0.5.39-1+cuda11.0\",\"libcudnn8-dev=8.0.5.39-1+cuda11.0\"]"}},
    {"the second seed: TensorFlow 2.4 on Ubuntu 20.04",
     "tensorflow.yml: 2.4.0 wants CUDA 11.0 and cuDNN 8.0 on the machine",
     {{"tensorflow==2.4.0"}, {"RTX 3070"}, "", "ubuntu20.04"},
     {"tensorflow=2.4.0", "python=3.8", "toolkit=11.0.3", "cudnn=8.0.5.39", "index_url=null",
      "numpy=numpy>=1.19.2,<1.20"}},
    {"the newest torch of Ubuntu 20.04",
     "ml-stack.md section 0: Python 3.8, newest usable torch 2.4.1",
     {{"torch"}, {"RTX 3070"}, "", "ubuntu20.04"},
     {"torch=2.4.1", "tag=cu124", "python=3.8", "python_from=distro"}},
    {"the newest TensorFlow of Ubuntu 20.04",
     "ml-stack.md section 0: TensorFlow 2.13 with Python 3.8",
     {{"tensorflow"}, {"RTX 3070"}, "", "ubuntu20.04"},
     {"tensorflow=2.13.0", "toolkit=11.8.0", "python=3.8"}},
    {"the newest torch on a GTX 1080",
     "ml-stack.md section 4: cu126 is the last tag with kernels for 5.0-7.0 and ends with 2.14",
     {{"torch"}, {"GTX 1080"}, "", "ubuntu24.04"},
     {"torch=2.14.0", "tag=cu126", "driver_branch=580", "driver_package=nvidia-driver-580", "driver_open=false"}},
    {"H100 with driver 525",
     "cuda_driver.yml: 525.60.13 serves CUDA 12 by minor-version compatibility",
     {{"torch"}, {"H100"}, "525", "ubuntu22.04"},
     {"torch=2.14.0", "tag=cu126", "driver_min=525.60.13", "driver_ok=true"}},
    {"H100 with driver 580 takes CUDA 13",
     "cuda_driver.yml: 580.65.06 serves CUDA 13",
     {{"torch"}, {"H100"}, "580.95.05", "ubuntu22.04"},
     {"torch=2.14.0", "tag=cu130", "cuda=13.0"}},
    {"a series of CUDA is its newest release",
     "cuda_driver.yml: 12.4.1 is the newest of 12.4",
     {{"cuda==12.4"}, {"RTX 4090"}, "", "ubuntu22.04"},
     {"toolkit=12.4.1", "toolkit_package=cuda-toolkit-12-4"}},
    {"RTX 5090 with torch 2.7",
     "pytorch.yml 2.7.0: first with sm_120, in cu128",
     {{"torch==2.7.*"}, {"RTX 5090"}, "", "ubuntu24.04"},
     {"torch=2.7.1", "tag=cu128", "driver_min=570", "driver_open=true", "driver_package=nvidia-driver-580-open"}},
    {"RTX 5090 on Debian 13 needs NVIDIA's repository",
     "ml-stack.md section 3: Debian 13's 550 is too old for Blackwell (>= 570)",
     {{"torch==2.7.*"}, {"RTX 5090"}, "", "debian13"},
     {"driver_source=cuda_repo", "driver_package=nvidia-open-580"}},
    {"RTX 4090 on Debian 12 with CUDA 12 keeps Debian's driver",
     "ml-stack.md section 3: Debian 12 has 535.261.03",
     {{"torch==2.6.*"}, {"RTX 4090"}, "", "debian12"},
     {"torch=2.6.0", "tag=cu126", "driver_source=distro", "driver_package=nvidia-driver", "python=3.11"}},
    {"V100 with the newest torch",
     "pytorch.yml: from 2.11 on only cu126 has 7.0",
     {{"torch"}, {"V100"}, "", "ubuntu22.04"},
     {"torch=2.14.0", "tag=cu126"}},
    {"V100 with CUDA 12.8",
     "ml-stack.md section 4: cu128 has 7.0 only in 2.8 to 2.10",
     {{"torch"}, {"V100"}, "", "", "3.12", "12.8"},
     {"torch=2.10.0", "tag=cu128"}},
    {"GTX 1060 with CUDA 12.8 does not exist, so CUDA 12 means 12.6",
     "ml-stack.md section 4: cu128 never had 5.x or 6.x",
     {{"torch"}, {"GTX 1060"}, "", "", "", "12.*"},
     {"tag=cu126"}},
    {"K80 runs CUDA 11.8",
     "gpus.yml: Kepler ends with branch 470; 450.80.02 serves CUDA 11",
     {{"torch"}, {"Tesla K80"}, "470.256.02"},
     {"tag=cu118", "torch=2.7.1"}},
    {"Fedora 43 has Python 3.14",
     "distro_python.yml; pytorch.yml: 3.14 from 2.9 on",
     {{"torch"}, {"RTX 4070"}, "", "fedora43"},
     {"torch=2.14.0", "python=3.14", "python_from=distro", "driver_source=rpmfusion"}},
    {"Fedora 43 with CUDA 12 in the wheels",
     "pytorch.yml: cu126; the wheels bring their own CUDA",
     {{"torch"}, {"RTX 4070"}, "", "fedora43", "", "12.*"},
     {"torch=2.14.0", "tag=cu126", "toolkit=null"}},
    {"TensorFlow on Fedora 43 takes another Python",
     "distro_python.yml too_new: no TensorFlow <= 2.21 wheel for 3.14; fedora43 packages python3.13",
     {{"tensorflow"}, {"RTX 4070"}, "", "fedora43"},
     {"tensorflow=2.21.0", "python=3.13", "python_from=package", "python_package=python3.13"}},
    {"TensorFlow on Ubuntu 26.04 takes a Python from elsewhere",
     "distro_python.yml: resolute has 3.14 and no other",
     {{"tensorflow"}, {"RTX 4070"}, "", "ubuntu26.04"},
     {"tensorflow=2.21.0", "python=3.13", "python_from=elsewhere"}},
    {"torch 2.1 wants NumPy 1",
     "ml-stack.md section 4: torch 2.1 and 2.2 need numpy<2",
     {{"torch==2.1.2"}, {"RTX 3090"}},
     {"torch=2.1.2", "numpy=numpy<2", "tag=cu121", "python=3.11"}},
    {"a label picks the build",
     "PEP 440: ==1.7.1+cu110 matches only that",
     {{"torch==1.13.1+cu116"}, {"RTX 3090"}},
     {"tag=cu116", "extra_index_url=https://download.pytorch.org/whl/cu116"}},
    {"the LTS of 1.8 has an index of its own",
     "pytorch.yml 1.8.2: whl/lts/1.8/<tag>",
     {{"torch==1.8.2"}, {"RTX 2080"}},
     {"torch=1.8.2", "extra_index_url=https://download.pytorch.org/whl/lts/1.8/cu111"}},
    {"torchvision leads to its torch",
     "pytorch.yml: 0.15.2 goes with 2.0.1",
     {{"torchvision==0.15.2"}, {"RTX 3090"}},
     {"torch=2.0.1", "torchvision=0.15.2", "tag=cu118"}},
    {"torchaudio 2.11.0 goes with several",
     "pytorch.yml: torchaudio 2.11.0 is current for torch 2.11 to 2.14",
     {{"torch", "torchaudio==2.11.0"}, {"RTX 3090"}},
     {"torch=2.14.0", "torchaudio=2.11.0"}},
    {"the oldest torch of a card",
     "pytorch.yml: 8.9 runs sm_80 code from 1.7.0 cu110 on",
     {{"torch>=1.7"}, {"RTX 4090"}, "", "", "", "", false, Prefer::oldest},
     {"torch=1.7.0", "tag=cu110"}},
    {"the oldest torch of Hopper",
     "pytorch.yml: 2.0.0 cu118 is the first with 9.0",
     {{"torch>=1.7"}, {"H200"}, "", "", "", "", false, Prefer::oldest},
     {"torch=2.0.0", "tag=cu118"}},
    {"for the CPU",
     "pytorch.yml cpu_tag",
     {{"torch==2.4.1"}, {"none"}, "", "debian12"},
     {"tag=cpu", "index_url=https://download.pytorch.org/whl/cpu", "cuda=null", "driver_min=null", "gpu=null",
      "python=3.11"}},
    {"TensorFlow for the CPU needs no CUDA",
     "tensorflow.yml",
     {{"tensorflow==2.10.0"}, {"none"}, "", "ubuntu22.04"},
     {"tensorflow=2.10.0", "toolkit=null", "cuda=null", "packages=[\"tensorflow==2.10.0\"]"}},
    {"JAX with a driver for CUDA 13",
     "jax.yml driver: >= 580 for CUDA 13",
     {{"jax"}, {"RTX 4090"}, "580", "ubuntu24.04"},
     {"jax=0.11.0", "packages=[\"jax[cuda13]==0.11.0\"]", "python=3.12"}},
    {"JAX with a driver for CUDA 12",
     "jax.yml driver: >= 525 for CUDA 12",
     {{"jax"}, {"RTX 4090"}, "535.261.03", "ubuntu24.04"},
     {"jax=0.11.0", "packages=[\"jax[cuda12]==0.11.0\"]", "driver_min=525.60.13"}},
    {"JAX of a patch that a row speaks for",
     "jax.yml ranges: a row applies up to the next newer one",
     {{"jax==0.4.35"}, {"RTX 4090"}},
     {"jax=0.4.35", "cuda=12"}},
    {"JAX on Pascal stays with CUDA 12",
     "jax.yml capability: CUDA 13 wheels need 7.5",
     {{"jax"}, {"GTX 1080"}},
     {"packages=[\"jax[cuda12]==0.11.0\"]"}},
    {"TensorFlow brings CUDA from 2.14 on",
     "tensorflow.yml and_cuda",
     {{"tensorflow==2.16.*"}, {"RTX 3060"}, "", "ubuntu22.04"},
     {"tensorflow=2.16.1", "packages=[\"tensorflow[and-cuda]==2.16.1\"]", "toolkit=null"}},
    {"TensorFlow 2.12 on Ubuntu 22.04 has its CUDA in the repository",
     "distro_cuda.yml: ubuntu2204 carries 11.8; cudnn.yml: 8.6.0.163",
     {{"tensorflow==2.12.0"}, {"RTX 3060"}, "", "ubuntu22.04"},
     {"toolkit=11.8.0", "cudnn_packages=[\"libcudnn8=8.6.0.163-1+cuda11.8\",\"libcudnn8-dev=8.6.0.163-1+cuda11.8\"]"}},
    {"the same on a system with rpm",
     "ml-stack.md section 2: .cuda in rpm",
     {{"tensorflow==2.12.0"}, {"RTX 3060"}, "", "rocky9.4", "3.11"},
     {"toolkit=11.8.0", "repository=rhel9",
      "cudnn_packages=[\"libcudnn8-8.6.0.163-1.cuda11.8\",\"libcudnn8-devel-8.6.0.163-1.cuda11.8\"]"}},
    {"CUDA alone on Fedora 41",
     "distro_cuda.yml: fedora41 carries 12.8 and 12.9",
     {{"cuda==12.*"}, {"RTX 4090"}, "", "fedora41"},
     {"toolkit=12.9.1", "toolkit_package=cuda-toolkit-12-9", "repository=fedora41"}},
    {"cuDNN 9 names the CUDA major",
     "ml-stack.md section 2: libcudnn9-cuda-12, no suffix",
     {{"torch==2.8.0"}, {"RTX 4090"}, "", "ubuntu24.04", "", "12.8", true},
     {"toolkit=12.8.1", "cudnn_packages=[\"libcudnn9-cuda-12=9.10.2.21-1\",\"libcudnn9-dev-cuda-12=9.10.2.21-1\"]"}},
    {"an old toolkit of the same major will do where the series is not carried",
     "distro_cuda.yml: ubuntu2404 starts at 12.5",
     {{"torch==2.4.1"}, {"RTX 4090"}, "", "ubuntu24.04", "", "12.*", true},
     {"torch=2.4.1", "tag=cu124", "toolkit=12.9.1"}},
    {"CuPy goes by the major",
     "ml-stack.md section 4: cupy-cuda12x",
     {{"torch==2.4.1", "cupy"}, {"RTX 4090"}},
     {"add_ons=[\"cupy-cuda12x\"]"}},
    {"a card by its PCI id",
     "gpus.yml: 2484 is a GeForce RTX 3070",
     {{"torch==2.4.1"}, {"10de:2484"}},
     {"gpu=GeForce RTX 3070", "capability=8.6"}},
    {"a card as nvidia-smi calls it",
     "gpus.yml name_match",
     {{"torch==2.4.1"}, {"NVIDIA A100-SXM4-40GB"}},
     {"gpu=A100", "capability=8.0"}},
    {"a laptop's card",
     "gpus.yml laptop",
     {{"torch==2.4.1"}, {"NVIDIA GeForce RTX 3080 Ti Laptop GPU"}},
     {"gpu=GeForce RTX 3080 Ti"}},
    {"a card by its capability", "cuda_compute.yml", {{"torch==2.4.1"}, {"8.9"}}, {"capability=8.9"}},
    {"two cards of unlike age",
     "pytorch.yml: cu126 has 6.0 and 8.6",
     {{"torch"}, {"GTX 1080", "RTX 3090"}, "", "ubuntu24.04"},
     {"tag=cu126", "driver_branch=580", "driver_open=false"}},
    {"a release by its code name",
     "distro_python.yml",
     {{"torch"}, {"RTX 3090"}, "", "bookworm"},
     {"distro=debian 12", "python=3.11"}},
    {"a release that is not sure is taken when it is named",
     "pytorch.yml 2.14.1: verified false",
     {{"torch==2.14.1"}, {"RTX 4090"}},
     {"torch=2.14.1", "tag=cu132"}},
};

INSTANTIATE_TEST_SUITE_P(Known, AnAnswer, ::testing::ValuesIn(answers));

struct Refusal {
  const char* name;
  const char* source;
  Asked asked;
  Strings facts;  ///< parts of the facts that clash, each once; there are no others
  Strings ways;   ///< parts of the ways out
};
void PrintTo(const Refusal& one, std::ostream* out) {
  *out << one.name << " (" << one.source << ")";
}

class ARefusal : public ::testing::TestWithParam<Refusal> {};

TEST_P(ARefusal, NamesWhatClashesAndTheWaysOut) {
  const auto found = answer(GetParam().asked);
  const auto* conflict = std::get_if<Conflict>(&found);
  ASSERT_TRUE(conflict) << std::get<Stack>(found).to_value().json();
  const std::string text = conflict->summary();
  for (const std::string& part : GetParam().facts) EXPECT_THAT(text, ::testing::HasSubstr(part));
  EXPECT_EQ(conflict->facts.size(), GetParam().facts.size()) << text;
  std::string ways;
  for (const WayOut& way : conflict->ways) ways += way.text + ": " + way.gives + "\n";
  for (const std::string& part : GetParam().ways) EXPECT_THAT(ways, ::testing::HasSubstr(part));
  for (const Fact& fact : conflict->facts)
    EXPECT_TRUE(!fact.said.empty() || fact.where) << "nobody says '" << fact.text << "'";
}

const Refusal refusals[] = {
    {"RTX 5090 with torch 2.4",
     "pytorch.yml: first sm_120 in 2.7; cuda_compute.yml: cubins of another major do not run",
     {{"torch==2.4.*"}, {"RTX 5090"}, "", "ubuntu24.04"},
     {"torch==2.4.*", "GeForce RTX 5090 has compute capability 12.0", "have code for capabilities 3.7 to 9.0"},
     {"instead of torch==2.4.*: torch 2.14.0", "(the oldest that fits is 2.7.0)",
      "use a GPU of capability 5.0 to 9.0"}},
    {"RTX 5090 with torch 2.4, and nothing said of the system",
     "pytorch.yml: 2.7.0 is the first with code for 12.0; PTX of 1.4.0 is no way out",
     {{"torch==2.4.*"}, {"RTX 5090"}},
     {"torch==2.4.*", "GeForce RTX 5090 has compute capability 12.0", "have code for capabilities 3.7 to 9.0"},
     {"(the oldest that fits is 2.7.0)"}},
    {"torch 1.7.1 with Python 3.12",
     "issue 4: keep torch 1.7.1: use Python 3.9; keep Python 3.12: a newer torch",
     {{"torch==1.7.1"}, {"RTX 3070"}, "", "", "3.12"},
     {"torch==1.7.1", "Python 3.12", "has wheels for Python 3.6 to 3.9"},
     {"use Python 3.9: torch 1.7.1+cu110", "torch 2.14.0", "(the oldest that fits is 2.2.0)"}},
    {"Python 3.14 with TensorFlow",
     "tensorflow.yml python_note: no TensorFlow <= 2.21 wheel for it",
     {{"tensorflow"}, {"RTX 4090"}, "", "", "3.14"},
     {"Python 3.14", "tensorflow 2.0.0 to 2.21.0 has wheels for Python 3.3 to 3.13"},
     {"use Python 3.13: tensorflow 2.21.0", "look at tensorflow 2.22.0"}},
    {"Fedora 43 with CUDA 12 on the machine",
     "distro_cuda.yml: fedora43 carries 13.2 alone",
     {{"cuda==12.*"}, {"RTX 4090"}, "", "fedora43"},
     {"12.*", "fedora 43", "NVIDIA's repository fedora43 carries CUDA 13.2 alone", "a CUDA toolkit"},
     {"take CUDA 13.2", "use another release", "fedora41"}},
    {"CUDA 12.4 on Ubuntu 24.04",
     "ml-stack.md section 1: \"12.4 on 24.04\" is unsatisfiable from the repository",
     {{"cuda==12.4.*"}, {}, "", "ubuntu24.04"},
     {"12.4", "ubuntu 24.04", "carries CUDA 12.5 to 13.4", "a CUDA toolkit"},
     {"use another release"}},
    {"a driver too old for CUDA 12",
     "cuda_driver.yml: CUDA 12 needs 525.60.13",
     {{"torch==2.4.1"}, {"RTX 3090"}, "510.47.03", "", "", "12.*"},
     {"CUDA 12.*", "driver 510.47.03", "needs driver 525.60.13 or newer"},
     {"use driver 525.60.13 or newer", "take CUDA 11.8"}},
    {"GTX 1080 with driver 590",
     "cuda_driver.yml: 580 is the last branch for Pascal",
     {{"torch"}, {"GTX 1080"}, "590.48.01"},
     {"driver 590.48.01", "GeForce GTX 1080 has compute capability 6.1", "served by driver branches 367 to 580"},
     {"up to branch 580", "use a GPU"}},
    {"GTX 1080 with CUDA 13",
     "cuda_compute.yml: CUDA 13 starts at 7.5",
     {{"torch"}, {"GTX 1080"}, "", "", "", "13.*"},
     {"CUDA 13.*", "GeForce GTX 1080 has compute capability 6.1", "have code for capabilities 7.5"},
     {"take CUDA 12.6"}},
    {"Pascal beside Blackwell",
     "ml-stack.md section 3: one GPU mix has no common package",
     {{"torch"}, {"GTX 1080", "RTX 5090"}, "", "ubuntu24.04"},
     {"GeForce GTX 1080", "GeForce RTX 5090", "needs the proprietary kernel modules", "needs the open kernel modules"},
     {"use a GPU of capability"}},
    {"TensorFlow 2.8 on Ubuntu 22.04",
     "distro_cuda.yml: ubuntu2204 starts at 11.7, and 2.8 needs 11.2",
     {{"tensorflow==2.8.0"}, {"RTX 3060"}, "", "ubuntu22.04"},
     {"tensorflow==2.8.0", "ubuntu 22.04", "needs CUDA 11.2 on the machine itself", "carries CUDA 11.7 to 13.3"},
     {"instead of tensorflow==2.8.0: tensorflow 2.", "use another release"}},
    {"torch and TensorFlow that share no Python",
     "tensorflow.yml 2.4: up to 3.8; pytorch.yml 2.14: from 3.10",
     {{"torch==2.14.0", "tensorflow==2.4.0"}, {"RTX 3070"}},
     {"torch==2.14.0", "tensorflow==2.4.0", "has wheels for Python 3.10 to 3.14", "has wheels for Python 3.6 to 3.8"},
     {"instead of torch==2.14.0: torch 2.4.1", "instead of tensorflow==2.4.0: torch 2.14.0"}},
    {"K80 with torch 2.8",
     "pytorch.yml 2.8: cu118 gone",
     {{"torch==2.8.0"}, {"Tesla K80"}},
     {"torch==2.8.0", "Tesla K80 has compute capability 3.7", "have code for capabilities 5.0 to 12.0"},
     {"torch 2.7.1+cu118"}},
};

INSTANTIATE_TEST_SUITE_P(Known, ARefusal, ::testing::ValuesIn(refusals));

struct Mistake {
  const char* name;
  Asked asked;
  const char *message, *hint;
};
void PrintTo(const Mistake& one, std::ostream* out) {
  *out << one.name;
}

class AMistake : public ::testing::TestWithParam<Mistake> {};

TEST_P(AMistake, IsToldBeforeAnythingIsSearched) {
  try {
    answer(GetParam().asked);
    FAIL() << "no mistake was found";
  } catch (const Error& error) {
    EXPECT_THAT(error.message(), ::testing::HasSubstr(GetParam().message));
    std::string hints;
    for (const auto& hint : error.hints()) hints += hint + "\n";
    EXPECT_THAT(hints, ::testing::HasSubstr(GetParam().hint));
  }
}

const Mistake mistakes[] = {
    {"an unknown GPU", {{"torch"}, {"RTX 3075"}}, "no table has a GPU 'RTX 3075'", "GeForce RTX 3070"},
    {"a capability that does not exist",
     {{"torch"}, {"4.2"}},
     "no architecture with compute capability 4.2",
     "gpus.yml"},
    {"a Jetson", {{"torch"}, {"Jetson AGX Orin"}}, "JetPack", "wheels for Jetson"},
    {"an interim release",
     {{"torch"}, {}, "", "ubuntu25.10"},
     "no table has the release 'ubuntu25.10'",
     "24.04, 26.04"},
    {"an unknown distribution", {{"torch"}, {}, "", "debain12"}, "no table has the release 'debain12'", "debian12"},
    {"an unknown framework", {{"troch"}}, "there is no table for 'troch'", "did you mean 'torch'?"},
    {"a dead name", {{"tensorflow-gpu"}}, "dead name", "tensorflow"},
    {"a version that never was", {{"torch==2.4.7"}}, "no table has a release for 'torch==2.4.7'", "2.4.1"},
    {"a build that never was", {{"torch==2.4.1+cu128"}}, "no table has a release", "2.4.1+cu124"},
    {"an equality of text", {{"torch===1.7.1+cu999"}}, "no table has a release", "known are"},
    {"a CUDA that never was", {{"cuda==12.7"}}, "no table has a CUDA '12.7'", "near to it are 12.6, 12.8\n"},
    {"a CUDA that never was, of a framework",
     {{"torch"}, {}, "", "", "", "14.*"},
     "no table has a CUDA '14.*'",
     "near to it are 13.4\n"},
    {"a broken condition", {{"torch=>2"}}, "no requirement", "torch==2.4.*"},
    {"a driver that is no version", {{"torch"}, {}, "newest"}, "no version of the NVIDIA driver", "550"},
    {"a Python that is no version", {{"torch"}, {}, "", "", "three"}, "no version of Python", "series"},
    {"nothing", {{}}, "nothing is asked for", "torch"},
    {"a version of an add-on", {{"torch", "cupy==13"}}, "versions of 'cupy' are in no table", "cupy"},
    {"a release that is known by name only",
     {{"tensorflow==2.22.0"}},
     "no table has a release for 'tensorflow==2.22.0'",
     "known by name only"},
};

INSTANTIATE_TEST_SUITE_P(Known, AMistake, ::testing::ValuesIn(mistakes));

TEST(WhatIsInstalled, IsKeptWherePreferred) {
  Request request;
  add_requirement(request, "torch", shipped());
  request.gpus = {"RTX 4090"};
  request.prefer = Prefer::installed;
  request.installed["torch"] = "2.4.1+cu121";
  const auto found = resolve(shipped(), request);
  const auto& made = std::get<Stack>(found).frameworks.at(0);
  EXPECT_EQ(made.version + "+" + made.label, "2.4.1+cu121");
}

TEST(AnAnswersFacts, NameTheirSources) {
  const auto found = answer({{"torch==2.4.1"}, {"RTX 3070"}, "", "ubuntu22.04"});
  const auto& facts = std::get<Stack>(found).facts;
  ASSERT_GE(facts.size(), 6U);
  for (const Fact& fact : facts) {
    EXPECT_TRUE(fact.where) << fact.text;
    EXPECT_FALSE(fact.sources.empty()) << fact.text;
  }
}

}  // namespace
}  // namespace agent::resolver
