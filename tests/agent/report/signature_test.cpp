#include <fstream>

#include <gtest/gtest.h>
#include <tests/agent/host/temporary_directory.hpp>
#include <tests/support/ed25519_keys.hpp>

#include <agent/report/signature.hpp>
#include <agent/sdk/error.hpp>

namespace agent::report {
namespace {

using test::private_key;
using test::public_key;

struct ASignature : testing::Test {
  test::TemporaryDirectory folder;
  Path key = folder.put("key", private_key), pub = folder.put("pub", public_key);
};

TEST_F(ASignature, IsThatOfTheRfc) {
  const std::string expected(
      "\xe5\x56\x43\x00\xc3\x60\xac\x72\x90\x86\xe2\xcc\x80\x6e\x82\x8a\x84\x87\x7f\x1e\xb8\xe5\xd9\x74\xd8\x73\xe0\x65"
      "\x22\x49\x01\x55\x5f\xb8\x82\x15\x90\xa3\x3b\xac\xc6\x1e\x39\x70\x1c\xf9\xb4\x6b\xd2\x5b\xf5\xf0\x59\x5b\xbe\x24"
      "\x65\x51\x41\x43\x8e\x7a\x10\x0b",
      64);
  EXPECT_EQ(signature("", key), expected);
  EXPECT_TRUE(is_signed("", expected, pub));
}

TEST_F(ASignature, IsNoLongerRightWhenOneByteIsAnother) {
  const std::string made = signature("a report", key);
  EXPECT_TRUE(is_signed("a report", made, pub));
  EXPECT_FALSE(is_signed("a report.", made, pub));
  EXPECT_FALSE(is_signed("a report", made.substr(1), pub));
  EXPECT_FALSE(is_signed("a report", "", pub));
}

TEST_F(ASignature, IsOfAKeyThatHasANameOfItsOwn) {
  const Path again = folder.put("again", std::string("# the same, written otherwise\n") + public_key);
  EXPECT_EQ(key_id(pub).size(), 64U);
  EXPECT_EQ(key_id(pub), key_id(again));
  EXPECT_NE(key_id(pub), key_id(folder.put("other", test::other_public_key)));
}

// RFC 8410, section 10.3: with the public key behind it, as some programs write it.
TEST_F(ASignature, TakesAPrivateKeyThatHasItsPublicOneBesideIt) {
  const Path pair = folder.put("pair",
                               "-----BEGIN PRIVATE KEY-----\n"
                               "MHICAQEwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
                               "oB8wHQYKKoZIhvcNAQkJFDEPDA1DdXJkbGUgQ2hhaXJzgSEAGb9ECWmEzf6FQbrB\n"
                               "Z9w7lshQhqowtrbLDFw4rXAxZuE=\n"
                               "-----END PRIVATE KEY-----\n");
  const Path its = folder.put("its",
                              "-----BEGIN PUBLIC KEY-----\n"
                              "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"
                              "-----END PUBLIC KEY-----\n");
  EXPECT_TRUE(is_signed("a report", signature("a report", pair), its));
}

TEST_F(ASignature, NeedsAKeyOfItsKind) {
  EXPECT_THROW(signature("x", pub), Error);
  EXPECT_THROW(is_signed("x", "y", key), Error);
  EXPECT_THROW(signature("x", folder / "missing"), Error);
  EXPECT_THROW(signature("x", folder.put("empty", "")), Error);
  EXPECT_THROW(signature("x", folder.put("cut", std::string(private_key, 80))), Error);
  // An elliptic curve of another kind (openssl genpkey -algorithm x25519).
  EXPECT_THROW(signature("x", folder.put("other kind",
                                         "-----BEGIN PRIVATE KEY-----\n"
                                         "MC4CAQAwBQYDK2VuBCIEIHB3bQpXlTJ8NPHWSXMy5yWQC2gWnBm6P2zPsQ4KPjZd\n"
                                         "-----END PRIVATE KEY-----\n")),
               Error);
}

}  // namespace
}  // namespace agent::report
