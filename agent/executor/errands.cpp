#include <agent/executor/alone.hpp>
#include <agent/executor/errands.hpp>
#include <agent/executor/outpost.hpp>
#include <agent/executor/task_evaluation.hpp>
#include <agent/executor/task_name.hpp>
#include <agent/executor/vars_files.hpp>

namespace agent::executor {
namespace {

/// What is said of an errand, among all that its host says.
class OnTheWay : public EventSink {
 public:
  explicit OnTheWay(const Journey& journey) : journey_(journey) {}
  void on(const Event& event) override { journey_.said(event); }

 private:
  const Journey& journey_;
};

}  // namespace

std::optional<std::string> delegate_of(const Task& task) {
  const Value* to = nearest(*task.scope, &Settings::delegate_to);
  if (!to || to->is_null()) return std::nullopt;
  return to->is_string() && !jinja::Engine::has_templates(*to) ? to->string() : "";
}

bool is_errand(const Task& task, const std::string& host) {
  const auto delegate = delegate_of(task);
  return delegate && *delegate != host;
}

ErrandReport carry_out(const Journey& journey, const Task& task) {
  World& world = journey.play.world;
  OnTheWay events(journey);
  Alone alone(journey.host.name(), events, world.interrupted);
  HostContext context{world, journey.play, journey.host, alone, events};
  read_vars_files(context, VarsFiles::all);
  TaskEvaluation evaluation(context, task, shown_name(context, task));
  ErrandReport report;
  report.outcome = evaluation.run();
  report.secrets = evaluation.secrets();
  return report;
}

}  // namespace agent::executor
