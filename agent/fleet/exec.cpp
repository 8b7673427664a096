#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <deque>
#include <iostream>
#include <memory>
#include <optional>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <agent/fleet/dialogue.hpp>
#include <agent/fleet/exec.hpp>
#include <agent/fleet/hand_over.hpp>
#include <agent/fleet/journalled_runner.hpp>
#include <agent/fleet/left_journals.hpp>
#include <agent/fleet/meeting.hpp>
#include <agent/fleet/orphans.hpp>
#include <agent/fleet/outliving.hpp>
#include <agent/fleet/protocol.hpp>
#include <agent/fleet/rebooting.hpp>
#include <agent/fleet/run_lock.hpp>
#include <agent/fleet/walker.hpp>
#include <agent/host/users.hpp>
#include <agent/sdk/codec.hpp>
#include <agent/wall/scratch.hpp>
#include <agent/wall/self_test.hpp>
#include <agent/wall/wall.hpp>
#include <agent/worker/pool.hpp>

namespace agent::fleet {
namespace {

/// What a run may have to say and cannot; it waits then.
constexpr std::size_t most_waiting = 64u << 20;

/// One run: questions of the controller come in on the line's thread, and are carried out one after the other on the
/// main one.
class Exec {
 public:
  Exec(Fd in, Fd out, const std::string& key, const Tree& tree, const ModuleIndex& index, Child worker)
      : in_(std::move(in)), out_(std::move(out)), tree_(tree), index_(index), worker_(std::move(worker)) {
    try {
      point_ = std::make_unique<MeetingPoint>(key);
    } catch (const Error& error) {
      std::cerr << "agent exec: " << error.message() << "\n";
    }
    Line::Limits limits;
    limits.waiting = most_waiting;
    dialogue_ = std::make_unique<Dialogue>(
        ends(),
        Dialogue::Ears{[this](std::int64_t number, const std::string& what, const Value& with) {
                         const std::lock_guard lock(mutex_);
                         questions_.push_back({number, what, with});
                         moved_.notify_all();
                       },
                       [this](const std::string& what, const Value&) { hear(what); },
                       [this](const std::string&) { return meet_again(); },
                       [this](const std::string&) { lose_controller(); },
                       [this](const std::string& what) { lack(what); }},
        limits);
  }

  void serve() {
    dialogue_->tell(protocol::hello, Map{{"protocol", protocol::version},
                                         {"user", current_user().name},
                                         {"pid", ::getpid()},
                                         {"boot", boot_mark()}});
    for (;;) {
      std::unique_lock lock(mutex_);
      moved_.wait(lock, [&] { return is_ending_ || !questions_.empty(); });
      if (is_ending_) break;
      const Question question = std::move(questions_.front());
      questions_.pop_front();
      is_idle_ = false;
      lock.unlock();
      try {
        dialogue_->answer(question.number, carry_out(question.what, question.with));
      } catch (const Error& error) {
        dialogue_->fail(question.number, error);
      } catch (const std::exception& error) {
        dialogue_->fail(question.number, Error(error.what()));
      }
      is_idle_ = true;
    }
    if (runner_ && has_said_bye_) runner_->set_collected();
    hand_over_.reset();
    walker_.reset();
    runner_.reset();
    dialogue_.reset();
  }

 private:
  struct Question {
    std::int64_t number;
    std::string what;
    Value with;
  };

  // ---- the connection, and the next one; by the line's thread ----

  Line::Ends ends() {
    Line::Ends out{in_.get(), out_.get()};
    if (!point_) return out;
    out.aside = point_->ear();
    out.on_aside = [this] {
      next_ = point_->take();
      return next_ ? Line::Aside::renew : Line::Aside::more;
    };
    return out;
  }

  // The play goes on meanwhile. A controller that does not come back has died, or lost its way: the run ends then.
  std::optional<Line::Ends> meet_again() {
    const auto until = std::chrono::steady_clock::now() + patience_.load();
    while (!next_ && point_ && !is_ending_) {
      // Whoever stopped the run and is gone does not come back: the machine is free for the next one.
      if (interrupted_ && is_idle_) return std::nullopt;
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
      if (left <= 0) return std::nullopt;
      pollfd ear{point_->ear(), POLLIN, 0};
      if (::poll(&ear, 1, static_cast<int>(std::min<std::int64_t>(left, 200))) > 0) next_ = point_->take();
    }
    if (!next_) return std::nullopt;
    in_ = std::move(next_->in);
    out_ = std::move(next_->out);
    visitor_ = std::move(next_->visitor);
    next_.reset();
    return ends();
  }

