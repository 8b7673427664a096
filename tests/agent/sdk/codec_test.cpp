#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <agent/sdk/codec.hpp>
#include <agent/sdk/error.hpp>

namespace agent {
namespace {

using testing::HasSubstr;

template <class Work>
std::string message_of(Work&& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.message();
  }
  return "no error";
}

TEST(Cbor, BringsEveryKindOfValueBack) {
  const Value value = Map{{"null", nullptr},
                          {"yes", true},
                          {"n", -5},
                          {"big", INT64_MAX},
                          {"real", 0.25},
                          {"text", "ä\n"},
                          {"bytes", std::string("\xff\x00z", 3)},
                          {"list", List{1, "two", Map{}}}};
  EXPECT_EQ(from_cbor(to_cbor(value)), value);
}

TEST(Cbor, CarriesUnknownsWithTheirReasons) {
  const Value value = Map{{"rc", Value::unknown(Strings{"one", "two"})}};
  EXPECT_EQ(from_cbor(to_cbor(value)), value);
}

TEST(Cbor, OfAListIsTheSameWhereItsItemsAreMadeOneAfterTheOther) {
  for (const std::size_t count : {0, 3, 300}) {
    List whole;
    for (std::size_t i = 0; i < count; ++i) whole.push_back(Map{{"number", i}});
    EXPECT_EQ(to_cbor(count, [&](std::size_t i) { return whole[i]; }), to_cbor(Value(whole)));
  }
}

TEST(Cbor, ForgetsTheTemplateMark) {
  EXPECT_FALSE(from_cbor(to_cbor(Value::template_text("{{ x }}"))).is_template());
}

TEST(Cbor, CutShortIsAnError) {
  Bytes bytes = to_cbor(Map{{"a", "text"}});
  bytes.pop_back();
  EXPECT_THAT(message_of([&] { from_cbor(bytes); }), HasSubstr("a message is not whole"));
}

TEST(Cbor, NestedWithoutEndIsAnError) {
  const Bytes bytes(100000, 0x81);  // a list of one in a list of one in ...
  EXPECT_THROW(from_cbor(bytes), Error);
}

struct Foreign {
  std::vector<std::uint8_t> bytes;
  const char* json;
};

class CborOfOthers : public testing::TestWithParam<Foreign> {};

TEST_P(CborOfOthers, IsRead) {
  EXPECT_EQ(from_cbor(GetParam().bytes).json(), GetParam().json);
}

// From appendix A of RFC 8949.
INSTANTIATE_TEST_SUITE_P(
    Rfc8949, CborOfOthers,
    testing::Values(Foreign{{0x17}, "23"}, Foreign{{0x18, 0x18}, "24"}, Foreign{{0x19, 0x03, 0xe8}, "1000"},
                    Foreign{{0x1a, 0x00, 0x0f, 0x42, 0x40}, "1000000"},
                    Foreign{{0x1b, 0x00, 0x00, 0x00, 0xe8, 0xd4, 0xa5, 0x10, 0x00}, "1000000000000"},
                    Foreign{{0x20}, "-1"}, Foreign{{0x39, 0x03, 0xe7}, "-1000"}, Foreign{{0xf9, 0x3e, 0x00}, "1.5"},
                    Foreign{{0xf9, 0x7b, 0xff}, "65504.0"}, Foreign{{0xf9, 0xc4, 0x00}, "-4.0"},
                    Foreign{{0xfa, 0x47, 0xc3, 0x50, 0x00}, "100000.0"},
                    Foreign{{0xfb, 0x3f, 0xf1, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9a}, "1.1"}, Foreign{{0xf4}, "false"},
                    Foreign{{0xf6}, "null"}, Foreign{{0xf7}, "null"}, Foreign{{0x62, 0xc3, 0xbc}, "\"ü\""},
                    Foreign{{0x7f, 0x65, 's', 't', 'r', 'e', 'a', 0x64, 'm', 'i', 'n', 'g', 0xff}, "\"streaming\""},
                    Foreign{{0x9f, 0x01, 0x82, 0x02, 0x03, 0x9f, 0x04, 0x05, 0xff, 0xff}, "[1,[2,3],[4,5]]"},
                    Foreign{{0xbf, 0x61, 'a', 0x01, 0x61, 'b', 0x9f, 0x02, 0x03, 0xff, 0xff}, R"({"a":1,"b":[2,3]})"}));

class CborOfEnemies : public testing::TestWithParam<std::vector<std::uint8_t>> {};

TEST_P(CborOfEnemies, IsRefused) {
  EXPECT_THROW(from_cbor(GetParam()), Error);
}

INSTANTIATE_TEST_SUITE_P(
    Bytes, CborOfEnemies,
    testing::Values(std::vector<std::uint8_t>{},            // nothing
                    std::vector<std::uint8_t>{0x01, 0x01},  // two of them
                    std::vector<std::uint8_t>{0x9b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                              0xff},  // a list without end
                    std::vector<std::uint8_t>{0x7b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},  // a text as long
                    std::vector<std::uint8_t>{0xbb, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00},
                    std::vector<std::uint8_t>{0xa1, 0x01, 0x02},                       // a key that is a number
                    std::vector<std::uint8_t>{0xc0, 0x61, 'a'},                        // a tag
                    std::vector<std::uint8_t>{0x1c}, std::vector<std::uint8_t>{0x1f},  // lengths that are none
                    std::vector<std::uint8_t>{0xff},
                    std::vector<std::uint8_t>{0xf8, 0x20},              // simple values that are none
                    std::vector<std::uint8_t>{0x7f, 0x7f, 0xff, 0xff},  // pieces in pieces
                    std::vector<std::uint8_t>{0x7f, 0x41, 'a', 0xff},   // bytes in a text
                    std::vector<std::uint8_t>{0x9f, 0x01}));            // not ended

TEST(Cbor, CutAnywhereIsAnError) {
  const Bytes whole = to_cbor(Map{{"a", List{1, -70000, 1.5, "text", true, nullptr, Map{{"b", "ü"}}}}});
  for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_THROW(from_cbor(whole.data(), size), Error) << size;
}

TEST(JsonText, IsReadWithItsOrder) {
  EXPECT_EQ(parse_json(R"({"b": 1, "a": [null, 1.5]})").json(), R"({"b":1,"a":[null,1.5]})");
}

TEST(JsonText, ThatIsWrongIsAnErrorAtItsLine) {
  try {
    parse_json("{\n  \"a\": 1,\n  oops\n}", "hosts.json");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.where().line, 3);
    EXPECT_EQ(*error.where().file, "hosts.json");
  }
}

