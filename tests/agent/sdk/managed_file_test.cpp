#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/fake_host.hpp>
#include <tests/support/mock_host.hpp>
#include <tests/support/printing.hpp>

#include <agent/sdk/checksum.hpp>
#include <agent/sdk/managed_file.hpp>
#include <agent/sdk/placed_file.hpp>
#include <agent/sdk/shell_words.hpp>

namespace agent {
namespace {

using namespace agent::test;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string message_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.message();
  }
  return "nothing was wrong";
}

// ---- modes ------------------------------------------------------------------------------------------------------

struct ModeCase {
  const char* text;
  unsigned current;
  bool directory;
  unsigned result;
};
std::ostream& operator<<(std::ostream& out, const ModeCase& c) {
  return out << c.text << " on " << FileMode::text(c.current);
}

class FileModeText : public ::testing::TestWithParam<ModeCase> {};

TEST_P(FileModeText, MeansTheseBits) {
  const ModeCase& c = GetParam();
  EXPECT_EQ(FileMode::text(FileMode::parse(c.text).on(c.current, c.directory)), FileMode::text(c.result));
}

// What ansible-core 2.19 makes of the same texts (tests/agent/sdk/file_mode_cases.py prints this table).
const ModeCase mode_cases[] = {
#include "file_mode_cases.inc"
};

INSTANTIATE_TEST_SUITE_P(FileMode, FileModeText, ::testing::ValuesIn(mode_cases));

class NotAFileMode : public ::testing::TestWithParam<const char*> {};

TEST_P(NotAFileMode, IsRefusedWithTheWayToWriteIt) {
  EXPECT_THAT(message_of([] { FileMode::parse(GetParam()); }), HasSubstr("is not a file mode"));
}

INSTANTIATE_TEST_SUITE_P(FileMode, NotAFileMode,
                         ::testing::Values("", "8", "0999", "77777", "rwx", "u", "u=rwz", "u=rw,", "x=r", "0o", "u=ug",
                                           "rw-r--r--"));

// ---- owner and mode -----------------------------------------------------------------------------------------------

FakeHost with_motd() {
  FakeHost host;
  host.with_user(alice()).with_file("/etc/motd", "hello\n", 0644);
  return host;
}

TEST(FileAttributesOfAFile, DifferInWhatIsNamedAndOtherwise) {
  const FakeHost host = with_motd();
  const auto difference =
      compare_attributes({.mode = "0600", .owner = "alice"}, "/etc/motd", *host.stat("/etc/motd"), host);
  EXPECT_THAT(difference.changes,
              ElementsAre(Change{"/etc/motd owner", "root", "alice"}, Change{"/etc/motd mode", "0644", "0600"}));
  EXPECT_EQ(difference.attributes, (Attributes{.mode = 0600, .owner = "alice"}));
  EXPECT_EQ(difference.after.uid, alice().uid);
}

TEST(FileAttributesOfAFile, ThatAreRightAreNotTouched) {
  const FakeHost host = with_motd();
  const auto difference = compare_attributes({.mode = "u=rw,go=r", .owner = "0", .group = "root"}, "/etc/motd",
                                             *host.stat("/etc/motd"), host);
  EXPECT_THAT(difference.changes, IsEmpty());
}

TEST(FileAttributesOfAFile, SetTheModeAgainWhereAChangeOfOwnerClearsIt) {
  FakeHost host = with_motd();
  host.with_file("/bin/tool", "", 04755);
  const auto difference =
      compare_attributes({.mode = "4755", .owner = "alice"}, "/bin/tool", *host.stat("/bin/tool"), host);
  EXPECT_THAT(difference.changes, SizeIs(1));
  EXPECT_EQ(difference.attributes.mode, 04755U);
}

TEST(FileAttributesOfAFile, MayBeANumberThatNoUserHas) {
  const FakeHost host = with_motd();
  const auto difference = compare_attributes({.owner = "4242"}, "/etc/motd", *host.stat("/etc/motd"), host);
  EXPECT_THAT(difference.changes, ElementsAre(Change{"/etc/motd owner", "root", "4242"}));
}

