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

// Where nobody is told of system calls, what the program says of its failure is all that there is.
bool speaks_of_the_wall(const TaskReply& reply) {
  const std::string said = text_in(reply.result, "stderr") + text_in(reply.result, "stdout") +
                           (reply.error ? reply.error->message() + text_in(reply.error->result(), "stderr") : "");
  return said.find(std::strerror(EROFS)) != std::string::npos;
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

void judge_refusals(const std::vector<Refusal>& refusals, const TaskRequest& request, TaskReply& reply) {
  if (request.check_mode) {
    std::vector<Refusal> own;
    std::copy_if(refusals.begin(), refusals.end(), std::back_inserter(own), [](const auto& one) { return one.own; });
    if (own.empty()) return;
    const std::string said = reply.error ? reply.error->message() : std::string();
    reply.status = Status::failed;
    reply.error = Error("the module '" + request.module + "' tried to change the machine while it only had to look: " +
                        listed(own) + " was refused by the wall")
                      .hint("this is a bug of the module; nothing was changed");
    if (!said.empty()) reply.error->hint("it says itself: " + said);
    reply.from_look = false;
    reply.changes.clear();
    return;
  }
  std::vector<Refusal> counting;
  const bool failed = has_failed(reply);
  std::copy_if(refusals.begin(), refusals.end(), std::back_inserter(counting),
               [&](const auto& one) { return one.write || failed; });
  if (!counting.empty())
    forget(reply, "the wall refused what a run would allow: " + listed(counting));
  else if (refusals.empty() && failed && speaks_of_the_wall(reply))
    forget(reply, "a write was refused by the wall; which one, this kernel does not tell");
}

}  // namespace agent
