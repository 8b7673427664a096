#include <algorithm>
#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>

#include <agent/fleet/rebooting.hpp>

namespace agent::fleet {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::seconds;

// Whoever is ended by the machine's going down may well have failed a moment before it.
constexpr seconds last_moments{5};

std::string first_line(const char* file) {
  std::ifstream stream(file);
  std::string line;
  std::getline(stream, line);
  return line;
}

double number_of(const TaskRequest& request, const char* name, double otherwise) {
  const Value* value = request.args.find(name);
  return value && value->is_number() ? value->real() : otherwise;
}

std::string text_of(const TaskRequest& request, const char* name, const std::string& otherwise) {
  const Value* value = request.args.find(name);
  return value && value->is_string() && !value->string().empty() ? value->string() : otherwise;
}

TaskReply failed(const std::string& why, const std::string& hint) {
  TaskReply reply;
  reply.status = TaskReply::Status::failed;
  reply.error = Error(why).hint(hint);
  return reply;
}

TaskReply test(TaskRunner& runner, const TaskRequest& request, const ProgressSink& progress) {
  TaskRequest asked;
  asked.module = "command";
  asked.args = Map{{"cmd", text_of(request, "test_command", "whoami")}};
  asked.environment = request.environment;
  asked.identity = request.identity;
  return runner.run(asked, progress);
}

}  // namespace

// A container has the kernel's boot id, and so the same one after its restart; the time at which the first process
// began, in ticks since the kernel did, is another.
std::string boot_mark() {
  const std::string first = first_line("/proc/1/stat");
  std::istringstream fields(first.substr(std::min(first.size(), first.rfind(')') + 1)));
  std::string word;
  for (int i = 0; i < 20; ++i) fields >> word;
  return first_line("/proc/sys/kernel/random/boot_id") + " " + word;
}

seconds reboot_patience(const TaskRequest& request) {
  const double patience = number_of(request, "reboot_timeout", 600) + number_of(request, "pre_reboot_delay", 0);
  return seconds(static_cast<std::int64_t>(std::clamp(patience, 0.0, 86400.0)));
}

TaskReply go_down(TaskRunner& runner, const TaskRequest& request, const ProgressSink& progress) {
  TaskReply reply = runner.run(request, progress);
  if (reply.status != TaskReply::Status::changed) {
    std::this_thread::sleep_for(last_moments);
    return reply;
  }
  const auto until = Clock::now() + reboot_patience(request);
  while (Clock::now() < until) std::this_thread::sleep_for(std::chrono::milliseconds(200));
  return failed("the machine was told to reboot and did not go down within " +
                    std::to_string(reboot_patience(request).count()) + " s",
                "something may hold it up there ('systemd-inhibit --list'); reboot_timeout waits longer");
}

TaskReply come_up(TaskRunner& runner, const TaskRequest& request, double went_down, const ProgressSink& progress) {
  std::this_thread::sleep_for(std::chrono::duration<double>(number_of(request, "post_reboot_delay", 0)));
  const auto until = Clock::now() + reboot_patience(request);
  TaskReply tested = test(runner, request, progress);
  while (tested.status == TaskReply::Status::failed && Clock::now() < until) {
    std::this_thread::sleep_for(seconds(1));
    tested = test(runner, request, progress);
  }
  if (tested.status == TaskReply::Status::failed)
    return failed("the machine is up again, and its test does not succeed: '" +
                      text_of(request, "test_command", "whoami") + "'" +
                      (tested.error ? ": " + tested.error->message() : ""),
                  "reboot_timeout waits longer");
  const double now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  TaskReply reply;
  reply.status = TaskReply::Status::changed;
  reply.changes = {{"machine", "running", "rebooted"}};
  reply.result = Map{{"rebooted", true}, {"elapsed", static_cast<std::int64_t>(std::max(0.0, now - went_down))}};
  return reply;
}

}  // namespace agent::fleet
