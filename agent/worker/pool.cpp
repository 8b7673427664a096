#include <map>
#include <tuple>
#include <utility>

#include <unistd.h>

#include <agent/host/users.hpp>
#include <agent/sdk/codec.hpp>
#include <agent/wall/scratch.hpp>
#include <agent/worker/become.hpp>
#include <agent/worker/pool.hpp>
#include <agent/worker/worker.hpp>
#include <agent/worker/worker_process.hpp>

namespace agent {

namespace {

using std::chrono::milliseconds;

class Pool : public TaskRunner {
 public:
  Pool(const ModuleIndex& index, PoolOptions options, Child first)
      : index_(index), options_(std::move(options)), self_(current_user()), first_(std::move(first)) {}

  TaskReply run(const TaskRequest& request, const ProgressSink& progress) override {
    const auto* module = index_.find(request.module);
    if (!module) throw Error("there is no module '" + request.module + "'");
    Slot& slot = worker_for(request.identity, request.check_mode, request.network);
    if (scope_ && !request.check_mode && !std::exchange(is_told_of_scope_, true)) scope_->missed(scope_missed_);
    Map message{{"task", to_value(request)},
                {"library", module->library.filename().string()},
                {"sha256", options_.modules_are_known ? "" : module->sha256}};
    if (!module->distros.empty()) message.set("distros", module->distros);
    if (request.check_mode) message.set("predicted", predictions_since(slot));
    try {
      TaskReply reply = task_reply_from(slot.process->exchange(Value(std::move(message)), request.timeout, progress,
                                                               "the module '" + request.module + "'"));
      reply.output = slot.process->take_output();
      if (request.check_mode) remember(slot, reply, is_other(way_to(request.identity, self_)));
      return reply;
    } catch (const Error& error) {
      TaskReply reply;
      reply.status = TaskReply::Status::failed;
      reply.error = error;
      reply.output = slot.process->take_output();
      forget(slot);
      return reply;
    }
  }

  Value facts(const Strings& subsets, const Identity& identity) override {
    Slot& slot = worker_for(identity, false, true);  // names of machines are looked up there
    const Value answer = slot.process->exchange(Map{{"facts", subsets}}, options_.start_limit, {});
    if (const Value* error = answer.find("error")) throw Error::from_value(*error);
    return answer["facts"];
  }

  void reset() override { slots_.clear(); }

 private:
  struct Slot {
    std::unique_ptr<WorkerProcess> process;
    std::size_t predictions_seen = 0;
  };
  using Key = std::tuple<std::string, std::string, bool, bool>;  // whom, by what, in check mode, with the network

  Slot& worker_for(const Identity& identity, bool check_mode, bool reads_network) {
    // Only the wall makes a difference of the network.
    const bool network = reads_network && (check_mode || options_.least_wall);
    const Become become = way_to(identity, self_);
    const bool other = is_other(become);
    Slot& slot = slots_[Key(other ? identity.user : "", become.by_tool ? identity.method : "", check_mode, network)];
    // What is laid over the machine has to be there before the wall.
    const bool lays = !check_mode && options_.least_wall && self_.uid == 0 && !other && !predicted_by_others_;
    if (lays && slot.process && slot.predictions_seen != predicted_.size()) slot.process.reset();
    if (!slot.process || !slot.process->alive()) {
      slot.predictions_seen = 0;
      slot.process = start(identity, become, {check_mode, network, lays ? predictions_since(slot) : Value(List())});
    }
    return slot;
  }

  static bool is_other(const Become& become) { return become.by_tool || !become.change_ids_to.empty(); }

  struct Mode {
    bool check, network;
    Value lay;  ///< actions, whose files are laid over what it sees
  };

