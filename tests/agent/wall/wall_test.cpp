// The wall of check mode, tried from inside: each test builds it in a process of its own.
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <agent/host/source_address.hpp>
#include <agent/host/users.hpp>
#include <agent/wall/scratch.hpp>
#include <agent/wall/self_test.hpp>

namespace agent::wall {
namespace {

using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// True when `asks` says so behind the wall.
bool behind(Request request, const std::function<bool(const Wall&)>& asks) {
  const Scratch scratch;
  request.scratch = scratch.path();
  const pid_t child = ::fork();
  if (child == 0) {
    try {
      ::_exit(asks(build(request)) ? 1 : 2);
    } catch (const Error&) {
      ::_exit(3);
    }
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 1;
}

Strings what_got_through(const SelfTest& test) {
  Strings names;
  for (const auto& attempt : test.attempts)
    if (!attempt.blocked) names.push_back(attempt.name);
  return names;
}

bool runs(const char* command) {
  return std::system(command) == 0;
}

/// Root's wall; a machine that cannot build it says so.
class TheFullWall : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can build it";
    try {
      probe({});
    } catch (const Error& error) {
      GTEST_SKIP() << "it cannot be built here: " << error.message();
    }
  }
};

TEST_F(TheFullWall, BlocksEveryKnownWayToChangeTheMachine) {
  const SelfTest test = self_test({});
  EXPECT_EQ(test.wall.tier, Tier::full);
  EXPECT_GE(test.attempts.size(), 46u);
  EXPECT_THAT(what_got_through(test), IsEmpty());
}

TEST_F(TheFullWall, BlocksTheSameWhereNobodyIsToldOfIt) {
  EXPECT_THAT(what_got_through(self_test({}, "/var/tmp", false)), IsEmpty());
}

/// What is told of `does`, done behind a wall that is watched; "?" where this kernel tells nobody.
Strings told_of(Request request, const std::function<void(const Wall&)>& does) {
  request.watch = true;
  Strings told;
  char name[] = "/tmp/agent-wall-told-XXXXXX";
  const int fd = ::mkstemp(name);
  request.keep.push_back(fd);
  behind(request, [&](const Wall& wall) {
    std::string text = wall.watch ? "" : "?\n";
    does(wall);
    if (wall.watch)
      for (const Refusal& refusal : wall.watch->take())
        text += std::string(refusal.counts ? "counts " : "") + (refusal.own ? "own " : "") +
                (refusal.network ? "network " : "") + text_of(refusal) + "\n";
    return ::write(fd, text.data(), text.size()) >= 0;
  });
  std::ifstream file(name);
  for (std::string line; std::getline(file, line);) told.push_back(line);
  ::close(fd);
  ::unlink(name);
  return told;
}

TEST_F(TheFullWall, NamesWhatItRefused) {
  const auto told = told_of({}, [](const Wall&) {
    runs("touch /etc/agent-wall-new; chmod 600 /etc/passwd");
    (void)::open("/etc/passwd", O_RDWR);
    (void)::unlink("/etc/passwd");
  });
  if (told == Strings{"?"}) GTEST_SKIP() << "this kernel does not tell";
  EXPECT_THAT(told, ElementsAre("counts openat '/etc/agent-wall-new'", "counts fchmodat '/etc/passwd'",
                                "counts own openat '/etc/passwd'", "counts own unlink '/etc/passwd'"));
}

TEST_F(TheFullWall, TellsNothingOfWhatAnyProgramMayDo) {
  EXPECT_THAT(told_of({},
                      [](const Wall& wall) {
                        ::setenv("TMPDIR", wall.scratch.c_str(), 1);
                        runs(
                            "t=$(mktemp) && echo x >$t && chmod 600 $t && mv $t $t.b && rm $t.b; echo x >/dev/null; "
                            "rm -f /etc/nothing-there; mkdir -p /etc; cat /nothing/there; getent passwd nobody >&2");
                      }),
              AnyOf(IsEmpty(), ElementsAre("?")));
}

/// A directory of the test's own, with "old" in its file "changed".
class Ground {
 public:
  Ground() {
    char name[] = "/var/tmp/agent-wall-ground-XXXXXX";
    path_ = ::mkdtemp(name);
    std::ofstream(path_ / "changed") << "old";
    std::ofstream(path_ / "removed") << "old";
    std::filesystem::create_directory(path_ / "kept");
    std::ofstream(path_ / "kept" / "file") << "old";
  }
  ~Ground() { std::filesystem::remove_all(path_); }
  Path at(const char* name) const { return path_ / name; }

