#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/agent/host/temporary_directory.hpp>

#include <agent/host/process.hpp>
#include <agent/parcel/pulled.hpp>
#include <agent/parcel/source.hpp>
#include <agent/sdk/error.hpp>

namespace agent::parcel {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string refusal(const std::string& url) {
  try {
    source_from(url);
    return "";
  } catch (const Error& error) {
    return error.message();
  }
}

TEST(AnAddressToPullFrom, IsOfAServerOrOfAFileInARepository) {
  EXPECT_EQ(source_from("https://host/a/play.bundle").address, "https://host/a/play.bundle");
  const Source plain = source_from("git+https://host/site.git#out/play.bundle");
  EXPECT_TRUE(plain.is_git);
  EXPECT_EQ(plain.address, "https://host/site.git");
  EXPECT_EQ(plain.revision, "HEAD");
  EXPECT_EQ(plain.path, "out/play.bundle");
  EXPECT_EQ(source_from("git+ssh://git@host/site.git#p").address, "ssh://git@host/site.git");
  EXPECT_EQ(source_from("git+ssh://git@host/site.git@stable#p").revision, "stable");
  EXPECT_EQ(source_from("git+file:///srv/site.git#p").address, "file:///srv/site.git");
}

TEST(AnAddressToPullFrom, IsNothingElse) {
  for (const char* url : {"ftp://host/x", "file:///etc/passwd", "play.bundle", "", "git+ext::sh -c id#x", "ext::sh#x",
                          "--upload-pack=id", "git+--upload-pack=id#x"})
    EXPECT_THAT(refusal(url), HasSubstr("is no address to pull from")) << url;
  EXPECT_THAT(refusal("git+https://host/x"), HasSubstr("which file"));
  EXPECT_THAT(refusal("git+https://host/x#../y"), HasSubstr("is no path"));
  EXPECT_THAT(refusal("git+https://host/x#/y"), HasSubstr("is no path"));
  EXPECT_THAT(refusal("git+https://host/x#-y"), HasSubstr("is no path"));
  EXPECT_THAT(refusal("git+https://host/x@--y#p"), HasSubstr("is no name of a branch"));
  EXPECT_THAT(refusal("git+ssh://-oProxyCommand=id/x#p"), HasSubstr("names no host"));
  EXPECT_THAT(refusal("https:///x"), HasSubstr("names no host"));
  EXPECT_THAT(refusal("https://host/a b"), HasSubstr("a blank"));
  EXPECT_THAT(refusal("https://host/a\nb"), HasSubstr("a blank"));
  EXPECT_THAT(refusal("https://me:secret@host/x"), HasSubstr("holds a password"));
  EXPECT_THAT(refusal("https://me:secret@host/x"), Not(HasSubstr("secret@")));
}

struct ARepository : testing::Test {
  ARepository() { git("init --quiet --initial-branch=main ."); }
  void commit(const std::string& content) {
    repository.put("play.bundle", content);
    git("add -A && git -c user.name=t -c user.email=t@t commit --quiet -m x");
  }
  void git(const std::string& words) const {
    ASSERT_EQ(std::system(("cd " + repository.path().string() + " && git " + words).c_str()), 0);
  }
  Fetched fetched(const std::string& tag = "") const {
    return fetch(source_from("git+file://" + repository.path().string() + "@main#play.bundle"), folder.path(), tag);
  }
  test::TemporaryDirectory repository, folder;
};

TEST_F(ARepository, HandsOutTheFileOfItsNewestCommit) {
  if (!find_program("git", own_environment())) GTEST_SKIP() << "there is no git";
  commit("one");
  const Fetched first = fetched();
  ASSERT_TRUE(first.file);
  EXPECT_EQ(test::content_of(*first.file), "one");
  EXPECT_FALSE(fetched(first.tag).file) << "nothing is new";
  commit("two");
  const Fetched second = fetched(first.tag);
  ASSERT_TRUE(second.file);
  EXPECT_EQ(test::content_of(*second.file), "two");
  git("rm --quiet play.bundle && git -c user.name=t -c user.email=t@t commit --quiet -m y");
  EXPECT_THROW(fetched(second.tag), Error);
}

TEST(WhatWasPulled, IsRememberedForOneAddress) {
  const test::TemporaryDirectory state;
  const Pulled pulled(state.path(), "https://host/a");
  EXPECT_EQ(pulled.memory().number, 0);
  pulled.remember({"https://host/a", "\"tag\"", "sum", 7, 2});
  EXPECT_EQ(Pulled(state.path(), "https://host/b").memory().number, 0);
  const Memory memory = Pulled(state.path(), "https://host/a").memory();
  EXPECT_EQ(memory.number, 7);
  EXPECT_EQ(memory.tag, "\"tag\"");
  EXPECT_EQ(memory.ended, 2);
}

TEST(WhatWasPulled, IsNotForgottenBecauseItsFileIsBroken) {
  const test::TemporaryDirectory state;
  const Pulled pulled(state.path(), "u");
  pulled.remember({"u", "t", "s", 7, {}});
  std::ofstream(pulled.folder() / "state.json") << "{";
  EXPECT_THROW(pulled.memory(), Error) << "an older file would be taken otherwise";
}

TEST(WhatWasPulled, IsOnePullsAtATime) {
  const test::TemporaryDirectory state;
  Pulled first(state.path(), "u"), second(state.path(), "u"), other(state.path(), "v");
  EXPECT_TRUE(first.take());
  EXPECT_FALSE(second.take());
  EXPECT_TRUE(other.take());
}

}  // namespace
}  // namespace agent::parcel
