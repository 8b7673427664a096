#include <cstring>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/utsname.h>
#include <tests/agent/host/temporary_directory.hpp>
#include <tests/support/ed25519_keys.hpp>

#include <agent/parcel/file.hpp>
#include <agent/parcel/start_script.hpp>
#include <agent/sdk/checksum.hpp>
#include <agent/sdk/error.hpp>

namespace agent::parcel {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

using test::other_public_key;
using test::private_key;
using test::public_key;

std::string this_machine() {
  utsname system{};
  ::uname(&system);
  return system.machine;
}

class AParcel : public testing::Test {
 protected:
  std::string made(const Path& signing_key = {}, const std::string& machine = this_machine()) const {
    Manifest manifest;
    manifest.number = 7;
    manifest.agent = "0123456789abcdef0123456789abcdef";
    manifest.machine = machine;
    manifest.libc = "2.36";
    manifest.abi = 1;
    manifest.playbooks = {"site.yml"};
    manifest.addressees = {{"web", {"web", "10.0.0.7"}}};
    return parcel_bytes(manifest, {"an unpacker", "", "the agent"}, {{"plays", "P"}, {"host web", "H"}}, signing_key);
  }
  /// What is wrong with a file of these bytes; "" for nothing.
  std::string refusal(const std::string& bytes, const std::optional<Path>& with = std::nullopt) {
    const Path file = folder.put("play", bytes);
    try {
      const Parcel parcel(file, with);
      return "";
    } catch (const Error& error) {
      return error.message();
    }
  }

  test::TemporaryDirectory folder;
  Path key = folder.put("key", private_key), pub = folder.put("pub", public_key),
       other = folder.put("other", other_public_key);
};

TEST_F(AParcel, HoldsWhatWasPutIntoIt) {
  const Parcel parcel(folder.put("play", made(key)), pub);
  EXPECT_TRUE(parcel.is_signed());
  EXPECT_EQ(parcel.part("plays"), "P");
  EXPECT_EQ(parcel.part("host web"), "H");
  EXPECT_THROW(parcel.part("host db"), Error);
  EXPECT_EQ(parcel.manifest().number, 7);
  EXPECT_EQ(parcel.manifest().playbooks, Strings{"site.yml"});
  ASSERT_EQ(parcel.manifest().addressees.size(), 1u);
  EXPECT_EQ(parcel.manifest().addressees.front().names, (Strings{"web", "10.0.0.7"}));
}

TEST_F(AParcel, OpensWithoutASignatureWhereNoneIsAskedFor) {
  EXPECT_FALSE(Parcel(folder.put("play", made()), std::nullopt).is_signed());
  EXPECT_THAT(refusal(made(), pub), HasSubstr("is not signed"));
}

TEST_F(AParcel, IsRefusedWhenAnotherKeySignedIt) {
  EXPECT_THAT(refusal(made(key), other), HasSubstr("signed with another key"));
}

TEST_F(AParcel, IsRefusedHoweverShortItIsCut) {
  const std::string whole = made(key);
  for (std::size_t size = 0; size < whole.size(); size += size < script_size ? 97 : 5)
    EXPECT_THAT(refusal(whole.substr(0, size)), HasSubstr("nothing was started")) << size;
  EXPECT_THAT(refusal(whole.substr(0, whole.size() - 9)), HasSubstr("is not whole"));
}

TEST_F(AParcel, IsRefusedWhicheverByteIsAnother) {
  const std::string whole = made(key);
  for (std::size_t at = 0; at < whole.size(); at += at < script_size - 64 ? 53 : 5) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_NE(refusal(changed, pub), "") << at;
  }
}

TEST_F(AParcel, IsRefusedWithBytesThatNoHashSpeaksFor) {
  std::string whole = made();
  EXPECT_NE(refusal(whole.insert(script_size, "x")), "");
  EXPECT_NE(refusal(made() + "x"), "");
}

TEST_F(AParcel, IsRefusedOnAnotherKindOfMachine) {
  EXPECT_THAT(refusal(made(key, "m68k")), HasSubstr("is for m68k, and this machine is " + this_machine()));
}

TEST_F(AParcel, IsNoOtherFile) {
  EXPECT_THAT(refusal("- hosts: all\n"), HasSubstr("is no play that 'agent run --emit' wrote"));
  EXPECT_THAT(refusal(""), HasSubstr("is no play"));
  try {
    const Parcel parcel(folder.path(), std::nullopt);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.message(), HasSubstr("is no file"));
  }
}

TEST(TheStartScript, IsAShellScriptOfOneSize) {
  const StartScript longest{std::string(32, 'a'), "x86_64", "2.36", 9'999'999, 9'999'999'999, std::string(64, 'b')};
  const std::string script = start_script(longest);
  EXPECT_EQ(script.size(), script_size);
  EXPECT_THAT(script, StartsWith("#!/bin/sh\n"));
  test::TemporaryDirectory folder;
  const Path file = folder.put("script", script);
  EXPECT_EQ(std::system(("sh -n " + file.string()).c_str()), 0);
}

}  // namespace
}  // namespace agent::parcel
