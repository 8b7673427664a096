#pragma once

#include <vector>

#include <agent/wall/watch.hpp>
#include <agent/wire/task.hpp>

namespace agent {

/// What it means for a task that the wall refused something to it, put into the task's reply.
///
/// A module that looks has nothing to write: it failed, and is named. A command of which the playbook says that it only
/// reads does not: its answer is no longer the one that a run would get, so it is unknown. What a program may do
/// without (a ring, a namespace) counts only where the program failed; and where root's did (`was_root`) and speaks of
/// rights, it is taken at its word.
void judge_refusals(const std::vector<wall::Refusal>& refusals, const TaskRequest& request, bool was_root,
                    TaskReply& reply);

}  // namespace agent
