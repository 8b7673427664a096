#pragma once

#include <agent/executor/coordinator.hpp>
#include <agent/executor/world.hpp>
#include <agent/sdk/value.hpp>
#include <agent/wire/task.hpp>

/// What controller and target say to each other over a line (line.hpp), once the handshake is done (docs/fleets.md):
///
///     {ask: N, what: WORD, with: ...}    N counts up from 1, on each side
///     {answer: N, with: ...} or {answer: N, error: ...}
///     {tell: WORD, with: ...}            wants no answer
///
/// Fields that are not known are passed over, so that a later version can add some.
namespace agent::fleet::protocol {

constexpr int version = 3;

// The controller asks: {begin: {run, host, patience, wait, wall?, journal: {key, mode}?}} goes with the first of these.
constexpr const char* walk = "walk";    ///< a play (executor::Journey); the answer is how it ended
constexpr const char* task = "task";    ///< a TaskRequest; the answer is a TaskReply
constexpr const char* facts = "facts";  ///< {subsets, identity}
constexpr const char* reset = "reset";
constexpr const char* collected = "collected";  ///< {run, key}: the journal of another run, of this controller's
// The controller tells.
constexpr const char* interrupt = "interrupt";  ///< a person stops the run
constexpr const char* bye = "bye";              ///< nothing more is to be done: the agent ends

// The target asks.
constexpr const char* password = "password";  ///< an identity; the answer is text or null
constexpr const char* file = "file";          ///< {what, path}, see FileQuestion
constexpr const char* lookup = "lookup";      ///< {name, terms, options, path}
constexpr const char* errand = "errand";      ///< {where, state}: do this task for me; {outcome, secrets}
constexpr const char* once = "once";          ///< {place}: may I do this for all? Null, or the outcome of who did it
constexpr const char* turn = "turn";  ///< {most}: may I, with fewer than so many at it? Null, when it is my turn
// The target tells.
constexpr const char* hello = "hello";          ///< {protocol, user, pid, boot}, first of all
constexpr const char* begun = "begun";          ///< {wall, gaps}
constexpr const char* waiting = "waiting";      ///< who works on the machine
constexpr const char* rebooting = "rebooting";  ///< {within}: it goes down, and is to be back so many seconds later
constexpr const char* left = "left";            ///< {runs}: whose journals nobody has collected
constexpr const char* remark = "remark";        ///< {text}: what a person should know
constexpr const char* progress = "progress";    ///< {text, fraction}, of a task; may be dropped
constexpr const char* arrived = "arrived";      ///< {place, banner?}, on a walk
constexpr const char* said = "said";            ///< an event, on a walk
constexpr const char* did_once = "did once";    ///< {place, outcome}, of what was asked for with `once`
constexpr const char* turn_over = "turn over";  ///< of what was asked for with `turn`

// What is to be done with a journal of the run that is there already ({journal: {mode}}).
constexpr const char* afresh = "afresh";    ///< nothing: this run has just begun
constexpr const char* resume = "resume";    ///< what it knows as done is not done again
constexpr const char* collect = "collect";  ///< the same; and beyond it the run only goes on where it still goes on

constexpr const char* after_reboot = "after reboot";  ///< as `resume`; without one the run cannot go on

/// An error that is about this: the machine cannot be used at all.
constexpr const char* unusable = "the machine";
/// An error that is about this: another run works on the machine.
constexpr const char* busy = "the other run";
/// Printed, with what is wrong, where an agent's own tree is not as it was sent; it is gone then.
constexpr const char* tampered = "agent exec: the agent that was kept here was changed: ";
/// Printed where an agent is to be met again that is not there any more.
constexpr const char* nobody_to_meet = "agent exec: nobody to meet";

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

Value value_of(const executor::Position& place);
/// Throws Error for what is no place.
executor::Position place_from(const Value& value);
Value value_of(const Counts& counts);
Counts counts_from(const Value& value);
/// All that a walk needs of the command line.
Value value_of(const executor::Options& options);
executor::Options options_from(const Value& value);

/// Values with their marks: which texts are templates, and where those stand. Only ever taken from the controller: a
/// machine's word is never a template.
Value marked(const Value& value);
Value unmarked(const Value& value);

}  // namespace agent::fleet::protocol
