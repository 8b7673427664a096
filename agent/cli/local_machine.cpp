#include <agent/cli/local_machine.hpp>
#include <agent/fleet/rebooting.hpp>
#include <agent/worker/pool.hpp>

namespace agent::cli {

/// A pool that several threads may call.
class LocalMachine::OneAtATime : public TaskRunner {
 public:
  OneAtATime(std::unique_ptr<TaskRunner> pool, const std::function<void()>& before_work)
      : pool_(std::move(pool)), before_work_(before_work) {}
  TaskReply run(const TaskRequest& request, const ProgressSink& progress) override {
    const std::lock_guard lock(mutex_);
    if (request.module == fleet::reboot_module) return no_reboot();
    if (before_work_ && !request.check_mode) before_work_();
    return pool_->run(request, progress);
  }
  Value facts(const Strings& subsets, const Identity& identity) override {
    const std::lock_guard lock(mutex_);
    return pool_->facts(subsets, identity);
  }
  void reset() override {
    const std::lock_guard lock(mutex_);
    pool_->reset();
  }

 private:
  // A check says so as well: what it foresees is what the run does.
  static TaskReply no_reboot() {
    TaskReply reply;
    reply.status = TaskReply::Status::failed;
    reply.error =
        Error("this is the machine that the run is led from: with its reboot the run would end")
            .hint("lead it from another machine, over SSH ('agent run -i ...'), or reboot by hand and run again");
    return reply;
  }

  std::mutex mutex_;
  std::unique_ptr<TaskRunner> pool_;
  const std::function<void()>& before_work_;
};

LocalMachine::LocalMachine(const Installation& installation, const ModuleIndex& index,
                           std::optional<wall::Tier> least_wall, Password password, std::function<void()> before_work)
    : installation_(installation),
      index_(index),
      least_wall_(least_wall),
      password_(std::move(password)),
      before_work_(std::move(before_work)) {}

LocalMachine::~LocalMachine() = default;

TaskRunner& LocalMachine::at(const std::string& host, const executor::Login&) {
  const std::lock_guard lock(mutex_);
  auto& pool = pools_[least_wall_ ? std::string() : host];
  if (!pool) {
    PoolOptions options;
    options.executable = installation_.executable;
    options.modules = installation_.modules;
    options.password = password_;
    options.least_wall = least_wall_;
    pool = std::make_unique<OneAtATime>(make_worker_pool(index_, std::move(options)), before_work_);
  }
  return *pool;
}

}  // namespace agent::cli
