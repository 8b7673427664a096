#include <algorithm>
#include <cerrno>
#include <cstring>

#include <agent/sdk/text.hpp>
#include <agent/worker/refusals.hpp>

namespace agent {

namespace {

using Status = TaskReply::Status;
using wall::Refusal;

/// The first few, each once, in words.
std::string listed(const std::vector<Refusal>& refusals) {
  Strings named;
  for (const Refusal& refusal : refusals)
    if (std::string one = text_of(refusal); std::find(named.begin(), named.end(), one) == named.end())
      named.push_back(std::move(one));
  return text::listed(named, 3);
}

std::string text_in(const Map& result, const char* key) {
  const Value* text = result.find(key);
  return text && text->is_string() ? text->string() : std::string();
}

bool has_failed(const TaskReply& reply) {
  const Value* rc = reply.result.find("rc");
  return reply.status == Status::failed || (rc && rc->is_integer() && rc->integer() != 0);
}

// Where nobody is told of system calls, what the program says of its failure is all that there is. So it is of rights
// that root would have had: the kernel refuses in many places for want of them.
bool speaks_of(int error, const TaskReply& reply) {
  const std::string said = text_in(reply.result, "stderr") + text_in(reply.result, "stdout") +
                           (reply.error ? reply.error->message() + text_in(reply.error->result(), "stderr") : "");
  return said.find(std::strerror(error)) != std::string::npos;
}

void forget(TaskReply& reply, std::string reason) {
  std::string said = text::last_line(text_in(reply.error ? reply.error->result() : reply.result, "stderr"));
  if (said.empty() && reply.error) said = reply.error->message();
  if (!said.empty()) reply.notes.push_back("behind the wall it said: " + said);
  reply.status = Status::unknown;
  reply.reasons = {std::move(reason)};
  reply.error.reset();
  reply.result = {};
  reply.changes.clear();
}

}  // namespace

void judge_refusals(const std::vector<Refusal>& refusals, const TaskRequest& request, bool was_root, TaskReply& reply) {
  if (request.check_mode) {
    std::vector<Refusal> own;
    std::copy_if(refusals.begin(), refusals.end(), std::back_inserter(own), [](const auto& one) { return one.own; });
    if (own.empty()) return;
    const std::string said = reply.error ? reply.error->message() : std::string();
    const bool reads = std::all_of(own.begin(), own.end(), [](const auto& one) { return one.network; });
    const std::string what = reads ? "' reads from the network, and does not declare it: "
                                   : "' tried to change the machine while it only had to look: ";
    reply.status = Status::failed;
    reply.error = Error("the module '" + request.module + what + listed(own) + " was refused by the wall")
                      .hint("this is a bug of the module; nothing was changed");
    if (!said.empty()) reply.error->hint("it says itself: " + said);
    reply.from_look = false;
    reply.changes.clear();
    return;
  }
  std::vector<Refusal> counting;
  const bool failed = has_failed(reply);
  std::copy_if(refusals.begin(), refusals.end(), std::back_inserter(counting),
               [&](const auto& one) { return one.counts || failed; });
  if (!counting.empty()) {
    forget(reply, "the wall refused what a run would allow: " + listed(counting));
    if (std::any_of(counting.begin(), counting.end(), [](const auto& one) { return one.network; }))
      reply.notes.push_back("a command that reads from the network says so: vars: {agent_network: true}");
  }
  if (!counting.empty() || !failed) return;
  if (speaks_of(EROFS, reply))
    forget(reply, "a write was refused by the wall; which one, this kernel does not tell");
  else if (was_root && speaks_of(EPERM, reply))
    forget(reply, "it failed for want of a right that a run would have");
}

}  // namespace agent