TEST(FileAttributesOfAFile, NameTheUserThatThereIsNot) {
  const FakeHost host = with_motd();
  EXPECT_EQ(message_of([&] { compare_attributes({.owner = "bob"}, "/etc/motd", *host.stat("/etc/motd"), host); }),
            "there is no user 'bob' on this machine");
}

// ---- content --------------------------------------------------------------------------------------------------------

TEST(ManagedFileThatIsNew, IsWrittenWithItsOwnerAndMode) {
  const FakeHost host = with_motd();
  const Plan plan =
      plan_file({.path = "/etc/issue", .content = "x\n", .attributes = {.mode = "0600", .owner = "alice"}}, host);
  EXPECT_THAT(plan.steps, ElementsAre(Step{{Change{"/etc/issue", std::nullopt, "x\n", false, true},
                                            Change{"/etc/issue mode", std::nullopt, "0600"},
                                            Change{"/etc/issue owner", std::nullopt, "alice"}},
                                           {WriteFile{"/etc/issue", "x\n", {0600, "alice", {}}}}}));
  EXPECT_EQ(plan.result, (Map{{"mode", "0600"},
                              {"owner", "alice"},
                              {"group", "root"},
                              {"uid", 1000},
                              {"gid", 0},
                              {"size", 2},
                              {"state", "file"}}));
}

TEST(ManagedFileThatIsNew, NeedsItsDirectory) {
  const FakeHost host = with_motd();
  EXPECT_EQ(message_of([&] { plan_file({.path = "/nowhere/x", .content = ""}, host); }),
            "there is no directory '/nowhere' to put 'x' in");
  EXPECT_EQ(message_of([&] { plan_file({.path = "/etc/motd/x", .content = ""}, host); }),
            "'/etc/motd' is a file, not a directory");
}

TEST(ManagedFileThatIsThere, IsLeftAloneWhenItIsAsWanted) {
  const FakeHost host = with_motd();
  EXPECT_THAT(plan_file({.path = "/etc/motd", .content = "hello\n", .attributes = {.mode = "644"}}, host).steps,
              IsEmpty());
}

TEST(ManagedFileThatIsThere, IsWrittenWholeWhenItsContentDiffers) {
  const FakeHost host = with_motd();
  EXPECT_THAT(
      plan_file({.path = "/etc/motd", .content = "bye\n", .backup = true, .validate = "grep -q 'b y' %s"}, host).steps,
      ElementsAre(Step{{Change{"/etc/motd", "hello\n", "bye\n", false, true}},
                       {WriteFile{"/etc/motd", "bye\n", {}, true, {"grep", "-q", "b y", "%s"}}}}));
}

TEST(ManagedFileThatIsThere, GetsOnlyItsModeWhenOnlyThatDiffers) {
  const FakeHost host = with_motd();
  EXPECT_THAT(
      plan_file({.path = "/etc/motd", .content = "hello\n", .attributes = {.mode = "0600"}}, host).steps,
      ElementsAre(Step{{Change{"/etc/motd mode", "0644", "0600"}}, {SetAttributes{"/etc/motd", {0600, {}, {}}}}}));
}

TEST(ManagedFileThatIsThere, IsNotADirectory) {
  FakeHost host = with_motd();
  host.with_directory("/srv");
  EXPECT_EQ(message_of([&] { plan_file({.path = "/srv", .content = ""}, host); }), "'/srv' is a directory, not a file");
}

TEST(ManagedFileBehindALink, IsWhatTheLinkLeadsTo) {
  FakeHost host = with_motd();
  host.with_directory("/run").with_link("/run/motd", "../etc/motd");
  EXPECT_THAT(plan_file({.path = "/run/motd", .content = "hello\n"}, host).steps, IsEmpty());
}