  void end() {
    const std::lock_guard lock(mutex_);
    is_ending_ = interrupted_ = true;
    moved_.notify_all();
  }

  // For good. What is journalled can be collected: the play at hand is walked to its end, and nothing after that.
  void lose_controller() {
    if (!is_journalled_) return end();
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
    moved_.notify_all();
  }

  // By whoever asks a controller that is gone: the walk ends here, before anything is made of there being no answer.
  void lack(const std::string& what) {
    interrupted_ = true;
    if (runner_) runner_->note(Map{{"lacked", what}});
  }

  void hear(const std::string& what) {
    if (what == protocol::interrupt) interrupted_ = true;
    if (what != protocol::bye) return;
    has_said_bye_ = true;
    end();
  }

  // Said before it is done: there may be no time afterwards.
  void go_down(std::chrono::seconds within) {
    dialogue_->tell(protocol::rebooting, Map{{"within", within.count()}});
    dialogue_->flush(std::chrono::seconds(2));
  }

  void remark(const std::string& text) { dialogue_->tell(protocol::remark, Map{{"text", text}}); }

  // ---- work ----

  Value carry_out(const std::string& what, const Value& whole) {
    if (const Value* begin = whole.find("begin")) this->begin(*begin);
    if (!runner_) throw Error("the agent was asked for '" + what + "' before the run began");
    const Value& with = whole["of"];
    if (what == protocol::walk) {
      if (!walker_) walker_ = std::make_unique<Walker>(host_, index_, *runner_, *dialogue_, interrupted_);
      return walker_->walk(with);
    }
    if (what == protocol::task)
      return to_value(runner_->run(task_request_from(with), [this](const std::string& text, double fraction) {
        dialogue_->tell(protocol::progress, Map{{"text", text}, {"fraction", fraction}}, Line::Haste::soon);
      }));
    if (what == protocol::facts)
      return runner_->facts(strings_from(with["subsets"]), protocol::identity_from(with["identity"]));
    if (what == protocol::collected)
      return collected(Journal::folder_beside(tree_.executable), with["run"].string(), from_hex(with["key"].string()));
    if (what == protocol::reset) {
      runner_->reset();
      return Map{};
    }
    throw Error("the agent was asked for '" + what + "', which it does not know");
  }

  void begin(const Value& with) {
    try {
      host_ = with["host"].string();
      patience_ = std::chrono::seconds(with["patience"].integer());
      PoolOptions options;
      options.executable = tree_.executable;
      options.modules = tree_.modules;
      options.modules_are_known = tree_.is_as_sent;
      options.password = [this](const Identity& identity) { return ask_password(identity); };
      if (const Value* least = with.find("wall")) {
        options.least_wall = wall::tier_named(least->string()).value_or(wall::Tier::full);
        const wall::Scratch scratch;
        const wall::Wall built = wall::probe({.least = *options.least_wall, .scratch = scratch.path()});
        dialogue_->tell(protocol::begun, Map{{"wall", std::string(wall::name_of(built.tier))}, {"gaps", built.gaps}});
      }
      // A check changes nothing, and leaves nothing, no lock and no journal either.
      std::unique_ptr<Journal> journal;
      auto beyond = JournalledRunner::Beyond::carry_out;
      if (!options.least_wall) {
        options.scope = outlive_login(with["run"].string(), [this](const std::string& text) { remark(text); });
        const Value* keeps = with.find("journal");
        const bool goes_on = keeps && (*keeps)["mode"] != Value(protocol::afresh);
        const bool went_on = goes_on && take_over((*keeps)["key"].string());
        wait_for_others(with["run"].string(), std::chrono::seconds(with["wait"].integer()));
        if (keeps)
          journal = open_journal(with["run"].string(), from_hex((*keeps)["key"].string()), (*keeps)["mode"].string());
        if (keeps && (*keeps)["mode"] == Value(protocol::collect) && !went_on)
          beyond = JournalledRunner::Beyond::refuse;
      }
      runner_ = std::make_unique<JournalledRunner>(
          make_worker_pool(index_, std::move(options), std::move(worker_)), std::move(journal), beyond,
          JournalledRunner::Ears{[this](const std::string& text) { remark(text); },
                                 [this](std::chrono::seconds within) { go_down(within); }});
    } catch (const Error& error) {
      if (error.argument() == protocol::busy) throw;
      throw Error(error).about(protocol::unusable);
    }
  }

