#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <agent/parcel/carried.hpp>
#include <agent/sdk/error.hpp>

namespace agent::parcel {
namespace {

using testing::HasSubstr;

Manifest of(std::vector<Addressee> hosts) {
  Manifest out;
  out.addressees = std::move(hosts);
  return out;
}

std::string chosen(const Manifest& manifest, const std::string& asked, const Strings& own) {
  try {
    return host_in(manifest, asked, own);
  } catch (const Error& error) {
    return "refused: " + error.message();
  }
}

TEST(TheHostOfAParcel, IsTheOneThatThisMachineIsCalled) {
  const Manifest lab = of({{"web.lab", {"web.lab"}}, {"db", {"db", "db.example.org"}}, {"web.office", {"web.office"}}});
  EXPECT_EQ(chosen(lab, "", {"web.lab"}), "web.lab");
  EXPECT_EQ(chosen(lab, "", {"db.example.org"}), "db");
  EXPECT_EQ(chosen(lab, "", {"db.elsewhere"}), "db") << "a short name is enough where it is one host's alone";
  EXPECT_THAT(chosen(lab, "", {"web"}), HasSubstr("several hosts that this machine may be"));
  EXPECT_THAT(chosen(lab, "", {"mail"}), HasSubstr("not for this machine ('mail')"));
}

TEST(TheHostOfAParcel, IsTheOneThatIsAskedFor) {
  const Manifest lab = of({{"web", {"web"}}, {"db", {"db"}}});
  EXPECT_EQ(chosen(lab, "db", {"web"}), "db");
  EXPECT_THAT(chosen(lab, "dbb", {"web"}), HasSubstr("not for 'dbb'"));
}

TEST(TheHostOfAParcel, IsAnyMachineWhereThePlayIsForLocalhost) {
  EXPECT_EQ(chosen(of({{"localhost", {"localhost"}}}), "", {"whatever"}), "localhost");
}

CarriedHost some_host() {
  const auto layer = [](const char* value) {
    return Value(List{Map{{"origin", "x"}, {"variables", Map{{"v", value}}}}});
  };
  return CarriedHost(Value(Map{{"host", "web"},
                               {"patterns", Map{{"fleet", true}, {"db", false}}},
                               {"variables", Map{{"/a", layer("a")}, {"/b", layer("b")}}},
                               {"groups_of", Strings{"fleet"}}}));
}

TEST(ACarriedHost, IsInThePlaysThatItWasInWhenTheyWereWritten) {
  const CarriedHost host = some_host();
  EXPECT_EQ(host.match("all"), Strings{"web"});
  EXPECT_EQ(host.match("fleet"), Strings{"web"});
  EXPECT_EQ(host.match("db"), Strings());
  EXPECT_THROW(host.match("others"), Error) << "nobody knows";
}

TEST(ACarriedHost, HasTheVariablesThatStandBesideThePlaybook) {
  CarriedHost host = some_host();
  const auto value = [&] { return host.variables("web").front().variables.find("v")->string(); };
  EXPECT_EQ(value(), "a");
  EXPECT_FALSE(host.beside("/a"));
  EXPECT_TRUE(host.beside("/b"));
  EXPECT_EQ(value(), "b");
  EXPECT_TRUE(host.variables("db").empty()) << "of others it knows nothing";
}

TEST(ACarriedHost, HasNoOthersToSpeakOf) {
  CarriedHost host = some_host();
  EXPECT_EQ(Value(host.groups()), Value(Map{{"all", Strings{"web"}}, {"fleet", Strings{"web"}}}));
  EXPECT_THROW(host.add_host("x", {}, {}), Error);
  EXPECT_THROW(host.add_group("x", {}, {}), Error);
}

TEST(CarriedServices, KnowWhatCameAlongAndNothingElse) {
  const CarriedServices services(Value(Map{{"files", Map{{"kind /p/files/key.pub", "file"},
                                                         {"content /p/files/key.pub", "ssh-ed25519 AAAA\n"},
                                                         {"kind /p/files/far", "none"}}},
                                           {"directory", "/p"},
                                           {"environment", Map{{"HOME", "/home/op"}}}}));
  EXPECT_EQ(services.lookup({"env", {"HOME"}, {}, {}}), List{"/home/op"});
  EXPECT_EQ(services.lookup({"file", {"key.pub"}, {}, {"/p"}}), List{"ssh-ed25519 AAAA"});
  EXPECT_THROW(services.lookup({"env", {"PATH"}, {}, {}}), Error);
  EXPECT_THROW(services.lookup({"file", {"far"}, {}, {"/p"}}), Error);
  EXPECT_THROW(services.lookup({"pipe", {"date"}, {}, {}}), Error);
  EXPECT_EQ(services.files().kind("/etc/passwd"), Files::Kind::none) << "this machine's files are not the controller's";
}

}  // namespace
}  // namespace agent::parcel
