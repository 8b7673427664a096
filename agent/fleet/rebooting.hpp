#pragma once

#include <string>

#include <agent/wire/task.hpp>

namespace agent::fleet {

/// The module whose end is another start of the machine.
constexpr const char* reboot_module = "reboot";

/// What tells this start of the machine, or of the container that plays one, from every other.
std::string boot_mark();

/// How long the machine may take, as the task says. Never more than a day.
std::chrono::seconds reboot_patience(const TaskRequest& request);

/// Has the machine go down, and normally ends with it: a reply is that it stayed up.
TaskReply go_down(TaskRunner& runner, const TaskRequest& request, const ProgressSink& progress);

/// On the machine that is up again: waits as the task says, and asks its test. `went_down`: seconds since 1970.
TaskReply come_up(TaskRunner& runner, const TaskRequest& request, double went_down, const ProgressSink& progress);

}  // namespace agent::fleet
