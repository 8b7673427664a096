#include <algorithm>
#include <cctype>
#include <optional>
#include <thread>

#include <agent/fleet/machines.hpp>
#include <agent/fleet/opening.hpp>
#include <agent/fleet/silence.hpp>

namespace agent::fleet {
namespace {

using std::chrono::milliseconds;

constexpr int usual_retries = 2;
/// Connections that end at the same time, while others are made.
constexpr std::size_t most_ending = 64;

int retries_of(const executor::Login& login) {
  const std::string& text = login.retries;
  if (text.empty()) return usual_retries;
  const bool is_number =
      text.size() < 4 && std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c); });
  if (!is_number || std::stoi(text) > 100)
    throw Error("'" + text + "' is not how often a host can be tried again").hint("it is a number from 0 to 100");
  return std::stoi(text);
}

std::string seconds_text(milliseconds time) {
  return std::to_string(time.count() / 1000) + "." + std::to_string(time.count() % 1000 / 100) + " s";
}

}  // namespace

/// One host: its connection, or why there is none.
class Machines::Host : public Connection {
 private:
  template <class Work>
  auto kept(Work work) {
    std::shared_ptr<Connection> connection;
    {
      const std::lock_guard lock(mutex_);
      connection = connection_;
    }
    if (!connection) {
      open_patiently(login_);
      const std::lock_guard lock(mutex_);
      connection = connection_;
    }
    try {
      return work(*connection);
    } catch (const Unreachable& error) {
      if (dynamic_cast<const Busy*>(&error)) machines_.was_busy_ = true;
      const std::lock_guard lock(mutex_);
      connection_.reset();
      failure_ = error;
      throw;
    }
  }

 public:
  Host(Machines& machines, std::string name) : machines_(machines), name_(std::move(name)) {}

  /// Throws Unreachable; NotYet where another try may help.
  void open(const executor::Login& login) {
    const std::lock_guard lock(mutex_);
    login_ = login;
    if (failure_) throw *failure_;
    if (connection_) return;
    try {
      connection_ = connect(name_, login, machines_.terms_);
    } catch (const Unreachable& error) {
      try_later(error);
      failure_ = error;
      if (tries_ > 0) failure_->hint("it was tried " + std::to_string(tries_ + 1) + " times (--connect-retries)");
      throw *failure_;
    } catch (const Error& error) {
      failure_ = Unreachable(error);
      throw *failure_;
    }
  }

  bool is_connected() const {
    const std::lock_guard lock(mutex_);
    return connection_ != nullptr;
  }

  /// The same, all tries of it. Throws Unreachable.
  void open_patiently(const executor::Login& login) {
    for (;;) try {
        return open(login);
      } catch (const executor::NotYet& later) {
        const auto until = LoginPace::Clock::now() + later.pause();
        while (LoginPace::Clock::now() < until) {
          if (machines_.terms_.interrupted && *machines_.terms_.interrupted)
            throw Unreachable(static_cast<const Unreachable&>(later));
          std::this_thread::sleep_for(milliseconds(50));
        }
      }
  }

  TaskReply run(const TaskRequest& request, const ProgressSink& progress) override {
    return kept([&](Connection& runner) { return runner.run(request, progress); });
  }
  Value facts(const Strings& subsets, const Identity& identity) override {
    return kept([&](Connection& runner) { return runner.facts(subsets, identity); });
  }
  void walk(const executor::Journey& journey) override {
    kept([&](Connection& runner) {
      runner.walk(journey);
      return true;
    });
  }
  void leave() override {
    const std::lock_guard lock(mutex_);
    if (connection_) machines_.end_in_a_while(std::exchange(connection_, nullptr));
  }
  // `meta: reset_connection`: a new login, with the groups and the environment that the user has now.
  void reset() override {
    if (machines_.terms_.kept) machines_.terms_.kept->forget({name_});
    const std::lock_guard lock(mutex_);
    connection_.reset();
    failure_.reset();
    tries_ = 0;
    pauses_ = machines_.terms_.between_tries;
  }

 private:
  // Returns where another try is of no use.
  void try_later(const Unreachable& error) {
    if (!is_silence(error) || tries_ >= retries_of(login_)) return;
    const int left = retries_of(login_) - ++tries_;
    const milliseconds pause = pauses_.next();
    if (machines_.terms_.tell_more)
      machines_.terms_.tell_more(error.message() + "; it is tried again in " + seconds_text(pause) + ", and " +
                                 (left == 0   ? "then no more"
                                  : left == 1 ? "1 time more after that"
                                              : std::to_string(left) + " times more after that"));
    throw executor::NotYet(error, pause);
  }

  Machines& machines_;
  std::string name_;
  mutable std::mutex mutex_;
  executor::Login login_;
  std::shared_ptr<Connection> connection_;
  std::optional<Unreachable> failure_;
  int tries_ = 0;  // that failed, and were not the last
  Backoff pauses_ = machines_.terms_.between_tries;
};

Machines::Machines(std::function<std::unique_ptr<Bundle>()> bundle, Terms terms)
    : make_bundle_(std::move(bundle)), terms_(std::move(terms)) {
  if (!terms_.starter) terms_.starter = std::make_shared<Starter>();
  if (!terms_.pace) terms_.pace = std::make_shared<LoginPace>();
  if (!terms_.carry)
    terms_.carry = [this](const std::string& host, const executor::Login& login, const std::string& key,
                          bool is_again) { return open_link(host, login, this->bundle(), terms_, key, is_again); };
  if (!terms_.ways) terms_.ways = std::make_shared<LoginWays>();
}

Machines::~Machines() {
  {
    std::unique_lock lock(ends_mutex_);
    ended_.wait(lock, [&] { return ending_ == 0; });
  }
  // Ends of connections are waited for; all at once, and not one after the other. Most hosts have left before.
  std::vector<std::thread> ends;
  for (auto& entry : hosts_)
    if (entry.second->is_connected()) ends.emplace_back([&entry] { entry.second.reset(); });
  for (auto& one : ends) one.join();
}

// The agent there has its last word, and ssh its end: the next host need not wait for that, unless many are at it.
void Machines::end_in_a_while(std::shared_ptr<Connection> connection) {
  std::unique_lock lock(ends_mutex_);
  ended_.wait(lock, [&] { return ending_ < most_ending; });
  ++ending_;
  std::thread([this, connection = std::move(connection)]() mutable {
    connection.reset();
    const std::lock_guard end(ends_mutex_);
    --ending_;
    ended_.notify_all();
  }).detach();
}

TaskRunner& Machines::at(const std::string& name, const executor::Login& login) {
  Host& host = host_named(name);
  host.open_patiently(login);
  return host;
}

executor::Outpost* Machines::outpost(const std::string& name, const executor::Login& login) {
  Host& host = host_named(name);
  host.open(login);
  return &host;
}

Machines::Host& Machines::host_named(const std::string& name) {
  const std::lock_guard lock(mutex_);
  auto& known = hosts_[name];
  if (!known) known = std::make_unique<Host>(*this, name);
  return *known;
}

Bundle& Machines::bundle() {
  std::call_once(bundle_made_, [&] { bundle_ = make_bundle_(); });
  return *bundle_;
}

}  // namespace agent::fleet
