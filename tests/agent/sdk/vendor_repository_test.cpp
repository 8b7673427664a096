#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/laws.hpp>

#include <agent/sdk/vendor_repository.hpp>

namespace agent {
namespace {

using test::FakeHost;
using ::testing::HasSubstr;

// Made for this test, of no use to anybody: gpg --quick-generate-key "agent test <test@example.org>" ed25519.
constexpr const char* key_text = R"(-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEawFAhxYJKwYBBAHaRw8BAQdAqGi+MGW6elDNWW8KwuYn0RriNi6a34dTsEUR
/lvEc2G0HWFnZW50IHRlc3QgPHRlc3RAZXhhbXBsZS5vcmc+iJAEExYIADgWIQTD
nISdReCFWgb/C8XeB6znfpLXAgUCawFAhwIbAwULCQgHAgYVCgkICwIEFgIDAQIe
AQIXgAAKCRDeB6znfpLXAkQJAQDTK7ymMB8UoyiV5zPffbPmmq86JeEpWi4+GObv
tPOp+AD/VR/4eqtVDKyGkcKegnb6DZYAs0H6+d6AIcO4+bZcLw0=
=FSfF
-----END PGP PUBLIC KEY BLOCK-----
)";
constexpr const char* key_fingerprint = "C39C849D45E0855A06FF0BC5DE07ACE77E92D702";

VendorRepository repository() {
  return {.id = "vendor",
          .title = "The vendor",
          .apt = "https://packages.example.org/debian bookworm stable",
          .rpm = "https://packages.example.org/fedora",
          .key_url = "https://packages.example.org/key",
          .fingerprint = key_fingerprint,
          .keyring = "/etc/apt/keyrings/vendor.gpg",
          .old_files = {"/etc/apt/sources.list.d/old.list"}};
}

/// A module that is nothing but its repository.
struct Known : VendorModule {
  Plan check(const Args&, const Host& host) const override {
    Plan plan;
    plan_repository(repository(), host, plan);
    return plan;
  }
};

/// What is fetched is this.
FakeHost& serving(FakeHost& host, const std::string& text) {
  return host.answers_with([text](FakeHost& machine, const Strings& argv) -> std::optional<Output> {
    const bool curl = argv.front() == "curl";
    if (!curl && argv.front() != "/usr/lib/apt/apt-helper") return std::nullopt;
    machine.with_file(curl ? argv.at(argv.size() - 3) : argv.back(), text);
    return Output{};
  });
}

TEST(AVendorsRepository, IsKnownToAptWithItsKeyAndWithoutWhatOlderGuidesLeft) {
  FakeHost host;
  serving(host, key_text).with_file("/etc/apt/sources.list.d/old.list", "deb http://old /\n");
  test::expect_laws(Known(), {}, host);
  EXPECT_EQ(host.content("/etc/apt/sources.list.d/vendor.list"),
            "deb [signed-by=/etc/apt/keyrings/vendor.gpg] https://packages.example.org/debian bookworm stable\n");
  EXPECT_FALSE(host.stat("/etc/apt/sources.list.d/old.list"));
  EXPECT_FALSE(host.stat("/var/lib/agent/keys"));
  EXPECT_FALSE(host.content("/etc/apt/keyrings/vendor.gpg").starts_with("-----"));
}

TEST(AVendorsRepository, IsKnownToDnf) {
  FakeHost host(test::fedora());
  serving(host, key_text);
  test::expect_laws(Known(), {}, host);
  EXPECT_THAT(host.content("/etc/yum.repos.d/vendor.repo"),
              HasSubstr("gpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-vendor\n"));
  EXPECT_TRUE(host.content("/etc/pki/rpm-gpg/RPM-GPG-KEY-vendor").starts_with("-----BEGIN PGP"));
}

TEST(AVendorsKey, ThatIsAnotherOneIsNotTrusted) {
  for (const char* text : {"<html>please log in</html>", ""}) {
    FakeHost host;
    serving(host, text);
    EXPECT_THROW(Known().apply(Known().check({}, host), host), Error) << text;
    EXPECT_FALSE(host.stat("/var/lib/agent/keys"));
    EXPECT_FALSE(host.stat("/etc/apt/sources.list.d/vendor.list"));
  }
}

}  // namespace
}  // namespace agent
