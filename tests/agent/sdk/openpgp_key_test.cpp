#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <agent/sdk/error.hpp>
#include <agent/sdk/openpgp_key.hpp>

namespace agent {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

std::string key_file(const std::string& name) {
  std::ifstream in(std::string(AGENT_SOURCE_DIR) + "/modules/cuda_repo/keys/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string complaint(const std::string& keyring) {
  try {
    openpgp_keys(keyring);
  } catch (const Error& error) {
    return error.message();
  }
  return "no error";
}

// The fingerprints are those that gpg shows of these files.
TEST(AnOpenPgpKey, HasTheFingerprintThatGnuPgShows) {
  const std::pair<const char*, const char*> cases[] = {
      {"withdrawn.asc", "AE09FE4BBD223A84B2CCFCE3F60F4B3D7FA2AF80"},
      {"test.asc", "3BD04683CCE2FA2D2EFE3B1FD8DFF2F9EC49B1F3"},
      {"other.asc", "1039713463D2D2559ECDD39822B78A91910745B7"},
  };
  for (const auto& [file, fingerprint] : cases) {
    const auto keys = openpgp_keys(key_file(file));
    ASSERT_THAT(keys, SizeIs(1)) << file;
    EXPECT_EQ(keys[0].fingerprint, fingerprint) << file;
  }
  EXPECT_EQ(openpgp_keys(key_file("withdrawn.asc"))[0].user, "cudatools <cudatools@nvidia.com>");
}

TEST(AnOpenPgpKey, IsTheSameInArmourAndOutOfIt) {
  const auto keys = openpgp_keys(key_file("withdrawn.asc"));
  EXPECT_EQ(openpgp_keys(keys[0].bytes)[0].fingerprint, keys[0].fingerprint);
  const std::string armoured = armoured_key(keys[0].bytes), original = key_file("withdrawn.asc");
  EXPECT_EQ(openpgp_keys(armoured)[0].bytes, keys[0].bytes);
  EXPECT_EQ(armoured.substr(armoured.find("\n\n")), original.substr(original.find("\n\n"))) << "as GnuPG writes it";
}

TEST(AKeyring, ListsEveryKeyInIt) {
  const auto keys = openpgp_keys(key_file("test.asc") + "some words between\n" + key_file("withdrawn.asc"));
  ASSERT_THAT(keys, SizeIs(2));
  EXPECT_EQ(keys[1].fingerprint, "AE09FE4BBD223A84B2CCFCE3F60F4B3D7FA2AF80");
  EXPECT_THAT(openpgp_keys(keys[0].bytes + keys[1].bytes), SizeIs(2));
}

TEST(AKeyring, IsRefusedWhenItIsSomethingElse) {
  const std::string whole = openpgp_keys(key_file("test.asc"))[0].bytes, text = key_file("test.asc");
  EXPECT_THAT(complaint(""), HasSubstr("it is empty"));
  EXPECT_THAT(complaint("<html>Please log in</html>"), HasSubstr("does not begin with a packet"));
  EXPECT_THAT(complaint(whole.substr(0, whole.size() / 2)), HasSubstr("cut off"));
  EXPECT_THAT(complaint(text.substr(0, text.find("-----END"))), HasSubstr("last line is missing"));
  EXPECT_THAT(complaint("\x94\x03\x04\x01\x02"), HasSubstr("secret key"));
  EXPECT_THAT(complaint("\xb4\x03"
                        "abc"),
              HasSubstr("does not begin with a key"));
  EXPECT_THAT(complaint("\x98\x03\x03\x01\x02"), HasSubstr("version 3"));
  EXPECT_THAT(complaint("\x9b\x01"), HasSubstr("unknown length"));
}

TEST(AFingerprint, IsTakenAsPeopleWriteIt) {
  for (const char* text : {"AE09FE4BBD223A84B2CCFCE3F60F4B3D7FA2AF80", "0xae09fe4bbd223a84b2ccfce3f60f4b3d7fa2af80",
                           "AE09 FE4B BD22 3A84 B2CC  FCE3 F60F 4B3D 7FA2 AF80"})
    EXPECT_EQ(full_fingerprint(text, "key_fingerprint"), "AE09FE4BBD223A84B2CCFCE3F60F4B3D7FA2AF80") << text;
  for (const char* text : {"7FA2AF80", "F60F4B3D7FA2AF80", "", "nonsense"})
    EXPECT_THROW(full_fingerprint(text, "key_fingerprint"), Error) << text;
}

}  // namespace
}  // namespace agent
