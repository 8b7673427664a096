#include <optional>
#include <thread>

#include <agent/fleet/machines.hpp>

namespace agent::fleet {
namespace {

// Starts of ssh are kept apart, so that neither this machine nor a bastion has to take all of a fleet in one moment.
constexpr std::chrono::milliseconds between_starts{3};

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
      open(login_);
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

  /// Throws Unreachable.
  void open(const executor::Login& login) {
    const std::lock_guard lock(mutex_);
    login_ = login;
    if (failure_) throw *failure_;
    if (connection_) return;
    try {
      Bundle& bundle = machines_.bundle();
      machines_.wait_for_turn();
      connection_ = connect(name_, login, bundle, machines_.terms_);
    } catch (const Unreachable& error) {
      failure_ = error;
      throw;
    } catch (const Error& error) {
      failure_ = Unreachable(error);
      throw *failure_;
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
  // `meta: reset_connection`: a new login, with the groups and the environment that the user has now.
  void reset() override {
    if (machines_.terms_.kept) machines_.terms_.kept->forget({name_});
    const std::lock_guard lock(mutex_);
    connection_.reset();
    failure_.reset();
  }

 private:
  Machines& machines_;
  std::string name_;
  std::mutex mutex_;
  executor::Login login_;
  std::shared_ptr<Connection> connection_;
  std::optional<Unreachable> failure_;
};

Machines::Machines(std::function<std::unique_ptr<Bundle>()> bundle, Terms terms)
    : make_bundle_(std::move(bundle)), terms_(std::move(terms)) {
  if (!terms_.starter) terms_.starter = std::make_shared<Starter>();
}

Machines::~Machines() {
  // Ends of connections are waited for; all at once, and not one after the other.
  std::vector<std::thread> ends;
  for (auto& entry : hosts_) ends.emplace_back([&entry] { entry.second.reset(); });
  for (auto& one : ends) one.join();
}

TaskRunner& Machines::at(const std::string& host, const executor::Login& login) {
  return opened(host, login);
}

executor::Outpost* Machines::outpost(const std::string& host, const executor::Login& login) {
  return &opened(host, login);
}

Machines::Host& Machines::opened(const std::string& name, const executor::Login& login) {
  Host* host = nullptr;
  {
    const std::lock_guard lock(mutex_);
    auto& known = hosts_[name];
    if (!known) known = std::make_unique<Host>(*this, name);
    host = known.get();
  }
  host->open(login);
  return *host;
}

Bundle& Machines::bundle() {
  std::call_once(bundle_made_, [&] { bundle_ = make_bundle_(); });
  return *bundle_;
}

void Machines::wait_for_turn() {
  std::chrono::steady_clock::time_point turn;
  {
    const std::lock_guard lock(pace_);
    const auto now = std::chrono::steady_clock::now();
    turn = std::max(now, next_start_);
    next_start_ = turn + between_starts;
  }
  std::this_thread::sleep_until(turn);
}

}  // namespace agent::fleet