  std::unique_ptr<WorkerProcess> start(const Identity& identity, const Become& become, const Mode& mode) {
    std::string printed;
    if (auto worker = attempt(identity, become, mode, std::nullopt, printed)) return worker;
    std::optional<std::string> password;
    if (options_.password && identity.method == "sudo") password = options_.password(identity);
    if (password)
      if (auto worker = attempt(identity, become, mode, password, printed)) return worker;
    // The agent may lie in a home that the other may not enter. Who may become root gets there by way of it.
    if (become.by_tool && identity.user != "root" && cannot_enter(printed)) {
      Identity root = identity;
      root.user = "root";
      const Become through{.change_ids_to = identity.user, .by_tool = true};
      std::string ignored;
      if (auto worker = attempt(root, through, mode, std::nullopt, ignored)) return worker;
      if (password)
        if (auto worker = attempt(root, through, mode, password, ignored)) return worker;
    }
    throw refusal(identity, self_, printed, password.has_value());
  }

  // A worker that has said hello and is set up; null when the tool refused, which a worker of our own never does.
  std::unique_ptr<WorkerProcess> attempt(const Identity& identity, const Become& become, const Mode& mode,
                                         const std::optional<std::string>& password, std::string& printed) {
    auto worker = first_.channel && !become.by_tool
                      ? std::make_unique<WorkerProcess>(std::move(first_), options_.output_limit)
                      : std::make_unique<WorkerProcess>(WorkerProcess::Start{
                            worker_command(options_.executable, identity, become, password.has_value()), password,
                            options_.output_limit});
    try {
      worker->exchange(std::nullopt, options_.start_limit, {});
    } catch (const Error& error) {
      printed = worker->take_output();
      if (become.by_tool) return nullptr;
      throw Error("a worker did not start: " + error.message()).hint(printed.empty() ? "it printed nothing" : printed);
    }
    Map setup{{"user", become.change_ids_to},
              {"modules", options_.modules.string()},
              {"check", mode.check},
              {"lay", mode.lay},
              {"wall", wall_for(mode)}};
    if (scope_ && become.by_tool && !mode.check) setup.set("scope", Map{{"name", scope_->name}, {"agent", ::getpid()}});
    const Value ready = worker->exchange(Map{{"setup", std::move(setup)}}, options_.start_limit, {});
    if (const Value* error = ready.find("error")) throw Error::from_value(*error);
    if (const Value* missed = ready.find("scope_missed")) scope_missed_ = missed->string();
    if (ready.find("scoped")) scope_.reset();
    worker->take_output();  // a lecture or banner of the tool is nobody's output
    return worker;
  }

  // What the worker has to stand behind; null: nothing.
  Value wall_for(const Mode& mode) {
    if (!mode.check && !options_.least_wall) return nullptr;
    const wall::Tier least = options_.least_wall.value_or(wall::Tier::none);
    if (!scratch_ && wall::needs_scratch(least)) scratch_.emplace();
    return Map{{"least", std::string(wall::name_of(least))},
               {"network", mode.network},
               {"scratch", scratch_ ? scratch_->path().string() : std::string()}};
  }

  Value predictions_since(Slot& slot) {
    List actions;
    for (std::size_t i = slot.predictions_seen; i < predicted_.size(); ++i) actions.push_back(to_value(predicted_[i]));
    slot.predictions_seen = predicted_.size();
    return actions;
  }

  void remember(Slot& slot, const TaskReply& reply, bool by_other) {
    predicted_by_others_ |= by_other && !reply.predicted.empty();
    predicted_.insert(predicted_.end(), reply.predicted.begin(), reply.predicted.end());
    slot.predictions_seen = predicted_.size();
  }

  void forget(Slot& slot) { slot.process.reset(); }

  const ModuleIndex& index_;
  const PoolOptions options_;
  const User self_;
  Child first_;
  std::optional<wall::Scratch> scratch_;  // outlives the workers that write there
  std::map<Key, Slot> slots_;
  std::vector<Action> predicted_;
  bool predicted_by_others_ = false;
  std::optional<PoolOptions::Scope> scope_ = options_.scope;  // until we are there
  std::string scope_missed_;
  bool is_told_of_scope_ = false;
};

}  // namespace

std::unique_ptr<TaskRunner> make_worker_pool(const ModuleIndex& index, PoolOptions options, Child first) {
  return std::make_unique<Pool>(index, std::move(options), std::move(first));
}

Child start_worker_ahead() {
  return split_off(serve_as_worker);
}

}  // namespace agent
