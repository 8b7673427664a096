#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <agent/fleet/handshake.hpp>
#include <agent/sdk/error.hpp>

namespace agent::fleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const std::string nonce(16, '7');

std::string command(bool leaves_nothing) {
  return handshake_command({nonce, std::string(32, 'b'), 99'999, leaves_nothing});
}

TEST(TheHandshake, FitsIntoAKilobyteAndIntoAnyLoginShell) {
  for (const bool leaves_nothing : {false, true}) {
    const std::string text = command(leaves_nothing);
    EXPECT_LT(text.size(), 1024u);
    EXPECT_TRUE(text.starts_with("exec sh -c '") && text.ends_with("'"));
    // What csh, fish or a line-minded shell would take for something of its own.
    const std::string script = text.substr(12, text.size() - 13);
    for (const char sign : {'\'', '\n', '!', '\\'})
      EXPECT_EQ(script.find(sign), std::string::npos) << "a sign that no login shell may see: " << sign;
  }
}

TEST(TheHandshake, LeavesNothingInACheck) {
  EXPECT_THAT(command(true), HasSubstr("trap \"rm -rf $d\" EXIT"));
  EXPECT_THAT(command(false), Not(HasSubstr("trap")));
}

/// What is heard of `text` when it comes in pieces of `size`; what is left goes to `rest`.
std::optional<Said> heard(const std::string& text, std::size_t size, std::string& rest, std::size_t most = 1u << 20) {
  Listening listening(nonce, most);
  std::optional<Said> said;
  std::size_t at = 0;
  while (at < text.size() && !said) at += listening.take(text.data() + at, std::min(size, text.size() - at), said);
  rest = text.substr(at);
  return said;
}

TEST(Listening, FindsTheLineInAllThatALoginPrints) {
  const std::string noise = "Welcome!\r\nagent-0000 ready\nlast login: ...\nno end of line";
  const std::string text = noise + "\nagent-" + nonce + " want x86_64 glibc 2.36\nFRAMES\n";
  for (const std::size_t size : {1, 3, 1000}) {
    std::string rest;
    const auto said = heard(text, size, rest);
    ASSERT_TRUE(said);
    EXPECT_EQ(said->word, "want");
    EXPECT_THAT(said->rest, ElementsAre("x86_64", "glibc", "2.36"));
    EXPECT_EQ(rest, "FRAMES\n") << "not a byte of what follows is taken";
  }
}

TEST(Listening, HearsNothingInNoiseAndGivesUpOnNoiseWithoutEnd) {
  std::string rest;
  EXPECT_FALSE(heard("one\ntwo\n", 3, rest));
  EXPECT_FALSE(heard(std::string(100'000, 'x') + "\n", 1000, rest));
  EXPECT_THROW(heard(std::string(100'000, 'x'), 1000, rest, 50'000), Error);
}

}  // namespace
}  // namespace agent::fleet
