// A connection through a program that plays ssh: what it does with the other side, friendly and hostile, can be said to
// the byte.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <agent/fleet/connection.hpp>
#include <agent/fleet/opening.hpp>
#include <agent/sdk/codec.hpp>

namespace agent::fleet {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

std::string frame(const Value& value) {
  const Bytes body = to_cbor(value);
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(body.size() >> shift);
  return out.append(body.begin(), body.end());
}

/// Messages as they go over a line, numbered from 1.
std::string messages(const List& all) {
  std::string out;
  std::int64_t number = 0;
  for (const auto& one : all) out += frame(Map{{"s", ++number}, {"m", one}});
  return out;
}

const Value hello = Map{{"tell", "hello"}, {"with", Map{{"protocol", 3}}}};
Value answer(int number, Value with) {
  return Map{{"answer", number}, {"with", std::move(with)}};
}
Value reply(Map fields) {
  TaskReply ok;
  Map out = to_value(ok).map();
  out.merge(fields);
  return Value(std::move(out));
}

class AConnection : public testing::Test {
 protected:
  AConnection() : folder_(fs::path(testing::TempDir()) / ("connection-" + std::to_string(::getpid()))) {
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "tree/bin");
    fs::create_directories(folder_ / "tree/lib/agent/modules");
    fs::create_directories(folder_ / "tree/share/agent/compat");
    // Any program will do for the tree: nothing of it is run here.
    fs::copy_file("/bin/sh", folder_ / "tree/bin/agent");
    std::ofstream(folder_ / "tree/share/agent/modules.cbor") << "index";
    std::ofstream(folder_ / "tree/lib/agent/unpack") << "a program";
  }
  ~AConnection() override { fs::remove_all(folder_); }

  /// `script` plays ssh: $n is the nonce, and what stands in `frames` can be printed with `cat "$0.frames"`.
  std::unique_ptr<Connection> open(const std::string& script, const std::string& frames = "") {
    const Path ssh = folder_ / "ssh";
    std::ofstream(ssh) << "#!/bin/sh\nfor last; do :; done\nn=${last#*n=}; n=${n%%;*}\n" << script << "\n";
    std::ofstream(ssh.string() + ".frames", std::ios::binary) << frames;
    ::chmod(ssh.c_str(), 0755);
    login_.connection = "ssh";
    login_.executable = ssh.string();
    if (!bundle_) bundle_.emplace(folder_ / "tree/bin/agent", folder_ / "cache");
    terms_.carry = [this](const std::string& host, const executor::Login& login, const std::string& key,
                          bool is_again) { return open_link(host, login, *bundle_, terms_, key, is_again); };
    return connect("web", login_, terms_);
  }

  std::string failure(const std::string& script, const std::string& frames = "") {
    try {
      open(script, frames)->run(TaskRequest(), {});
      return "";
    } catch (const Unreachable& error) {
      std::string text = error.message();
      for (const auto& hint : error.hints()) text += "\n" + hint;
      return text;
    }
  }

  fs::path folder_;
  executor::Login login_;
  std::optional<Bundle> bundle_;
  Terms terms_;
};

// It answers once it has been asked.
const std::string ready = "printf '\\nagent-%s ready\\n' $n; head -c 4 >/dev/null; cat \"$0.frames\"; cat >/dev/null";

TEST_F(AConnection, CarriesCallsAndTheirAnswers) {
  const std::string frames =
      messages({hello, Map{{"tell", "progress"}, {"with", Map{{"text", "half"}, {"fraction", 0.5}}}},
                answer(1, reply({{"status", 1}}))});
  const auto runner = open(ready, frames);
  std::string progress;
  const TaskReply got = runner->run(TaskRequest(), [&](const std::string& text, double) { progress = text; });
  EXPECT_EQ(got.status, TaskReply::Status::changed);
  EXPECT_EQ(progress, "half");
}

