#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/laws.hpp>
#include <tests/support/tested_module.hpp>

namespace agent::stat {

Manifest manifest();

namespace {

using namespace agent::test;

const TestedModule tested(manifest());

FakeHost with_files() {
  FakeHost host;
  host.with_user(alice())
      .with_file("/d/f", "text\n", 04750, "alice")
      .with_link("/d/l", "f")
      .with_directory("/d/dir", 0711)
      .as(alice());
  host.answers_with([](FakeHost&, const Strings& argv) -> std::optional<Output> {
    if (argv.front() == "file") return Output{.out = argv.back() + ": text/plain; charset=us-ascii\n"};
    return Output{.out = "1234 ----i---------e------- " + argv.back() + "\n"};
  });
  return host;
}

Value stat_of(const Args& args) {
  return *tested.check(args, with_files()).result.find("stat");
}

TEST(Stat, TellsOfAFile) {
  const Value stat = stat_of({{"path", "/d/f"}});
  for (const auto& [key, value] : Map{{"exists", true},
                                      {"path", "/d/f"},
                                      {"isreg", true},
                                      {"isdir", false},
                                      {"mode", "4750"},
                                      {"isuid", true},
                                      {"rusr", true},
                                      {"woth", false},
                                      {"uid", 1000},
                                      {"pw_name", "alice"},
                                      {"gr_name", "alice"},
                                      {"size", 5},
                                      {"nlink", 1},
                                      {"readable", true},
                                      {"writeable", true},
                                      {"executable", true},
                                      {"mimetype", "text/plain"},
                                      {"charset", "us-ascii"},
                                      {"version", "1234"},
                                      {"attr_flags", "ie"},
                                      {"attributes", List{"immutable", "extents"}}})
    EXPECT_EQ(stat[key], value) << key;
  EXPECT_EQ(stat["checksum"], Value("aa785adca3fcdfe1884ae840e13c6d294a2414e8"));
}

TEST(Stat, SaysThatThereIsNothing) {
  EXPECT_EQ(stat_of({{"path", "/none"}}), Value(Map{{"exists", false}}));
}

TEST(Stat, TellsOfALinkOrWhatItLeadsTo) {
  const Value link = stat_of({{"path", "/d/l"}});
  EXPECT_EQ(link["islnk"], Value(true));
  EXPECT_EQ(link["lnk_target"], Value("f"));
  EXPECT_EQ(link["lnk_source"], Value("/d/f"));
  EXPECT_FALSE(link.find("checksum"));
  EXPECT_EQ(stat_of({{"path", "/d/l"}, {"follow", true}})["isreg"], Value(true));
}

TEST(Stat, AsksNoProgramsWhereItIsNotAskedTo) {
  FakeHost host;
  host.with_file("/f", "");
  const Plan plan = tested.check(
      {{"path", "/f"}, {"get_mime", false}, {"get_attributes", false}, {"checksum_algorithm", "md5"}}, host);
  EXPECT_EQ((*plan.result.find("stat"))["checksum"], Value("d41d8cd98f00b204e9800998ecf8427e"));
}

TEST(Stat, TellsWhatOthersMayDo) {
  const Value stat = stat_of({{"path", "/d/dir"}});
  EXPECT_EQ(stat["readable"], Value(false));
  EXPECT_EQ(stat["executable"], Value(true));
}

}  // namespace
}  // namespace agent::stat
