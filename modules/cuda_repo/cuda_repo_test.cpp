#include "cuda_repo.hpp"

#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/fake_host.hpp>
#include <tests/support/laws.hpp>

namespace agent::cuda_repo {
namespace {

using test::expect_laws;
using test::FakeHost;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* test_fingerprint = "3BD04683CCE2FA2D2EFE3B1FD8DFF2F9EC49B1F3";
const Path apt_keyring = "/usr/share/keyrings/cuda-archive-keyring.gpg";

std::string key_file(const std::string& name) {
  std::ifstream in(std::string(AGENT_SOURCE_DIR) + "/modules/cuda_repo/keys/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
std::string binary(const std::string& name) {
  std::string all;
  for (const OpenPgpKey& key : openpgp_keys(key_file(name))) all += key.bytes;
  return all;
}

/// A machine whose package manager fetches indexes into the files where the real one has them.
class Machine : public FakeHost {
 public:
  explicit Machine(System system) : FakeHost(std::move(system)) {
    with_directory("/etc/apt/sources.list.d").with_directory("/etc/apt/preferences.d");
    with_directory("/usr/share/keyrings").with_directory("/etc/yum.repos.d").with_directory("/var/lib/agent");
    serves(key_file("test.asc"));
  }
  /// What lies at the address of the key.
  Machine& serves(const std::string& key) {
    answers_with([key](FakeHost& host, const Strings& argv) -> std::optional<Output> {
      const bool fetches = argv[0] == "curl" || argv[0] == "/usr/lib/apt/apt-helper";
      if (!fetches) return std::nullopt;
      host.with_file(argv.back(), key);
      return Output{};
    });
    return *this;
  }
  Machine& refuses_to_refresh() {
    refuses_ = true;
    return *this;
  }
  Output perform(const Action& action) override {
    if (const auto* exec = std::get_if<Exec>(&action)) {  // what it declares is for check mode: the module makes it
      Exec bare = *exec;
      bare.effects.opaque.clear();
      return FakeHost::perform(bare);
    }
    if (!std::holds_alternative<RefreshPackageIndex>(action)) return FakeHost::perform(action);
    if (refuses_) throw Error("the package index could not be fetched");
    for (const std::string& name : list("/etc/apt/sources.list.d"))
      if (const std::string text = content(Path("/etc/apt/sources.list.d") / name); text.starts_with("deb [")) {
        const auto begin = text.find("] ") + 2;
        with_file("/var/lib/apt/lists/" + list_name(text.substr(begin, text.find(' ', begin) - begin)) + "Packages",
                  "");
      }
    for (const std::string& name : list("/etc/yum.repos.d")) {
      const std::string text = content(Path("/etc/yum.repos.d") / name);
      with_file("/var/cache/dnf/" + text.substr(1, text.find(']') - 1) + "-0123456789abcdef/repodata/repomd.xml", "");
    }
    return FakeHost::perform(action);
  }

 private:
  bool refuses_ = false;
};

System system_of(const std::string& id, const std::string& version, const std::string& architecture = "x86_64") {
  System system = id == "ubuntu" ? test::ubuntu() : id == "debian" ? test::debian() : test::fedora();
  system.id = id;
  system.version = version;
  system.name = id + " " + version;
  system.architecture = architecture;
  if (id != "ubuntu" && id != "debian" && id != "fedora") system.like = {"rhel", "fedora"};
  return system;
}

const DebianCudaRepo debian;
const FedoraCudaRepo fedora;
const Module& variant_for(const System& system) {
  return system.id == "ubuntu" || system.id == "debian" ? static_cast<const Module&>(debian) : fedora;
}

Args args(Map given = {}) {
  return arguments().spec().check(given);
}
/// With the key of the tests in the place of NVIDIA's.
Args trusting(Map given = {}) {
  given.set("key_fingerprint", test_fingerprint);
  return args(given);
}

std::string told(const Plan& plan, std::string_view name) {
  const Value* value = plan.result.find(name);
  return value ? value->string() : "nothing";
}

Error error_of(const Module& module, const Args& given, const Host& host) {
  try {
    module.check(given, host);
  } catch (const Error& error) {
    return error;
  }
  return Error("no error");
}

struct Release {
  const char *id, *version, *repo, *fingerprint;
};
constexpr const char* deb_key = "EB693B3035CD5710E231E123A4B469963BF863CC";
constexpr const char* rpm_key = "610C7B14E068A878070DA4E99CD0A493D42D0685";
// ml-stack.md, section 1: one row for each release that has a repository.
constexpr Release releases[] = {
    {"ubuntu", "20.04", "ubuntu2004", deb_key},
    {"ubuntu", "22.04", "ubuntu2204", deb_key},
    {"ubuntu", "24.04", "ubuntu2404", deb_key},
    {"ubuntu", "26.04", "ubuntu2604", "14BAFBC7562AD710CA04E69905FBB6DA60DF8A40"},
    {"debian", "11", "debian11", deb_key},
    {"debian", "12", "debian12", deb_key},
    {"debian", "13", "debian13", "02182E60104FCDC26EAE1B8597A5D4CB8793F200"},
    {"fedora", "40", "fedora40", rpm_key},
    {"fedora", "41", "fedora41", rpm_key},
    {"fedora", "42", "fedora42", rpm_key},
    {"fedora", "43", "fedora43", ""},
    {"fedora", "44", "fedora44", "129994480EC63D2789BC98E490DFED2F73CD9B30"},
    {"rhel", "8.10", "rhel8", rpm_key},
    {"rocky", "9.4", "rhel9", rpm_key},
    {"almalinux", "9.5", "rhel9", rpm_key},
    {"rocky", "10.1", "rhel10", ""},
};

TEST(CudaRepo, KnowsAddressAndFullFingerprintForEachRelease) {
  for (const Release& release : releases) {
    const Machine host(system_of(release.id, release.version));
    Map given;
    if (std::string_view(release.fingerprint).empty()) given.set("key_fingerprint", test_fingerprint);
    const Plan plan = variant_for(host.system()).check(args(given), host);
    EXPECT_EQ(told(plan, "url"),
              "https://developer.download.nvidia.com/compute/cuda/repos/" + std::string(release.repo) + "/x86_64");
    EXPECT_EQ(told(plan, "key_fingerprint"),
              std::string_view(release.fingerprint).empty() ? test_fingerprint : release.fingerprint);
  }
}

TEST(CudaRepo, KeepsTheLawsOnEachRelease) {
  for (const Release& release : releases) {
    Machine host(system_of(release.id, release.version));
    SCOPED_TRACE(release.repo);
    const Plan plan = expect_laws(variant_for(host.system()), trusting(), host);
    EXPECT_FALSE(plan.empty());
    EXPECT_THAT(host.list("/var/lib/agent"), IsEmpty()) << "the fetched key does not stay";
    expect_laws(variant_for(host.system()), trusting({{"state", "absent"}}), host);
    EXPECT_THAT(host.list("/etc/apt/sources.list.d"), IsEmpty());
    EXPECT_THAT(host.list("/etc/apt/preferences.d"), IsEmpty());
    EXPECT_THAT(host.list("/etc/yum.repos.d"), IsEmpty());
    EXPECT_THAT(host.list("/usr/share/keyrings"), IsEmpty());
  }
}

TEST(CudaRepoOnUbuntu, WritesWhatNvidiasKeyringPackageWrites) {
  Machine host(system_of("ubuntu", "22.04"));
  expect_laws(debian, trusting(), host);
  EXPECT_EQ(host.content("/etc/apt/sources.list.d/cuda-ubuntu2204-x86_64.list"),
            "deb [signed-by=/usr/share/keyrings/cuda-archive-keyring.gpg] "
            "https://developer.download.nvidia.com/compute/cuda/repos/ubuntu2204/x86_64/ /\n");
  EXPECT_EQ(host.content(apt_keyring), binary("test.asc"));
  EXPECT_EQ(host.content("/etc/apt/preferences.d/cuda-repository-pin-600"),
            "Package: nsight-compute\nPin: origin *ubuntu.com*\nPin-Priority: -1\n\n"
            "Package: nsight-systems\nPin: origin *ubuntu.com*\nPin-Priority: -1\n\n"
            "Package: *\nPin: release l=NVIDIA CUDA\nPin-Priority: 600\n");
}

TEST(CudaRepoOnFedora, NamesTheProvedKeyAndNotAnAddress) {
  Machine host(system_of("fedora", "42"));
  expect_laws(fedora, trusting(), host);
  EXPECT_EQ(host.content("/etc/yum.repos.d/cuda-fedora42.repo"),
            "[cuda-fedora42-x86_64]\nname=cuda-fedora42-x86_64\n"
            "baseurl=https://developer.download.nvidia.com/compute/cuda/repos/fedora42/x86_64\n"
            "enabled=1\ngpgcheck=1\ngpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-cuda-fedora42\n");
  EXPECT_EQ(openpgp_keys(host.content("/etc/pki/rpm-gpg/RPM-GPG-KEY-cuda-fedora42"))[0].fingerprint, test_fingerprint);
}

TEST(CudaRepo, TakesArmServersToTheirOwnDirectory) {
  const Machine host(system_of("ubuntu", "24.04", "aarch64"));
  EXPECT_THAT(told(debian.check(args(), host), "url"), testing::EndsWith("/ubuntu2404/sbsa"));
  const Machine small(system_of("debian", "12", "aarch64"));
  EXPECT_EQ(error_of(debian, args(), small).message(), "NVIDIA's repository 'debian12' has no packages for aarch64");
}

TEST(CudaRepo, RefusesAReleaseWithoutOneAndNamesThoseThatExist) {
  const Machine host(system_of("ubuntu", "25.04"));
  const Error error = error_of(debian, args(), host);
  EXPECT_EQ(error.message(), "NVIDIA has no CUDA repository for ubuntu 25.04");
  EXPECT_THAT(error.hints(), Contains(HasSubstr("ubuntu 18.04, 20.04, 22.04, 24.04, 26.04; debian 10, 11, 12, 13")));
  const Machine future(system_of("fedora", "45"));
  EXPECT_THAT(error_of(fedora, args(), future).hints(),
              Contains(HasSubstr("fedora 39, 40, 41, 42, 43, 44; rhel 8, 9, 10")));
}

TEST(CudaRepo, RefusesARepositoryOfAnotherPackageManager) {
  const Machine host(system_of("ubuntu", "22.04"));
  EXPECT_EQ(error_of(debian, args({{"repo", "fedora42"}}), host).message(),
            "the repository 'fedora42' is for dnf, and this machine has apt");
  EXPECT_THAT(error_of(debian, args({{"repo", "ubuntu2205"}}), host).hints(), Contains(HasSubstr("ubuntu2204")));
}

TEST(CudaRepo, AsksForTheFingerprintThatNobodyPublished) {
  const Machine host(system_of("fedora", "43"));
  const Error error = error_of(fedora, args(), host);
  EXPECT_THAT(error.message(), HasSubstr("is not known, only that it ends in 1940C73E"));
  EXPECT_EQ(error.argument(), "key_fingerprint");
}

TEST(CudaRepo, TakesNoShortFingerprint) {
  const Machine host(system_of("ubuntu", "22.04"));
  EXPECT_EQ(error_of(debian, args({{"key_fingerprint", "3bf863cc"}}), host).argument(), "key_fingerprint");
}

TEST(CudaRepo, TrustsNoOtherKey) {
  for (const std::string& key :
       {key_file("other.asc"), key_file("test.asc") + key_file("other.asc"), std::string("<html>"), std::string()}) {
    Machine host(system_of("ubuntu", "22.04"));
    host.serves(key);
    const Plan plan = debian.check(trusting(), host);
    EXPECT_THROW(debian.apply(plan, host), Error);
    EXPECT_FALSE(host.stat(apt_keyring));
    EXPECT_FALSE(host.stat("/etc/apt/sources.list.d/cuda-ubuntu2204-x86_64.list"));
    EXPECT_THAT(host.list("/var/lib/agent"), IsEmpty());
  }
}

TEST(CudaRepo, ChecksAKeyThatIsGivenWithTheTask) {
  Machine host(system_of("ubuntu", "22.04"));
  EXPECT_THAT(error_of(debian, trusting({{"key", key_file("other.asc")}}), host).message(),
              HasSubstr("given with the task is not the one expected"));
  expect_laws(debian, trusting({{"key", key_file("test.asc")}}), host);
  EXPECT_EQ(host.content(apt_keyring), binary("test.asc"));
}

TEST(CudaRepo, PutsRightAKeyringThatTrustsMore) {
  Machine host(system_of("ubuntu", "22.04"));
  host.with_file(apt_keyring, binary("withdrawn.asc") + binary("test.asc"));
  const Plan plan = expect_laws(debian, trusting(), host);
  EXPECT_THAT(plan.steps.at(0).changes,
              ElementsAre(Change{apt_keyring.string(),
                                 "key AE09FE4BBD223A84B2CCFCE3F60F4B3D7FA2AF80, " + std::string(test_fingerprint),
                                 "key " + std::string(test_fingerprint)}));
}

TEST(CudaRepo, IsTakenOutAgainWhenItsIndexCannotBeHad) {
  Machine host(system_of("ubuntu", "22.04"));
  host.refuses_to_refresh();
  try {
    debian.apply(debian.check(trusting(), host), host);
    FAIL() << "it has to fail";
  } catch (const Error& error) {
    EXPECT_THAT(error.hints(), Contains("the repository was taken out again"));
  }
  EXPECT_FALSE(host.stat("/etc/apt/sources.list.d/cuda-ubuntu2204-x86_64.list"));
}

TEST(CudaRepo, FetchesTheIndexThatIsMissing) {
  Machine host(system_of("ubuntu", "22.04"));
  expect_laws(debian, trusting(), host);
  host.perform(RemovePath{"/var/lib/apt/lists"});
  const Plan plan = debian.check(trusting(), host);
  ASSERT_THAT(plan.steps, SizeIs(1));
  EXPECT_TRUE(plan.steps[0].renewal);
  EXPECT_THAT(debian.check(trusting({{"update_cache", false}}), host).steps, IsEmpty());
}

TEST(CudaRepo, LeavesTheDriverToOthersWhereAsked) {
  Machine ubuntu(system_of("ubuntu", "22.04"));
  expect_laws(debian, trusting({{"drivers", false}, {"exclude", List{"nsight*"}}}), ubuntu);
  EXPECT_THAT(ubuntu.content("/etc/apt/preferences.d/cuda-repository-excludes"),
              testing::AllOf(HasSubstr("Package: cuda-drivers* nvidia-driver*"), HasSubstr(" nsight*\n"),
                             HasSubstr("Pin: release l=NVIDIA CUDA\nPin-Priority: -1\n")));
  expect_laws(debian, trusting(), ubuntu);
  EXPECT_FALSE(ubuntu.stat("/etc/apt/preferences.d/cuda-repository-excludes"));
  Machine f42(system_of("fedora", "42"));
  expect_laws(fedora, trusting({{"drivers", false}, {"priority", 50}}), f42);
  EXPECT_THAT(f42.content("/etc/yum.repos.d/cuda-fedora42.repo"),
              testing::AllOf(HasSubstr("priority=50\n"), HasSubstr("excludepkgs=cuda-drivers*,nvidia-driver*,")));
}

TEST(CudaRepo, TakesAMirror) {
  Machine host(system_of("debian", "12"));
  expect_laws(debian, trusting({{"base_url", "http://mirror.example.org:8080/cuda/"}}), host);
  EXPECT_THAT(host.content("/etc/apt/sources.list.d/cuda-debian12-x86_64.list"),
              HasSubstr("] http://mirror.example.org:8080/cuda/debian12/x86_64/ /\n"));
  for (const char* bad : {"mirror.example.org", "https://a b/", "ftp://x/", "https://x/ [trusted=yes]"})
    EXPECT_EQ(error_of(debian, trusting({{"base_url", bad}}), host).argument(), "base_url") << bad;
}

TEST(CudaRepoOnDebian, RemovesWhatOlderGuidesLeft) {
  Machine host(system_of("ubuntu", "22.04"));
  host.with_file("/etc/apt/trusted.gpg", binary("other.asc") + binary("withdrawn.asc"))
      .with_file("/etc/apt/trusted.gpg.d/cuda.gpg", binary("withdrawn.asc"))
      .with_file("/etc/apt/trusted.gpg.d/site.asc", key_file("other.asc"))
      .with_file(
          "/etc/apt/sources.list",
          "deb http://archive.ubuntu.com/ubuntu jammy main\n# deb https://developer.download.nvidia.com/compute/cuda/"
          "repos/ubuntu2204/x86_64 /\ndeb http://developer.download.nvidia.com/compute/machine-learning/repos/"
          "ubuntu2004/x86_64 /\n")
      .with_file("/etc/apt/sources.list.d/cuda.list",
                 "deb https://developer.download.nvidia.com/compute/cuda/repos/ubuntu2004/x86_64 /\n")
      .with_file("/etc/apt/sources.list.d/mixed.sources",
                 "Types: deb\nURIs: https://developer.download.nvidia.com/compute/cuda/repos/ubuntu2204/x86_64/\n"
                 "Suites: /\n\nTypes: deb\nURIs: https://site.example.org/\nSuites: ./\n")
      .with_file("/etc/apt/sources.list.d/docker.list",
                 "deb [arch=amd64] https://download.docker.com/linux x stable\n");
  expect_laws(debian, trusting(), host);
  EXPECT_EQ(host.content("/etc/apt/trusted.gpg"), binary("other.asc"));
  EXPECT_THAT(host.list("/etc/apt/trusted.gpg.d"), ElementsAre("site.asc"));
  EXPECT_EQ(host.content("/etc/apt/sources.list"),
            "deb http://archive.ubuntu.com/ubuntu jammy main\n# deb https://developer.download.nvidia.com/compute/cuda/"
            "repos/ubuntu2204/x86_64 /\n");
  EXPECT_THAT(host.list("/etc/apt/sources.list.d"),
              ElementsAre("cuda-ubuntu2204-x86_64.list", "docker.list", "mixed.sources"));
  EXPECT_EQ(host.content("/etc/apt/sources.list.d/mixed.sources"),
            "Types: deb\nURIs: https://site.example.org/\nSuites: ./\n");
}

TEST(CudaRepoOnDebian, LeavesWhatIsOldWhereAsked) {
  Machine host(system_of("ubuntu", "22.04"));
  host.with_file("/etc/apt/trusted.gpg.d/cuda.gpg", binary("withdrawn.asc"));
  expect_laws(debian, trusting({{"remove_old", false}}), host);
  EXPECT_TRUE(host.stat("/etc/apt/trusted.gpg.d/cuda.gpg"));
}

TEST(CudaRepoOnFedora, RemovesTheRepositoryOfAnotherReleaseAndTheWithdrawnKey) {
  Machine host(system_of("fedora", "42"));
  host.with_file("/etc/yum.repos.d/cuda-fedora41.repo",
                 "[cuda-fedora41-x86_64]\nname=x\nbaseurl=https://developer.download.nvidia.com/compute/cuda/repos/"
                 "fedora41/x86_64\n")
      .with_file("/etc/yum.repos.d/site.repo",
                 "# ours\n[site]\nbaseurl=https://site.example.org/\n\n[cuda]\nbaseurl = "
                 "http://developer.download.nvidia.com/compute/cuda/repos/fedora42/x86_64\n")
      .answers_with([](FakeHost& machine, const Strings& argv) -> std::optional<Output> {
        if (argv != Strings{"rpm", "-e", "--allmatches", "gpg-pubkey-7fa2af80-576db785"}) return std::nullopt;
        machine.package_db().perform(RemovePackages{{"gpg-pubkey"}});
        return Output{};
      });
  host.package_db().installed("gpg-pubkey", "7fa2af80-576db785", "(none)");
  expect_laws(fedora, trusting(), host);
  EXPECT_THAT(host.list("/etc/yum.repos.d"), ElementsAre("cuda-fedora42.repo", "site.repo"));
  EXPECT_EQ(host.content("/etc/yum.repos.d/site.repo"), "# ours\n[site]\nbaseurl=https://site.example.org/\n\n");
}

TEST(CudaRepo, IsAbsentWhereThereIsNone) {
  Machine host(system_of("ubuntu", "25.04"));
  EXPECT_THAT(expect_laws(debian, args({{"state", "absent"}}), host).steps, IsEmpty());
}

TEST(TheNameOfAnIndexFile, IsThatOfApt) {
  EXPECT_EQ(list_name("https://developer.download.nvidia.com/compute/cuda/repos/ubuntu2204/x86_64/"),
            "developer.download.nvidia.com_compute_cuda_repos_ubuntu2204_x86%5f64_");
}

}  // namespace
}  // namespace agent::cuda_repo
