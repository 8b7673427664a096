#include <sstream>

#include <gmock/gmock.h>

#include <agent/report/text_report.hpp>

namespace agent::report {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

/// What a report says of events, on both of its streams.
class Said {
 public:
  explicit Said(TextStyle style = {})
      : report_(out, errors, style, [](const std::string&, int) { return std::nullopt; }) {}
  Said& operator<<(const Event& event) {
    report_.on(event);
    return *this;
  }
  std::string text() const { return out.str(); }
  std::ostringstream out, errors;

 private:
  TextReport report_;
};

event::TaskResult result(Status status, Map values = {{"changed", false}}) {
  event::TaskResult out;
  out.host = "h1";
  out.task = "a task";
  out.module = "command";
  out.status = status;
  out.result = std::move(values);
  return out;
}

event::TaskResult item(Status status, const std::string& label) {
  auto out = result(status, {{"changed", false}, {"item", label}, {"ansible_loop_var", "item"}});
  out.item = label;
  out.loop = true;
  return out;
}

TextStyle verbose(int level) {
  TextStyle style;
  style.verbosity = level;
  return style;
}

TEST(Banners, AreStarredToEightyColumns) {
  Said said;
  said << event::PlayStarted{"web", {"h1"}, false, {}}
       << event::TaskStarted{"web", "role : name", "copy", false, false, {}}
       << event::TaskStarted{"web", "restart", "service", true, false, {}};
  EXPECT_EQ(said.text(),
            "\nPLAY [web] *********************************************************************\n"
            "\nTASK [role : name] *************************************************************\n"
            "\nRUNNING HANDLER [restart] ******************************************************\n");
}

TEST(Banners, HaveAtLeastThreeStars) {
  Said said;
  said << event::TaskStarted{"", std::string(90, 'x'), "copy", false, false, {}};
  EXPECT_EQ(said.text(), "\nTASK [" + std::string(90, 'x') + "] ***\n");
}

TEST(APlayWithoutHosts, SaysSo) {
  Said said;
  said << event::PlayStarted{"web", {}, false, {}};
  EXPECT_THAT(said.text(), HasSubstr("\nskipping: no hosts matched\n"));
}

TEST(Results, HaveOneLineEach) {
  struct Case {
    event::TaskResult result;
    std::string line;
  };
  auto delegated = result(Status::changed);
  delegated.delegate = "h2";
  auto loop_done = result(Status::changed);
  loop_done.loop = true;
  auto loop_skipped = result(Status::skipped);
  loop_skipped.loop = true;
  const Case cases[] = {
      {result(Status::ok), "ok: [h1]\n"},
      {result(Status::changed), "changed: [h1]\n"},
      {result(Status::would_change), "would change: [h1]\n"},
      {result(Status::skipped), "skipping: [h1]\n"},
      {delegated, "changed: [h1 -> h2]\n"},
      {item(Status::changed, "x"), "changed: [h1] => (item=x)\n"},
      {item(Status::skipped, "2"), "skipping: [h1] => (item=2) \n"},
      {item(Status::failed, "x"),
       "failed: [h1] (item=x) => {\"ansible_loop_var\": \"item\", \"changed\": false, \"item\": \"x\"}\n"},
      {loop_done, ""},
      {loop_skipped, "skipping: [h1]\n"},
      {result(Status::failed, {{"msg", "no"}, {"changed", false}, {"failed", true}}),
       "fatal: [h1]: FAILED! => {\"changed\": false, \"msg\": \"no\"}\n"},
      {result(Status::rescued, {{"msg", "no"}}), "fatal: [h1]: FAILED! => {\"msg\": \"no\"}\n"},
      {result(Status::ignored, {{"msg", "no"}}), "fatal: [h1]: FAILED! => {\"msg\": \"no\"}\n...ignoring\n"},
      {result(Status::unreachable, {{"msg", "no"}, {"unreachable", true}}),
       "fatal: [h1]: UNREACHABLE! => {\"msg\": \"no\", \"unreachable\": true}\n"}};
  for (const auto& one : cases) {
    Said said;
    said << one.result;
    EXPECT_EQ(said.text(), one.line);
  }
}

TEST(DebugResults, AreShownWholeWithFourBlanks) {
  auto debug = result(Status::ok, {{"msg", "hi"}, {"changed", false}, {"failed", false}});
  debug.module = "debug";
  debug.shown = true;
  Said said;
  said << debug;
  EXPECT_EQ(said.text(), "ok: [h1] => {\n    \"msg\": \"hi\"\n}\n");
}

TEST(VerboseResults, HaveTheirValuesSortedOnOneLine) {
  Said said(verbose(1));
  said << result(Status::ok, {{"rc", 0}, {"changed", false}, {"list", List{1, 2.5, "x", Value()}}});
  EXPECT_EQ(said.text(), "ok: [h1] => {\"changed\": false, \"list\": [1, 2.5, \"x\", null], \"rc\": 0}\n");
}

TEST(Changes, AreNamedBelowTheResult) {
  auto changed = result(Status::changed);
  changed.changes = {{"package vim", std::nullopt, "2:9.0"},
                     {"/etc/motd mode", "0600", "0644"},
                     {"/etc/motd", "a\n", "a\nb\n", false, true},
                     {"password of x", "old", "new", true},
                     {"/etc/new", std::nullopt, "x\n", false, true}};
  changed.notes = {"done with dnf"};
  Said said;
  said << changed;
  EXPECT_EQ(said.text(),
            "changed: [h1]\n"
            "  package vim: absent -> 2:9.0\n"
            "  /etc/motd mode: 0600 -> 0644\n"
            "  /etc/motd: +1 -0 lines\n"
            "  password of x: changed (hidden)\n"
            "  /etc/new: new, +1 -0 lines\n"
            "  note: done with dnf\n");
}

TEST(Diffs, AreUnifiedAndStandBeforeTheResult) {
  auto changed = result(Status::changed);
  changed.changes = {{"/etc/motd", "a\nb\n", "a\nc", false, true}};
  TextStyle style;
  style.diff = true;
  Said said(style);
  said << changed;
  EXPECT_EQ(said.text(),
            "--- before: /etc/motd\n+++ after: /etc/motd\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n\\ No newline at end of file\n\n"
            "changed: [h1]\n");
}

TEST(UnknownOutcomes, GiveTheirReasons) {
  auto unknown = result(Status::unknown, {});
  unknown.reasons = {"the command may write", "so it is not known whether 'r.rc == 0' holds"};
  Said said;
  said << unknown;
  EXPECT_EQ(said.text(),
            "unknown: [h1]\n  because the command may write\n  so it is not known whether 'r.rc == 0' holds\n");
}

TEST(Failures, PointAtTheirPlaceWithHints) {
  auto failed = result(Status::failed, {{"msg", "no 'nmae'"}});
  failed.error =
      Error("no 'nmae'").at({std::make_shared<const std::string>("site.yml"), 2, 13}).hint("did you mean 'name'?");
  Said said;
  said << failed;
  EXPECT_EQ(said.text(),
            "fatal: [h1]: FAILED! => {\"msg\": \"no 'nmae'\"}\nsite.yml:2:13: error: no 'nmae'\n  hint: did you mean "
            "'name'?\n");
}

TEST(Retries, NameTheTaskAndWhatIsLeft) {
  Said said;
  said << event::Retrying{"h1", "wait", std::nullopt, 2, {}};
  EXPECT_EQ(said.text(), "FAILED - RETRYING: [h1]: wait (2 retries left).\n");
}

TEST(Includes, NameHostsAndItem) {
  Said said;
  said << event::Included{"/x/a.yml", {"h1", "h2"}, "1"};
  EXPECT_EQ(said.text(), "included: /x/a.yml for h1, h2 => (item=1)\n");
}

TEST(TheRecap, CountsInColumns) {
  event::Recap recap;
  recap.hosts["localhost"] = {3, 1, 0, 0, 2, 0, 1, 0};
  Said said;
  said << recap;
  EXPECT_EQ(said.text(),
            "\nPLAY RECAP *********************************************************************\n"
            "localhost                  : ok=3    changed=1    unreachable=0    failed=0    skipped=2    rescued=0    "
            "ignored=1   \n"
            "\n");
}

TEST(ControlCharacters, NeverReachTheTerminal) {
  auto evil = result(Status::failed, {{"msg", "\x1b[2J\x07 \xe2\x80\xae"}});
  evil.host = "h\x1b]0;x\x07";
  evil.output = "\x1b[31m";
  Said said;
  said << evil << event::Warning{"\x1b[1m", {}, {}};
  EXPECT_THAT(said.text() + said.errors.str(), Not(HasSubstr("\x1b")));
  EXPECT_THAT(said.text(), Not(HasSubstr("\xe2\x80\xae")));
}

TEST(Colours, AreThoseOfAnsible) {
  TextStyle style;
  style.colour = true;
  Said said(style);
  said << result(Status::changed) << result(Status::ok);
  EXPECT_EQ(said.text(), "\x1b[0;33mchanged: [h1]\x1b[0m\n\x1b[0;32mok: [h1]\x1b[0m\n");
}

TEST(ProgressOnATerminal, IsALineThatGoesAway) {
  TextStyle style;
  style.terminal = true;
  Said said(style);
  said << event::Progress{"h1", "t", "downloading torch", 0.42} << result(Status::ok);
  EXPECT_EQ(said.text(), "\r\x1b[Kh1: downloading torch 42%\r\x1b[Jok: [h1]\n");
}

TEST(SeveralHostsOnATerminal, HaveABoardThatGoesAway) {
  TextStyle style;
  style.terminal = true;
  Said said(style);
  said << event::PlayStarted{"p", {"h1", "h2"}, false, {}} << event::Progress{"h1", "t", "", -1};
  EXPECT_THAT(said.text(), EndsWith("0 of 2 hosts through, 1 at work, 1 waiting\n  h1  t"));
  const auto before = said.text().size();
  said << result(Status::ok);
  EXPECT_EQ(said.text().substr(before), "\r\x1b[1A\x1b[Jok: [h1]\n");
}

TEST(ProgressElsewhere, IsNotShown) {
  Said said;
  said << event::Progress{"h1", "t", "downloading torch", 0.42};
  EXPECT_EQ(said.text(), "");
}

TEST(Warnings, GoToTheOtherStream) {
  Said said;
  said << event::Warning{"old", {"do this"}, {}};
  EXPECT_EQ(said.text(), "");
  EXPECT_EQ(said.errors.str(), "[WARNING]: old\n  hint: do this\n");
}

event::TaskResult changing(const std::string& file, const std::string& before, const std::string& after) {
  auto out = result(Status::would_change, {{"changed", true}});
  out.changes = {{file, before, after, false, true}};
  return out;
}

TextStyle with_diff() {
  TextStyle style;
  style.diff = true;
  return style;
}

TEST(ADiff, OfAStructuredFileGoesKeyByKey) {
  const auto shows = [](const char* file, const char* before, const char* after, const std::string& keys) {
    Said said(with_diff());
    said << changing(file, before, after);
    EXPECT_THAT(said.text(), HasSubstr("@@ key by key @@\n" + keys + "\n")) << file;
  };
  shows("/etc/a.json", R"({"a": 1, "b": {"c": [1, 2]}, "gone": true})",
        R"({"b": {"c": [1, 3]}, "a": 1, "new": {"x": "y"}})", "-b.c[1]: 2\n+b.c[1]: 3\n-gone: true\n+new.x: \"y\"\n");
  shows("/etc/a.yml", "log:\n  level: info  # quiet\n", "log: {level: debug}\n",
        "-log.level: \"info\"\n+log.level: \"debug\"\n");
  shows("/etc/a.service", "[Service]\nExecStart=/bin/a\nEnvironment=A=1\nEnvironment=B=2\n",
        "[Service]\n# why\nExecStart=/bin/b\nEnvironment=A=1\nEnvironment=B=3\n",
        "-Service.ExecStart: /bin/a\n+Service.ExecStart: /bin/b\n-Service.Environment[2]: "
        "B=2\n+Service.Environment[2]: B=3\n");
}

TEST(ADiff, OfAStructuredFileThatDiffersInNoKeyOrIsNoneIsOneOfText) {
  for (const auto& [file, before, after] :
       {std::tuple{"/etc/a.yml", "a: 1\n", "a: 1  # one\n"}, std::tuple{"/etc/a.json", "{", "{}"},
        std::tuple{"/etc/a.ini", "just words\n", "[a]\nb=1\n"}, std::tuple{"/etc/motd", "a: 1\n", "a: 2\n"}}) {
    Said said(with_diff());
    said << changing(file, before, after);
    EXPECT_THAT(said.text(), HasSubstr("@@ -1 +1")) << file;
  }
}

TEST(ADiff, EndsAtItsLimitAndSaysHowMuchIsMissing) {
  TextStyle style = with_diff();
  style.diff_lines = 5;
  Said said(style);
  said << changing("/etc/long", "", "1\n2\n3\n4\n5\n6\n");
  EXPECT_THAT(said.text(), HasSubstr("+2\n... and 4 more lines: '--diff-lines 0' shows all\n"));
}

TEST(ADiff, ThatIsTheSameOnAnotherHostIsShownOnce) {
  Said said(with_diff());
  auto second = changing("/etc/motd", "a\n", "b\n");
  said << changing("/etc/motd", "a\n", "b\n");
  second.host = "h2";
  said << second;
  EXPECT_EQ(said.text().find("-a\n"), said.text().rfind("-a\n"));
  EXPECT_THAT(said.text(), HasSubstr("the same difference as on [h1]\n"));
}

TEST(ACheckOfSeveralHosts, EndsWithWhatDiffersEqualHostsTogether) {
  Said said;
  event::RunStarted start;
  start.check = true;
  said << start << event::PlayStarted{"p", {"h1", "h2", "h3"}, true, {}}
       << event::TaskStarted{"p", "a task", "copy", false, true, {}};
  event::Recap recap;
  recap.check = true;
  for (const char* host : {"h1", "h2", "h3"}) {
    auto one = changing("/etc/motd", "a\n", host[1] == '3' ? "c\nd\n" : "b\n");
    one.host = host;
    one.play = "p";
    said << one;
    recap.hosts[host].add(Status::would_change);
  }
  said << recap;
  EXPECT_THAT(said.text(), HasSubstr("\nDIFFERENCES "));
  EXPECT_THAT(said.text(), HasSubstr("  2 hosts: would change: a task\n    /etc/motd: +1 -1 lines\n    on h1, h2\n"
                                     "  h3: would change: a task\n    /etc/motd: +2 -1 lines\n"));
}

}  // namespace
}  // namespace agent::report
