#pragma once

#include <agent/sdk/value.hpp>
#include <agent/wire/task.hpp>

/// What controller and target say to each other, in frames of CBOR, once the handshake is done (docs/fleets.md):
///
///     target      {hello: {protocol, version, user, pid}}
///     controller  {ask: N, what: WORD, with: ...}      N counts up from 1
///     target      {answer: N, with: ...} or {answer: N, error: ...}, each N once
///     target      {progress: {text, fraction}}         any number of them before an answer; may be dropped
///     target      {password: IDENTITY}, and the controller {password: TEXT or null}
///
/// Fields that are not known are passed over, so that a later version can add some; the end of the line ends the agent
/// at the next boundary of a task.
namespace agent::fleet::protocol {

constexpr int version = 1;

constexpr const char* begin = "begin";  ///< {run, wall?}: before all others
constexpr const char* task = "task";    ///< a TaskRequest; the answer is a TaskReply
constexpr const char* facts = "facts";  ///< {subsets, identity}
constexpr const char* reset = "reset";

inline Value value_of(const Identity& identity) {
  TaskRequest request;
  request.identity = identity;
  return to_value(request)["identity"];
}
inline Identity identity_from(const Value& value) {
  Map request = to_value(TaskRequest()).map();
  request.set("identity", value);
  return task_request_from(Value(std::move(request))).identity;
}

}  // namespace agent::fleet::protocol
