#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <agent/report/board.hpp>

namespace agent::report {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using namespace std::chrono_literals;

class ABoard : public testing::Test {
 protected:
  void play(Strings hosts) { board_.hear(event::PlayStarted{"p", std::move(hosts), false, {}}, now_); }
  void comes_to(const std::string& host, const std::string& task) {
    board_.hear(event::Progress{host, task, "", -1}, now_);
  }
  void ends(const std::string& host, const std::string& task, Status how = Status::failed) {
    event::TaskResult result;
    result.host = host;
    result.task = task;
    result.status = how;
    board_.hear(result, now_);
  }
  std::vector<std::string> lines(std::size_t rows = 10, std::size_t columns = 79) const {
    std::vector<std::string> out;
    for (const auto& line : board_.lines(rows, columns, now_)) out.push_back(line.text);
    return out;
  }
  Board board_;
  Board::Time now_ = Board::Time() + 1h;
};

TEST_F(ABoard, SaysWhereEachHostIs) {
  play({"web", "database"});
  comes_to("web", "System packages");
  comes_to("database", "PyTorch");
  board_.hear(event::Progress{"database", "PyTorch", "downloading torch", 0.42}, now_);
  EXPECT_THAT(lines(), ElementsAre("0 of 2 hosts through, 2 at work", "  web       System packages",
                                   "  database  PyTorch: downloading torch 42%"));
}

TEST_F(ABoard, CountsThoseThatAreThroughAndThoseThatWait) {
  play({"a", "b", "c"});
  comes_to("a", "t");
  comes_to("b", "t");
  comes_to("b", "");
  EXPECT_THAT(lines(), ElementsAre("1 of 3 hosts through, 1 at work, 1 waiting", "  a  t"));
}

TEST_F(ABoard, ForgetsTheProgressOfATaskThatIsDone) {
  play({"a", "b"});
  board_.hear(event::Progress{"a", "t", "downloading torch", 0.99}, now_);
  comes_to("b", "t");
  ends("a", "t", Status::ok);
  EXPECT_THAT(lines(), ElementsAre("0 of 2 hosts through, 1 at work, 1 waiting", "  b  t"));
}

TEST_F(ABoard, HasFailuresFirst) {
  play({"a", "b", "c"});
  comes_to("a", "t");
  ends("b", "Driver");
  ends("c", "Gathering Facts", Status::unreachable);
  EXPECT_THAT(lines(), ElementsAre("0 of 3 hosts through, 1 failed, 1 unreachable, 1 at work", "  b  FAILED  Driver",
                                   "  c  UNREACHABLE  Gathering Facts", "  a  t"));
}

TEST_F(ABoard, LeavesRoomForThoseAtWorkHoweverManyFailed) {
  play({"a", "b", "c", "d", "e"});
  for (const char* host : {"a", "b", "c", "d"}) ends(host, "t");
  comes_to("e", "t");
  EXPECT_THAT(lines(4), SizeIs(3));
  EXPECT_THAT(lines(4).back(), HasSubstr("e  t"));
}

TEST_F(ABoard, ShowsWhoHasBeenLongestAtATaskFirstAndForHowLong) {
  play({"slow", "fast"});
  comes_to("slow", "t");
  now_ += 75s;
  comes_to("fast", "u");
  EXPECT_THAT(lines(), ElementsAre("0 of 2 hosts through, 2 at work", "  slow  t  (1 min 15 s)", "  fast  u"));
}

TEST_F(ABoard, IsNoneForOneHostOrWhenNobodyWorks) {
  play({"alone"});
  comes_to("alone", "t");
  EXPECT_THAT(lines(), IsEmpty());
  play({"a", "b"});
  EXPECT_THAT(lines(), IsEmpty());
}

TEST_F(ABoard, IsNotWiderThanTheTerminalAndShowsNoControlCharacters) {
  play({"a", "b"});
  comes_to("a", std::string("\x1b[2J") + std::string(200, 'x'));
  ASSERT_THAT(lines(10, 40), SizeIs(2));
  EXPECT_THAT(lines(10, 40)[1], SizeIs(40));
  EXPECT_EQ(lines(10, 40)[1].find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace agent::report