TEST_F(AConnection, SendsTheBundleWhenItIsWantedAndItArrivesWhole) {
  const std::string script = "printf '\\nagent-%s want " + std::string("%s glibc 9.9\\n' $n $(uname -m)\n") +
                             "read size sum more\ndd bs=$size count=1 iflag=fullblock of=\"$0.program\" 2>/dev/null\n"
                             "[ \"$(sha256sum <\"$0.program\")\" = \"$sum  -\" ] || exit 1\n"
                             "printf '\\nagent-%s go\\n' $n\n"
                             "dd bs=$more count=1 iflag=fullblock of=\"$0.got\" 2>/dev/null\n" +
                             ready;
  open(script, messages({hello}));
  EXPECT_EQ(fs::file_size(folder_ / "ssh.got"), bundle_->archive().packed.size());
}

TEST_F(AConnection, SendsNothingBehindTheProgramThatUnpacksBeforeThatAsksForIt) {
  const std::string script =
      "printf '\\nagent-%s want %s glibc 9.9\\n' $n $(uname -m)\nread size sum more\n"
      "dd bs=$size count=1 iflag=fullblock of=/dev/null 2>/dev/null\n"
      "printf '\\nagent-%s broken\\n' $n\ncat >\"$0.early\"\n";
  EXPECT_THAT(failure(script), HasSubstr("could not be unpacked"));
  EXPECT_EQ(fs::file_size(folder_ / "ssh.early"), 0u);
}

TEST_F(AConnection, RefusesMachinesThatCannotRunTheBundle) {
  EXPECT_THAT(failure("printf '\\nagent-%s want riscv glibc 9.9\\n' $n; cat >/dev/null"), HasSubstr("of kind 'riscv'"));
  EXPECT_THAT(failure("printf '\\nagent-%s want %s glibc 2.1\\n' $n $(uname -m); cat >/dev/null"),
              HasSubstr("its C library is glibc 2.1"));
}

TEST_F(AConnection, TellsWhatTheShellThereFound) {
  EXPECT_THAT(failure("printf '\\nagent-%s nowhere /a /b\\n' $n"), HasSubstr("(tried /a /b)"));
  EXPECT_THAT(failure("printf '\\nagent-%s broken\\n' $n; echo no space left >&2"), HasSubstr("no space left"));
  EXPECT_THAT(failure("echo 'ssh: connect to host web port 22: Connection refused' >&2; exit 255"),
              HasSubstr("nothing listens there"));
}

TEST_F(AConnection, TriesAgainWhereTooManyWantedIn) {
  const std::string script =
      "if [ ! -e \"$0.tried\" ]; then touch \"$0.tried\"; echo 'kex_exchange_identification: "
      "Connection closed by remote host' >&2; exit 255; fi\n" +
      ready;
  EXPECT_NE(open(script, messages({hello})), nullptr);
}

TEST_F(AConnection, IsLostAndSaysSoWhenTheLinkBreaksForGood) {
  terms_.patience = std::chrono::seconds(0);
  const std::string script = "printf '\\nagent-%s ready\\n' $n; cat \"$0.frames\"; head -c 10 >/dev/null";
  EXPECT_THAT(failure(script, messages({hello})), HasSubstr("'web' is lost"));
}

// The second time the agent there is met again: it has heard the question, and the answer comes over the new link.
TEST_F(AConnection, GoesOnOverAnotherLinkWhenTheFirstBreaks) {
  const std::string script =
      "printf '\\nagent-%s ready\\n' $n; if [ ! -e \"$0.broke\" ]; then touch \"$0.broke\"; cat \"$0.frames\"; head -c "
      "10 "
      ">/dev/null; exit 255; fi; case $last in *again*) ;; *) exit 1;; esac; cat \"$0.later\"; cat >/dev/null";
  std::ofstream(folder_ / "ssh.later", std::ios::binary)
      << frame(Map{{"have", 1}}) << frame(Map{{"s", 2}, {"m", answer(1, reply({{"status", 1}}))}});
  Strings told;
  terms_.tell = [&](const std::string& text) { told.push_back(text); };
  EXPECT_EQ(open(script, messages({hello}))->run(TaskRequest(), {}).status, TaskReply::Status::changed);
  EXPECT_THAT(told, testing::ElementsAre(HasSubstr("is looked for again"), HasSubstr("is back")));
}

