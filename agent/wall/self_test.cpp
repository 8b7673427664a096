#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <agent/wall/scratch.hpp>
#include <agent/wall/self_test.hpp>
#include <agent/wall/ways.hpp>

namespace agent::wall {

namespace {

constexpr int did_it = 1, no_wall = 2, held = 3;

// The child's answer is its exit code, and what it has to say goes through a pipe that was there before the wall.
[[noreturn]] void attempt(const Way& way, const Scene& scene, const Request& request, int line) {
  const auto say = [&](const std::string& text) {
    [[maybe_unused]] const auto sent = ::write(line, text.data(), text.size());
  };
  Request inside = request;
  inside.keep.push_back(line);
  try {
    build(inside);
  } catch (const Error& error) {
    say(error.message());
    ::_exit(no_wall);
  }
  errno = 0;
  if (way.does(scene)) ::_exit(did_it);
  say(std::strerror(errno));
  ::_exit(held);
}

std::string all_of(int fd) {
  std::string text;
  char piece[512];
  for (ssize_t got; (got = ::read(fd, piece, sizeof piece)) > 0;) text.append(piece, static_cast<std::size_t>(got));
  return text;
}

Attempt outcome_of(const Way& way, const Scene& scene, const Request& request) {
  int line[2];
  if (::pipe2(line, O_CLOEXEC) != 0) throw Error("the self-test has no pipe");
  const pid_t child = ::fork();
  if (child == 0) attempt(way, scene, request, line[1]);
  ::close(line[1]);
  const std::string said = all_of(line[0]);
  ::close(line[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == no_wall) throw Error(said);
  if (WIFSIGNALED(status)) return {way.name, true, "killed by signal " + std::to_string(WTERMSIG(status))};
  return {way.name, WEXITSTATUS(status) == held, said};
}

}  // namespace

// What kind of wall it is can only be told from inside.
Wall probe(const Request& request) {
  int line[2];
  if (::pipe2(line, O_CLOEXEC) != 0) throw Error("the self-test has no pipe");
  const pid_t child = ::fork();
  if (child == 0) {
    Request inside = request;
    inside.keep.push_back(line[1]);
    std::string text;
    try {
      const Wall built = build(inside);
      text = std::string(name_of(built.tier)) + "\n" + built.scratch.string() + "\n";
      for (const std::string& gap : built.gaps) text += gap + "\n";
    } catch (const Error& error) {
      text = "!" + error.message();
    }
    [[maybe_unused]] const auto sent = ::write(line[1], text.data(), text.size());
    ::_exit(0);
  }
  ::close(line[1]);
  const std::string said = all_of(line[0]);
  ::close(line[0]);
  ::waitpid(child, nullptr, 0);
  if (said.starts_with('!')) throw Error(said.substr(1));
  Wall wall;
  Strings lines;
  for (std::size_t at = 0, end; (end = said.find('\n', at)) != std::string::npos; at = end + 1)
    lines.push_back(said.substr(at, end - at));
  if (lines.size() < 2) throw Error("the wall fell while it was built");
  wall.tier = tier_named(lines[0]).value_or(Tier::none);
  wall.scratch = lines[1];
  wall.gaps.assign(lines.begin() + 2, lines.end());
  return wall;
}

std::chrono::microseconds time_to_build(const Request& request) {
  using Clock = std::chrono::steady_clock;
  Request inside = request;
  const Scratch scratch;
  inside.scratch = scratch.path();
  inside.watch = true;
  std::vector<long> times;
  for (int i = 0; i < 15; ++i) {
    int line[2];
    if (::pipe2(line, O_CLOEXEC) != 0) throw Error("the self-test has no pipe");
    const pid_t child = ::fork();
    if (child == 0) {
      inside.keep.push_back(line[1]);
      const auto start = Clock::now();
      try {
        build(inside);
      } catch (const Error&) {
        ::_exit(no_wall);
      }
      const auto taken = std::to_string((Clock::now() - start) / std::chrono::microseconds(1));
      [[maybe_unused]] const auto sent = ::write(line[1], taken.data(), taken.size());
      ::_exit(held);
    }
    ::close(line[1]);
    const std::string said = all_of(line[0]);
    ::close(line[0]);
    ::waitpid(child, nullptr, 0);
    if (said.empty()) throw Error("the wall cannot be built here");
    times.push_back(std::stol(said));
  }
  std::nth_element(times.begin(), times.begin() + 7, times.end());
  return std::chrono::microseconds(times[7]);
}

bool SelfTest::holds() const {
  return std::all_of(attempts.begin(), attempts.end(), [](const Attempt& attempt) { return attempt.blocked; });
}

SelfTest self_test(const Request& request, const Path& playground, bool watched) {
  const Scratch scratch;
  Request inside = request;
  inside.scratch = scratch.path();
  inside.watch = watched;
  SelfTest test{probe(inside), {}};
  for (const Way& way : all_ways()) {
    const Scene scene(playground);
    test.attempts.push_back(outcome_of(way, scene, inside));
  }
  return test;
}

}  // namespace agent::wall
