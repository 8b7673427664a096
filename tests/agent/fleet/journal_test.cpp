#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <agent/fleet/journal.hpp>
#include <agent/sdk/error.hpp>

namespace agent::fleet {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using Durable = Journal::Durable;

const std::string key(Seal::key_size, 'k'), run = "20261121-125012-4f2a91";

class TheJournal : public testing::Test {
 protected:
  TheJournal() : folder_(fs::path(testing::TempDir()) / ("journal-" + std::to_string(::getpid()))) {
    fs::remove_all(folder_);
    fs::create_directories(folder_.parent_path());
  }
  ~TheJournal() override { fs::remove_all(folder_); }

  void write(const List& records) const {
    Journal journal(folder_, run, key);
    for (const auto& record : records) EXPECT_TRUE(journal.add(record, Durable::no));
  }
  std::string content() const {
    std::ifstream file(folder_ / run, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void put(const std::string& content) const { std::ofstream(folder_ / run, std::ios::binary) << content; }

  fs::path folder_;
};

TEST_F(TheJournal, TellsWhatWasWrittenAndGoesOnBehindIt) {
  write({Map{{"start", "a"}}, Map{{"end", "a"}}});
  {
    Journal again(folder_, run, key);
    EXPECT_THAT(again.take_records(), ElementsAre(Value(Map{{"start", "a"}}), Value(Map{{"end", "a"}})));
    EXPECT_EQ(again.damage(), "");
    EXPECT_TRUE(again.add(Map{{"start", "b"}}, Durable::yes));
  }
  EXPECT_EQ(Journal(folder_, run, key).take_records().size(), 3u);
}

TEST_F(TheJournal, IsForItsOwnerAloneAndHidesWhatItSays) {
  write({Map{{"reply", "hunter2"}}});
  struct stat info {};
  ASSERT_EQ(::stat((folder_ / run).c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  ASSERT_EQ(::stat(folder_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
  EXPECT_THAT(content(), Not(HasSubstr("hunter2")));
  EXPECT_THAT(content(), Not(HasSubstr("reply")));
}

TEST_F(TheJournal, EndsWithTheLastWholeRecordWhereverItWasCutOff) {
  write({Map{{"n", 1}}, Map{{"n", 2}}});
  const std::string whole = content();
  write({Map{{"n", 3}}});
  const std::string longer = content();
  for (std::size_t size = whole.size(); size < longer.size(); ++size) {
    put(longer.substr(0, size));
    Journal cut(folder_, run, key);
    EXPECT_THAT(cut.take_records(), ElementsAre(Value(Map{{"n", 1}}), Value(Map{{"n", 2}}))) << size;
    EXPECT_EQ(cut.damage(), "") << size;
    EXPECT_EQ(content(), whole) << size;
  }
}

TEST_F(TheJournal, BelievesNothingBehindADamagedRecordAndSaysSo) {
  write({Map{{"n", 1}}, Map{{"n", 2}}, Map{{"n", 3}}});
  const std::string whole = content();
  const std::size_t record = (whole.size() - 16) / 3;
  // Every byte of the second: its length, its nonce, its body, its seal.
  for (std::size_t at = 16 + record; at < 16 + 2 * record; ++at) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    put(damaged);
    Journal journal(folder_, run, key);
    EXPECT_THAT(journal.take_records(), ElementsAre(Value(Map{{"n", 1}}))) << at;
    EXPECT_THAT(journal.damage(), HasSubstr("record 2 of the journal of run " + run + " is damaged")) << at;
  }
}

TEST_F(TheJournal, KnowsRecordsThatWereMoved) {
  write({Map{{"n", 1}}, Map{{"n", 2}}, Map{{"n", 3}}});
  const std::string whole = content();
  const std::size_t record = (whole.size() - 16) / 3;
  put(whole.substr(0, 16 + record) + whole.substr(16 + 2 * record) + whole.substr(16 + record, record));
  Journal journal(folder_, run, key);
  EXPECT_EQ(journal.take_records().size(), 1u);
  EXPECT_THAT(journal.damage(), HasSubstr("record 2"));
}

TEST_F(TheJournal, OpensWithItsOwnKeyAlone) {
  write({Map{{"n", 1}}});
  const std::string before = content();
  EXPECT_THROW(Journal(folder_, run, std::string(Seal::key_size, 'x')), Error);
  EXPECT_EQ(content(), before);
}

TEST_F(TheJournal, TakesNoNameThatLeadsAwayAndFollowsNoLink) {
  for (const char* name : {"", "..", "../lock", "a/b", "-x", "A"}) EXPECT_THROW(Journal(folder_, name, key), Error);
  fs::create_directories(folder_);
  fs::create_symlink("/etc/hostname", folder_ / run);
  EXPECT_THROW(Journal(folder_, run, key), Error);
}

TEST_F(TheJournal, IsOfferedUntilItWasCollectedAndCanBeTakenUpAgain) {
  write({Map{{"n", 1}}});
  EXPECT_THAT(Journal::uncollected(folder_), ElementsAre(run));
  Journal(folder_, run, key).set_collected();
  EXPECT_THAT(Journal::uncollected(folder_), IsEmpty());
  EXPECT_TRUE(Journal::is_there(folder_, run));
  EXPECT_EQ(Journal(folder_, run, key).take_records().size(), 1u);
}

TEST_F(TheJournal, RemovesTheOldestButNeverTheNewest) {
  fs::create_directories(folder_);
  for (int i = 0; i < 5; ++i) {
    const fs::path file = folder_ / ("run-" + std::to_string(i));
    std::ofstream(file) << std::string(100, 'x');
    fs::last_write_time(file, fs::file_time_type::clock::now() - std::chrono::hours(10 - i));
  }
  Journal::remove_old(folder_, 3, 1000);
  EXPECT_THAT(Journal::uncollected(folder_), ElementsAre("run-2", "run-3", "run-4"));
  Journal::remove_old(folder_, 3, 250);
  EXPECT_THAT(Journal::uncollected(folder_), ElementsAre("run-3", "run-4"));
  Journal::remove_old(folder_, 3, 10);
  EXPECT_THAT(Journal::uncollected(folder_), ElementsAre("run-4"));
}

TEST_F(TheJournal, SaysOnceThatItCannotBeWritten) {
  Journal journal(folder_, run, key);
  // More than a journal may hold stands for a disk that is full: both end the writing.
  const Value large = Map{{"x", std::string(40u << 20, 'x')}};
  EXPECT_TRUE(journal.add(large, Durable::no));
  EXPECT_FALSE(journal.add(large, Durable::no));
  EXPECT_TRUE(journal.add(Map{{"n", 1}}, Durable::no));
  EXPECT_EQ(Journal(folder_, run, key).take_records().size(), 1u);
}

}  // namespace
}  // namespace agent::fleet