TEST(ManagedFileBehindALink, ReplacesTheLinkUnlessItFollows) {
  FakeHost host = with_motd();
  host.with_link("/etc/link", "motd");
  const Plan plan = plan_file({.path = "/etc/link", .content = "hello\n", .follow = false}, host);
  ASSERT_THAT(plan.steps, SizeIs(1));
  EXPECT_EQ(plan.steps[0].actions[0], Action(RemovePath{"/etc/link"}));
  EXPECT_EQ(plan.steps[0].changes[0], (Change{"/etc/link", "link to motd", "file"}));
}

TEST(ManagedFileValidation, MustSayWhereTheFileGoes) {
  const FakeHost host = with_motd();
  EXPECT_EQ(message_of([&] { plan_file({.path = "/etc/motd", .content = "x", .validate = "visudo -c"}, host); }),
            "'visudo -c' does not say where the new file goes");
}

TEST(ContentChange, ShowsTextAndSumsUpWhatIsNot) {
  EXPECT_TRUE(content_change("/f", "a\n", "b\n").text);
  const Change binary = content_change("/f", "a\n", std::string("\x00\xff", 2));
  EXPECT_FALSE(binary.text);
  EXPECT_EQ(binary.after, "2 bytes, sha1 " + checksum(Digest::sha1, std::string_view("\x00\xff", 2)));
}

