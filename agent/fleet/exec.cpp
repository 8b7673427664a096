#include <cerrno>
#include <csignal>
#include <cstring>
#include <iostream>
#include <memory>
#include <optional>

#include <fcntl.h>
#include <unistd.h>

#include <agent/fleet/exec.hpp>
#include <agent/fleet/protocol.hpp>
#include <agent/host/users.hpp>
#include <agent/wall/scratch.hpp>
#include <agent/wall/self_test.hpp>
#include <agent/wall/wall.hpp>
#include <agent/wire/channel.hpp>
#include <agent/worker/pool.hpp>

namespace agent::fleet {
namespace {

class Exec {
 public:
  Exec(Channel line, const Tree& tree, const ModuleIndex& index) : line_(std::move(line)), tree_(tree), index_(index) {}

  void serve() {
    line_.send(
        Map{{"hello", Map{{"protocol", protocol::version}, {"user", current_user().name}, {"pid", ::getpid()}}}});
    while (const auto frame = line_.receive()) {
      const Value* number = frame->find("ask");
      if (!number || !number->is_integer()) continue;
      line_.send(answer(*number, *frame));
    }
  }

 private:
  Value answer(const Value& number, const Value& question) {
    try {
      return Map{{"answer", number}, {"with", carry_out(question["what"].string(), question["with"])}};
    } catch (const Error& error) {
      return Map{{"answer", number}, {"error", error.to_value()}};
    }
  }

  Value carry_out(const std::string& what, const Value& with) {
    if (what == protocol::begin) return begin(with);
    if (!pool_) throw Error("the agent was asked for '" + what + "' before the run began");
    if (what == protocol::task)
      return to_value(pool_->run(task_request_from(with),
                                 [this](const std::string& text, double fraction) { tell(text, fraction); }));
    if (what == protocol::facts)
      return pool_->facts(strings_from(with["subsets"]), protocol::identity_from(with["identity"]));
    if (what == protocol::reset) {
      pool_->reset();
      return Map{};
    }
    throw Error("the agent was asked for '" + what + "', which it does not know");
  }

  Value begin(const Value& with) {
    PoolOptions options;
    options.executable = tree_.executable;
    options.modules = tree_.modules;
    options.password = [this](const Identity& identity) { return ask_password(identity); };
    Map begun;
    if (const Value* least = with.find("wall")) {
      options.least_wall = wall::tier_named(least->string()).value_or(wall::Tier::full);
      const wall::Scratch scratch;
      const wall::Wall built = wall::probe({.least = *options.least_wall, .scratch = scratch.path()});
      begun = Map{{"wall", std::string(wall::name_of(built.tier))}, {"gaps", built.gaps}};
    }
    pool_ = make_worker_pool(index_, std::move(options));
    return begun;
  }

  // A controller that is gone is no reason to stop in the middle of a task: the answer will meet the closed line.
  void tell(const std::string& text, double fraction) {
    try {
      line_.send(Map{{"progress", Map{{"text", text}, {"fraction", fraction}}}});
    } catch (const Error&) {
    }
  }

  // The line is ours alone while a task runs, so what comes next is the answer.
  std::optional<std::string> ask_password(const Identity& identity) {
    line_.send(Map{{"password", protocol::value_of(identity)}});
    const auto frame = line_.receive();
    if (!frame) throw Error("the controller is gone");
    const Value* password = frame->find("password");
    return password && password->is_string() ? std::optional(password->string()) : std::nullopt;
  }

  Channel line_;
  const Tree& tree_;
  const ModuleIndex& index_;
  std::unique_ptr<TaskRunner> pool_;
};

// The line moves away from 0 and 1, so that nothing that is printed or read by anybody can get into it.
Channel take_line() {
  const int in = ::fcntl(0, F_DUPFD_CLOEXEC, 10), out = ::fcntl(1, F_DUPFD_CLOEXEC, 10);
  const int null = ::open("/dev/null", O_RDWR);
  if (in < 0 || out < 0 || null < 0)
    throw Error(std::string("the agent has no line to its controller: ") + std::strerror(errno));
  ::dup2(null, 0);
  ::dup2(2, 1);
  ::close(null);
  return Channel(in, out);
}

// A handler and not SIG_IGN, which the programs that modules start would inherit.
void on_lost_link(int) {}

}  // namespace

int serve(const Tree& tree, const ModuleIndex& index) {
  struct sigaction action {};
  action.sa_handler = on_lost_link;
  action.sa_flags = SA_RESTART;
  for (const int signal : {SIGPIPE, SIGHUP}) ::sigaction(signal, &action, nullptr);
  try {
    Exec(take_line(), tree, index).serve();
    return 0;
  } catch (const Error& error) {
    // The controller is gone in the middle of something: there is nobody to say more to.
    std::cerr << "agent exec: " << error.message() << "\n";
    return 1;
  }
}

}  // namespace agent::fleet
