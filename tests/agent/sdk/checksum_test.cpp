#include <fcntl.h>
#include <gtest/gtest.h>
#include <tests/agent/host/temporary_directory.hpp>

#include <agent/host/fd.hpp>
#include <agent/sdk/checksum.hpp>
#include <agent/sdk/error.hpp>

namespace agent {
namespace {

// RFC 1321, appendix A.5; FIPS 180-2, appendices A to D and the change notice of 2004.
TEST(AChecksum, IsThatOfTheStandard) {
  EXPECT_EQ(checksum(Digest::md5, "abc"), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(checksum(Digest::sha1, "abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(checksum(Digest::sha224, "abc"), "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7");
  EXPECT_EQ(checksum(Digest::sha256, "abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(checksum(Digest::sha384, "abc"),
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7");
  EXPECT_EQ(
      checksum(Digest::sha512, "abc"),
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643c"
      "e80e2a9ac94fa54ca49f");
}

TEST(AChecksum, OfAFileIsThatOfAllItsBytes) {
  const test::TemporaryDirectory folder;
  const std::string large(1'000'003, 'x');
  const Fd file(::open(folder.put("file", large).c_str(), O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(checksum_of_file(Digest::sha256, file.get()), checksum(Digest::sha256, large));
  EXPECT_EQ(checksum_of_file(Digest::md5, file.get()), checksum(Digest::md5, large)) << "from its beginning again";
}

TEST(AChecksum, OfWhatCannotBeReadIsAnError) {
  const Fd folder(::open("/", O_RDONLY | O_CLOEXEC | O_DIRECTORY));
  EXPECT_THROW(checksum_of_file(Digest::sha256, folder.get()), Error);
}

// NIST's example for SHA3-256 of three bytes; the name is Python's, too.
TEST(AChecksum, ByNameKnowsMoreThanTheUsualOnes) {
  EXPECT_EQ(hexadecimal(raw_checksum("sha3_256", "abc").value_or("")),
            "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532");
  EXPECT_EQ(raw_checksum("sha257", "abc"), std::nullopt);
}

}  // namespace
}  // namespace agent