  void wait_for_others(const std::string& run, std::chrono::seconds patience) {
    lock_ = std::make_unique<RunLock>(RunLock::beside(tree_.executable));
    const auto holder = lock_->take_within(
        patience, RunLock::holder(run), [this](const std::string& who) { dialogue_->tell(protocol::waiting, who); },
        [this] { return interrupted_.load(); });
    if (holder) throw Error(*holder + " works on it").about(protocol::busy);
  }

  // The agent of this run that lost its controller ends first, and so do the workers of one that was killed. True:
  // there was such an agent.
  bool take_over(const std::string& key) {
    const auto is_patient = [this] { return !interrupted_.load(); };
    const bool went_on = HandOver::ask(
        from_hex(key), [this] { remark("the run goes on there: it is taken over when the task at hand is done"); },
        is_patient);
    for (bool is_told = false; is_patient() && has_orphaned_worker(tree_.executable); is_told = true) {
      if (!is_told) remark("a task of the agent that was killed is still at work there: it is waited for");
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    return went_on;
  }

  std::unique_ptr<Journal> open_journal(const std::string& run, const std::string& key, const std::string& mode) {
    const bool goes_on = mode != protocol::afresh;
    const Path folder = Journal::folder_beside(tree_.executable);
    if (goes_on && !Journal::is_there(folder, run))
      remark("there is no journal of run " + run + " there: it begins anew");
    auto journal = std::make_unique<Journal>(folder, run, key);
    Journal::remove_old(folder);
    Strings left = Journal::uncollected(folder);
    std::erase(left, run);
    if (!left.empty()) dialogue_->tell(protocol::left, Map{{"runs", left}});
    // A run that has just begun has no past, though a connection of it before this one may have.
    if (!goes_on) journal->take_records();
    journal->add(Map{{"begun", run}, {"host", host_}, {"pid", ::getpid()}}, Journal::Durable::no);
    hand_over_ = std::make_unique<HandOver>(key, [this] { end(); });
    is_journalled_ = true;
    return journal;
  }

  std::optional<std::string> ask_password(const Identity& identity) {
    const Value password = dialogue_->ask(protocol::password, protocol::value_of(identity));
    return password.is_string() ? std::optional(password.string()) : std::nullopt;
  }

  Fd in_, out_, visitor_;
  const Tree& tree_;
  const ModuleIndex& index_;
  Child worker_;
  std::string host_;
  std::atomic<std::chrono::seconds> patience_{std::chrono::seconds(0)};
  std::unique_ptr<MeetingPoint> point_;
  std::optional<MeetingPoint::Ends> next_;
  std::mutex mutex_;
  std::condition_variable moved_;
  std::deque<Question> questions_;
  std::atomic<bool> is_ending_{false}, interrupted_{false}, has_said_bye_{false}, is_journalled_{false}, is_idle_{true};
  std::unique_ptr<Dialogue> dialogue_;
  std::unique_ptr<RunLock> lock_;
  std::unique_ptr<JournalledRunner> runner_;
  std::unique_ptr<HandOver> hand_over_;
  std::unique_ptr<Walker> walker_;
};

struct Ends {
  Fd in, out;
};

// The line moves away from 0 and 1, so that nothing that is printed or read by anybody can get into it.
Ends take_ends() {
  Ends ends{Fd(::fcntl(0, F_DUPFD_CLOEXEC, 10)), Fd(::fcntl(1, F_DUPFD_CLOEXEC, 10))};
  const int null = ::open("/dev/null", O_RDWR);
  if (!ends.in || !ends.out || null < 0)
    throw Error(std::string("the agent has no line to its controller: ") + std::strerror(errno));
  ::dup2(null, 0);
  ::dup2(2, 1);
  ::close(null);
  return ends;
}

// A handler and not SIG_IGN, which the programs that modules start would inherit.
void on_lost_link(int) {}

}  // namespace

int serve(const std::string& key, const Tree& tree, const ModuleIndex& index) {
  struct sigaction action {};
  action.sa_handler = on_lost_link;
  action.sa_flags = SA_RESTART;
  for (const int signal : {SIGPIPE, SIGHUP}) ::sigaction(signal, &action, nullptr);
  try {
    Ends ends = take_ends();
    Exec(std::move(ends.in), std::move(ends.out), key, tree, index, start_worker_ahead()).serve();
    return 0;
  } catch (const Error& error) {
    // The controller is gone in the middle of something: there is nobody to say more to.
    std::cerr << "agent exec: " << error.message() << "\n";
    return 1;
  }
}

int meet_again(const std::string& key) {
  if (bring_ends_to(key)) return 0;
  std::cerr << protocol::nobody_to_meet << "\n";
  return 1;
}

}  // namespace agent::fleet