TEST(Text, IsUtf8WithoutNul) {
  for (const char* text : {"", "plain\n", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\x1b[0m"})
    EXPECT_TRUE(is_text(text)) << text;
  for (const std::string_view bytes :
       {std::string_view("a\0b", 3), std::string_view("\xff"), std::string_view("\xc3"), std::string_view("\xc0\xaf"),
        std::string_view("\xe2\x28\xa1"), std::string_view("latin-1 \xe4")})
    EXPECT_FALSE(is_text(bytes)) << bytes;
}

TEST(FileModuleApply, RegistersTheBackupThatWasKept) {
  struct Motd : FileModule {
    Plan check(const Args&, const Host& host) const override {
      return plan_file({.path = "/etc/motd", .content = "new\n", .backup = true}, host);
    }
  } module;
  FakeHost host = with_motd();
  const Outcome outcome = module.apply(module.check({}, host), host);
  EXPECT_EQ(host.content(outcome.result.find("backup_file")->string()), "hello\n");
}

// ---- where it is put ----------------------------------------------------------------------------------------------

TEST(PlacedFile, LiesInTheDirectoryThatDestIs) {
  FakeHost host = with_motd();
  const Plan plan = plan_placed_file({.dest = "/etc", .name = "issue", .content = "x"}, host);
  EXPECT_EQ(*plan.result.find("dest"), Value("/etc/issue"));
}

TEST(PlacedFile, MakesTheDirectoriesThatEndInASlash) {
  FakeHost host = with_motd();
  const Plan plan =
      plan_placed_file({.dest = "/srv/a/b/", .name = "f", .content = "x", .directory_mode = "0700"}, host);
  ASSERT_THAT(plan.steps, SizeIs(2));
  EXPECT_EQ(plan.steps[0].actions[0], Action(MakeDirectory{"/srv/a/b", {.mode = 0700}}));
  EXPECT_EQ(*plan.result.find("dest"), Value("/srv/a/b/f"));
}

TEST(PlacedFile, StaysAsItIsWithoutForce) {
  FakeHost host = with_motd();
  EXPECT_THAT(plan_placed_file({.dest = "/etc/motd", .name = "x", .content = "new", .force = false}, host).steps,
              IsEmpty());
}

TEST(PlacedFile, MustHaveTheChecksumThatIsAskedFor) {
  FakeHost host = with_motd();
  EXPECT_THAT(message_of([&] {
                plan_placed_file({.dest = "/etc/motd", .name = "x", .content = "new", .checksum = "abc"}, host);
              }),
              HasSubstr("not abc as 'checksum' says"));
}

TEST(PlacedFile, WithoutANameNeedsThatOfAFile) {
  FakeHost host = with_motd();
  for (const char* dest : {"/etc", "/etc/", "/new/"})
    EXPECT_THAT(message_of([&] { plan_placed_file({.dest = dest, .content = "x"}, host); }),
                HasSubstr("is a directory"))
        << dest;
}

// ---- paths and words -----------------------------------------------------------------------------------------------

TEST(PathArgument, PutsInVariablesAndHomes) {
  FakeHost host = with_motd();
  host.with_environment("D", "/data");
  for (const auto& [text, path] : std::map<std::string, std::string>{{"$D/x", "/data/x"},
                                                                     {"${D}y", "/datay"},
                                                                     {"$NONE/x", "/root/$NONE/x"},
                                                                     {"~/x", "/root/x"},
                                                                     {"~alice/x", "/home/alice/x"},
                                                                     {"~bob", "/root/~bob"},
                                                                     {"x", "/root/x"},
                                                                     {"/a//", "/a"},
                                                                     {"/", "/"}})
    EXPECT_EQ(path_argument(text, host), Path(path)) << text;
  EXPECT_EQ(message_of([&] { path_argument("", host); }), "a path is empty");
}

TEST(ResolvedLinks, LeadToWhereTheKernelGoes) {
  FakeHost host = with_motd();
  host.with_link("/a", "/etc")
      .with_link("/etc/b", "../a/motd")
      .with_link("/loop", "loop")
      .with_link("/gone", "etc/none");
  EXPECT_EQ(resolve_links("/a/b", host), "/etc/motd");
  EXPECT_EQ(resolve_links("/gone", host), "/etc/none");
  EXPECT_EQ(resolve_links("/none/../x", host), "/x");
  EXPECT_THAT(message_of([&] { resolve_links("/loop/x", host); }), HasSubstr("in a circle"));
}

TEST(Glob, FindsWhatThePatternNames) {
  FakeHost host;
  host.with_file("/d/a.txt", "").with_file("/d/b.txt", "").with_file("/d/.c.txt", "").with_file("/e/a.txt", "");
  EXPECT_THAT(glob("/d/*.txt", "/", host), ElementsAre("/d/a.txt", "/d/b.txt"));
  EXPECT_THAT(glob("?/a.txt", "/", host), ElementsAre("/d/a.txt", "/e/a.txt"));
  EXPECT_THAT(glob("a.txt", "/d", host), ElementsAre("/d/a.txt"));
  EXPECT_THAT(glob("/d/none", "/", host), IsEmpty());
}

TEST(Words, AreSplitAsAShellQuotes) {
  EXPECT_THAT(split_words(R"(a "b c" 'd "e' f\ g "h\"i\\j\k" ''  "" x'y'z)"),
              ElementsAre("a", "b c", "d \"e", "f g", "h\"i\\j\\k", "", "", "xyz"));
  EXPECT_THAT(split_words("  # no comment $HOME * ; |"), ElementsAre("#", "no", "comment", "$HOME", "*", ";", "|"));
  EXPECT_THAT(message_of([] { split_words("a 'b"); }), HasSubstr("without its end"));
  EXPECT_THAT(message_of([] { split_words("a\\"); }), HasSubstr("lone backslash"));
}

TEST(Words, ComeBackFromTheirQuotes) {
  for (const char* word : {"", "plain", "a b", "it's", "\"", "$x", "a\nb", "\\", "*"})
    EXPECT_THAT(split_words(quoted_word(word)), ElementsAre(word));
}

TEST(Checksums, AreThoseOfTheStandards) {
  EXPECT_EQ(checksum(Digest::md5, "abc"), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(checksum(Digest::sha1, "abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(checksum(Digest::sha256, "abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(checksum(*digest_from("sha512"), "").substr(0, 16), "cf83e1357eefb8bd");
  EXPECT_EQ(digest_from("sha3"), std::nullopt);
}

TEST(Base64, EncodesEveryLength) {
  for (const auto& [bytes, text] : std::map<std::string, std::string>{
           {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"\xff\xfe", "//4="}})
    EXPECT_EQ(base64(bytes), text);
}

}  // namespace
}  // namespace agent