 private:
  Path path_;
};

TEST_F(TheFullWall, TellsOfADatabaseOnlyWhatItsReadersNeed) {
  const Ground ground;
  std::ofstream(ground.at("db-shm")) << "old";
  const auto told = told_of({}, [&](const Wall&) {
    (void)::open(ground.at("db-shm").c_str(), O_RDWR);
    (void)::open(ground.at("db-wal").c_str(), O_RDWR | O_CREAT, 0600);
  });
  if (told == Strings{"?"}) GTEST_SKIP() << "this kernel does not tell";
  EXPECT_THAT(told, ElementsAre("own openat '" + ground.at("db-wal").string() + "'"));
}

PredictedFile predicted(const Path& path, const char* content, unsigned mode = 0644) {
  FileInfo info;
  info.mode = mode;
  return {.path = path, .info = info, .content = content};
}

PredictedFile predicted_directory(const Path& path) {
  FileInfo info;
  info.type = FileInfo::Type::directory;
  info.mode = 0750;
  return {.path = path, .info = info, .hides_base = true};
}

TEST_F(TheFullWall, ShowsPredictedFilesToWhomeverIsBehindIt) {
  const Ground ground;
  Request request;
  request.lay = {predicted(ground.at("changed"), "new", 0600),
                 predicted(ground.at("kept/more"), "new"),
                 predicted_directory(ground.at("made")),
                 predicted(ground.at("made/file"), "new"),
                 {.path = ground.at("removed"), .there = false}};
  if (behind(request, [](const Wall& wall) { return !wall.laid; })) GTEST_SKIP() << "no overlays here";
  const std::string at = ground.at("").string();
  EXPECT_TRUE(behind(request, [&](const Wall&) {
    return runs(("cd " + at +
                 " && test \"$(cat changed kept/file kept/more made/file)\" = newoldnewnew && "
                 "test ! -e removed && test \"$(stat -c %a changed made)\" = \"$(printf '600\\n750')\" && "
                 "! touch kept/written 2>/dev/null && ! rm changed 2>/dev/null")
                    .c_str());
  }));
  EXPECT_TRUE(runs(("cd " + at +
                    " && test \"$(cat changed removed kept/file)\" = oldoldold && "
                    "test \"$(ls | tr '\\n' ' ')\" = 'changed kept removed '")
                       .c_str()));
}

TEST_F(TheFullWall, SaysWhatItCannotShow) {
  const Ground ground;
  Request request;
  request.lay = {{.path = ground.at("unknown"), .known = false}};
  EXPECT_FALSE(behind(request, [](const Wall& wall) { return wall.laid; }));
  request.lay = {predicted("/agent-wall-at-the-top", "new")};  // mounts lie below
  EXPECT_FALSE(behind(request, [](const Wall& wall) { return wall.laid; }));
}

TEST_F(TheFullWall, LetsRootsCheckReadWhatOnlyRootMayRead) {
  EXPECT_TRUE(behind({}, [](const Wall&) { return ::open("/etc/shadow", O_RDONLY) >= 0; }));
}

TEST_F(TheFullWall, LetsCommandsReadWhatOnlyRootMayRead) {
  EXPECT_TRUE(behind({}, [](const Wall&) { return runs("cat /etc/shadow >/dev/null"); }));
}

TEST_F(TheFullWall, LetsCommandsWriteToTheirScratch) {
  EXPECT_TRUE(behind({}, [](const Wall& wall) {
    for (const auto& [name, value] : wall.environment()) ::setenv(name.c_str(), value.c_str(), 1);
    return runs("echo text > \"$(mktemp)\"");
  }));
}

TEST_F(TheFullWall, LeavesNothingOfTheScratch) {
  EXPECT_TRUE(behind({}, [](const Wall& wall) { return std::ofstream(wall.scratch / "left").put('x').good(); }));
  EXPECT_TRUE(behind({}, [](const Wall& wall) { return ::access((wall.scratch / "left").c_str(), F_OK) != 0; }));
}

TEST_F(TheFullWall, GivesAUsersCheckNoMoreThanTheUserMayRead) {
  const auto nobody = find_user("nobody");
  ASSERT_TRUE(nobody);
  EXPECT_TRUE(behind({.user = nobody}, [&](const Wall&) {
    return ::getuid() == nobody->uid && ::open("/etc/shadow", O_RDONLY) < 0 && errno == EACCES;
  }));
}

TEST_F(TheFullWall, HoldsAlsoForAUsersCheck) {
  const auto nobody = find_user("nobody");
  ASSERT_TRUE(nobody);
  EXPECT_THAT(what_got_through(self_test({.user = nobody})), IsEmpty());
}

/// Connects to somebody who listens on this machine, for as long as it is.
class Server {
 public:
  Server() {
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address_;
    EXPECT_EQ(::bind(fd_, reinterpret_cast<sockaddr*>(&address_), size), 0);
    ::listen(fd_, 4);
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address_), &size);
  }
  ~Server() { ::close(fd_); }
  bool is_reached() const {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return fd >= 0 && ::connect(fd, reinterpret_cast<const sockaddr*>(&address_), sizeof address_) == 0;
  }
  std::string name() const { return "127.0.0.1:" + std::to_string(ntohs(address_.sin_port)); }

 private:
  int fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address_{};
};

