#include <agent/cli/local_machine.hpp>
#include <agent/fleet/rebooting.hpp>
#include <agent/worker/pool.hpp>

namespace agent::cli {

/// A pool that several threads may call.
class LocalMachine::OneAtATime : public TaskRunner {
 public:
  explicit OneAtATime(std::unique_ptr<TaskRunner> pool) : pool_(std::move(pool)) {}
  TaskReply run(const TaskRequest& request, const ProgressSink& progress) override {
    const std::lock_guard lock(mutex_);
    if (request.module == fleet::reboot_module) return no_reboot();
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
};

LocalMachine::LocalMachine(const Installation& installation, const ModuleIndex& index,
                           std::optional<wall::Tier> least_wall, Password password)
    : installation_(installation), index_(index), least_wall_(least_wall), password_(std::move(password)) {}

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
    pool = std::make_unique<OneAtATime>(make_worker_pool(index_, std::move(options)));
  }
  return *pool;
}

}  // namespace agent::cli