TEST_F(AConnection, SurvivesATargetThatForgesFrames) {
  terms_.patience = std::chrono::seconds(0);
  const std::string garbage("\x00\x00\x00\x04\xff\xff\xff\xff", 8);
  const std::string endless("\xff\xff\xff\xff", 4);  // announces four GiB
  for (const std::string& frames :
       {std::string("no frames at all, but text"), messages({hello}) + garbage, messages({hello}) + endless,
        messages({hello, answer(1, "no reply")}), messages({hello, answer(1, Map{{"status", "perfect"}})}),
        messages({Map{{"tell", "hello"}, {"with", Map{{"protocol", 99}}}}}), messages({Map{{"tell", 5}}}),
        messages({List{1, 2, 3}}), frame(Map{{"s", 3}, {"m", hello}}), frame(Map{{"a", 1000}})})
    EXPECT_NE(failure(ready.substr(0, ready.rfind(';')), frames), "") << frames;
}

TEST_F(AConnection, TakesNoAnswerForAQuestionThatWasNotAsked) {
  const std::string frames =
      messages({hello, answer(77, reply({{"status", 1}})), Map{{"tell", "recap"}}, answer(1, reply({{"status", 0}}))});
  EXPECT_EQ(open(ready, frames)->run(TaskRequest(), {}).status, TaskReply::Status::ok);
}

TEST_F(AConnection, AnswersNoQuestionsOutsideOfAWalk) {
  const std::string script =
      "printf '\\nagent-%s ready\\n' $n; head -c 4 >/dev/null; cat \"$0.frames\"; cat >\"$0.heard\"";
  const std::string frames = messages(
      {hello, Map{{"ask", 1}, {"what", "file"}, {"with", Map{{"what", "content"}, {"path", "/proc/self/environ"}}}},
       Map{{"ask", 2}, {"what", "lookup"}, {"with", Map{{"name", "pipe"}, {"terms", List{"id"}}}}},
       answer(1, reply({{"status", 0}}))});
  open(script, frames)->run(TaskRequest(), {});
  std::ifstream in(folder_ / "ssh.heard", std::ios::binary);
  const std::string heard((std::istreambuf_iterator<char>(in)), {});
  EXPECT_THAT(heard, HasSubstr("is on no walk"));
  EXPECT_THAT(heard, testing::Not(HasSubstr("PATH=")));
}

TEST_F(AConnection, TellsThePasswordOnlyToATaskThatBecomesSomebody) {
  terms_.password = [](const Identity&) { return std::optional<std::string>("hunter2"); };
  const Value question =
      Map{{"ask", 1}, {"what", "password"}, {"with", Map(to_value(TaskRequest())["identity"].map())}};
  const std::string frames = messages({hello, question, answer(1, reply({{"status", 0}}))});
  const std::string script =
      "printf '\\nagent-%s ready\\n' $n; head -c 4 >/dev/null; cat \"$0.frames\"; cat >\"$0.heard\"";
  for (const bool becomes : {false, true}) {
    TaskRequest request;
    request.identity.become = becomes;
    auto runner = open(script, frames);
    runner->run(request, {});
    runner.reset();  // waits for the other side's end
    std::ifstream in(folder_ / "ssh.heard", std::ios::binary);
    const std::string heard((std::istreambuf_iterator<char>(in)), {});
    EXPECT_EQ(heard.find("hunter2") != std::string::npos, becomes);
  }
}

// Else a machine could have lines of the controller's own files shown.
TEST_F(AConnection, PassesOnNoPlacesThatATargetNames) {
  Error theirs("it broke");
  theirs.at({std::make_shared<const std::string>("/etc/shadow"), 1, 1});
  const std::string frames = messages({hello, answer(1, reply({{"status", 4}, {"error", theirs.to_value()}}))});
  const TaskReply got = open(ready, frames)->run(TaskRequest(), {});
  ASSERT_TRUE(got.error);
  EXPECT_EQ(got.error->message(), "it broke");
  EXPECT_FALSE(got.error->where());
}

}  // namespace
}  // namespace agent::fleet