TEST_F(TheFullWall, ReachesNobodyOnTheNetworkUnlessTheTaskReadsFromIt) {
  const Server server;
  EXPECT_FALSE(behind({}, [&](const Wall&) { return server.is_reached(); }));
  EXPECT_FALSE(behind({.watch = true}, [&](const Wall&) { return server.is_reached(); }));
  EXPECT_TRUE(behind({.network = true}, [&](const Wall&) { return server.is_reached(); }));
  EXPECT_TRUE(behind({.network = true, .watch = true}, [&](const Wall&) { return server.is_reached(); }));
}

TEST_F(TheFullWall, NamesWhomOnTheNetworkItDidNotReach) {
  const Server server;
  const auto told = told_of({}, [&](const Wall&) { server.is_reached(); });
  if (told == Strings{"?"}) GTEST_SKIP() << "this kernel does not tell";
  EXPECT_THAT(told, ElementsAre("counts own network connect '" + server.name() + "'"));
}

TEST_F(TheFullWall, ShowsTheMachinesOwnNetwork) {
  const auto seen = [] {
    std::string all = source_address_towards(AF_INET, "127.0.0.1") + "|";
    for (const char* file : {"/proc/net/dev", "/proc/net/route", "/proc/sys/net/ipv4/ip_forward"}) {
      std::ifstream in(file);
      for (std::string line; std::getline(in, line);) all += line.substr(0, line.find(':')) + "|";  // no counters
    }
    return all;
  };
  EXPECT_TRUE(seen().starts_with("127.0.0.1|"));
  // What others do to this machine's network meanwhile is no fault of the wall.
  bool same = false;
  for (int attempt = 0; attempt < 5 && !same; ++attempt)
    same = behind({}, [&, before = seen()](const Wall&) { return seen() == before; });
  EXPECT_TRUE(same);
}

TEST_F(TheFullWall, NamesWhatOnlyRootMayAskTheKernel) {
  const auto told = told_of({}, [](const Wall&) {
    (void)::socket(AF_NETLINK, SOCK_RAW, 12 /* NETLINK_NETFILTER */);
    (void)::socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
  });
  if (told == Strings{"?"}) GTEST_SKIP() << "this kernel does not tell";
  EXPECT_THAT(told, ElementsAre("counts own socket 'of the firewall'", "counts own socket 'a raw one'"));
}

TEST_F(TheFullWall, ClosesDescriptorsThatWereOpenForWriting) {
  char name[] = "/tmp/agent-wall-test-XXXXXX";
  const int fd = ::mkstemp(name);
  EXPECT_TRUE(behind({}, [&](const Wall&) { return ::write(fd, "x", 1) < 0 && errno == EBADF; }));
  ::close(fd);
  ::unlink(name);
}

/// What self_test says to a user who is not root: "tier|name,name" of what got through, or "!reason".
std::string said_to_a_user() {
  int line[2];
  if (::pipe2(line, O_CLOEXEC) != 0) return "!no pipe";
  const pid_t child = ::fork();
  if (child == 0) {
    std::string text;
    try {
      if (::geteuid() == 0 && (::setgroups(0, nullptr) != 0 || ::setgid(65534) != 0 || ::setuid(65534) != 0))
        throw Error("root cannot become nobody");
      const SelfTest test = self_test({});
      text = std::string(name_of(test.wall.tier)) + "|";
      for (const auto& name : what_got_through(test)) text += name + ",";
    } catch (const Error& error) {
      text = "!" + error.message();
    }
    [[maybe_unused]] const auto sent = ::write(line[1], text.data(), text.size());
    ::_exit(0);
  }
  ::close(line[1]);
  std::string text;
  char piece[512];
  for (ssize_t got; (got = ::read(line[0], piece, sizeof piece)) > 0;)
    text.append(piece, static_cast<std::size_t>(got));
  ::close(line[0]);
  ::waitpid(child, nullptr, 0);
  return text;
}

TEST(TheWallOfAnyUser, BlocksEveryKnownWayToChangeTheMachine) {
  const std::string said = said_to_a_user();
  if (said.starts_with('!')) GTEST_SKIP() << "it cannot be built here: " << said.substr(1);
  EXPECT_EQ(said, "landlock|");
}

TEST(AWallThatIsGoodEnough, IsNamedAsPeopleNameIt) {
  for (const Tier tier : {Tier::none, Tier::landlock, Tier::full}) EXPECT_EQ(tier_named(name_of(tier)), tier);
  EXPECT_FALSE(tier_named("high"));
}

}  // namespace
}  // namespace agent::wall