std::vector<Action> one_of_each() {
  return {WriteFile{"/etc/motd", "hi\n", {0644, "root", std::nullopt}, true, {"visudo", "-cf", "%s"}},
          MakeDirectory{"/srv/x", {0700, std::nullopt, "adm"}},
          MakeLink{"/a", "b", true},
          SetAttributes{"/a", {0600, {}, {}}, 1.5, 2.5, false, true, true},
          CopyPath{"/a", "/b", {}, true},
          RemovePath{"/a"},
          Exec{.argv = {"make", "install"},
               .environment = {{"A", "b"}},
               .directory = "/src",
               .input = "y\n",
               .effects = {{"/d"}, {{"/f", "text"}}, {"/o"}, {"/r"}, true},
               .progress = Progress::pip,
               .any_exit = true,
               .drops_locale = true,
               .title = "installing"},
          InstallPackages{{"vim=2:9.0"},
                          {{"vim", "2:9.0", "amd64", Package::State::installed, true}},
                          {.recommends = false, .default_release = "sid", .allow_downgrade = true}},
          RemovePackages{{"vim"}, {.purge = true}},
          UpgradePackages{UpgradePackages::Kind::full, {{"a", "2", "all"}}, {}},
          RefreshPackageIndex{std::chrono::seconds(7), 9, std::chrono::seconds(2)},
          RepairPackages{},
          TidyPackages{false, true, true},
          HoldPackages{{"vim"}, false}};
}

TEST(AnAction, OfEveryKindSurvivesTheWire) {
  ASSERT_EQ(one_of_each().size(), std::variant_size_v<Action>);
  for (const Action& action : one_of_each()) EXPECT_EQ(action_from(from_cbor(to_cbor(to_value(action)))), action);
}

TEST(AnAction, OfEveryKindHasALineForAPerson) {
  for (const Action& action : one_of_each()) EXPECT_FALSE(describe(action).empty());
}

TEST(AnAction, ThatIsNotKnownIsRefusedByName) {
  EXPECT_THAT(message_of([] { action_from(Map{{"format_disk", Map{}}}); }), HasSubstr("'format_disk' is not known"));
}

TEST(APlan, SurvivesTheWire) {
  const Plan plan{{{{{"package vim", std::nullopt, "2:9.0", false, false}}, {RemovePath{"/a"}}, true}},
                  {{"path", "/a"}},
                  {"a note"}};
  EXPECT_EQ(plan_from(from_cbor(to_cbor(to_value(plan)))), plan);
}

TEST(AnError, SurvivesTheWireWithAllThatItKnows) {
  Error error = Error("no such package 'vmi'")
                    .at({std::make_shared<const std::string>("a.yml"), 2, 3})
                    .spanning(4)
                    .hint("did you mean 'vim'?")
                    .about("name")
                    .with({{"rc", 100}});
  error.during("installing", {});
  const Error back = Error::from_value(from_cbor(to_cbor(error.to_value())));
  EXPECT_EQ(back.message(), error.message());
  EXPECT_EQ(back.where(), error.where());
  EXPECT_EQ(back.width(), 4);
  EXPECT_EQ(back.hints(), error.hints());
  EXPECT_EQ(back.argument(), "name");
  EXPECT_EQ(back.result(), error.result());
  ASSERT_EQ(back.trail().size(), 1u);
  EXPECT_EQ(back.trail()[0].what, "installing");
}

}  // namespace
}  // namespace agent
