#include <agent/sdk/codec.hpp>
#include <agent/wire/task.hpp>

namespace agent {

namespace {

std::string text(const Value& value) {
  return value.is_string() ? value.string() : std::string();
}
bool flag(const Value& value) {
  return value.is_boolean() && value.boolean();
}

Value to_value(const Identity& identity) {
  return Map{{"connection", identity.connection}, {"become", identity.become},         {"user", identity.user},
             {"method", identity.method},         {"executable", identity.executable}, {"flags", identity.flags}};
}

Identity identity_from(const Value& value) {
  return {.connection = text(value["connection"]),
          .become = flag(value["become"]),
          .user = text(value["user"]),
          .method = text(value["method"]),
          .executable = text(value["executable"]),
          .flags = text(value["flags"])};
}

}  // namespace

Value to_value(const TaskRequest& request) {
  Map environment;
  for (const auto& [name, value] : request.environment) environment.set(name, value);
  Map out{{"module", request.module},
          {"args", request.args},
          {"check_mode", request.check_mode},
          {"network", request.network},
          {"environment", std::move(environment)},
          {"identity", to_value(request.identity)},
          {"timeout_ms", static_cast<std::int64_t>(request.timeout.count())}};
  if (request.approved) {
    List approved;
    for (const Change& change : *request.approved) approved.push_back(to_value(change));
    out.set("approved", std::move(approved));
  }
  return out;
}

TaskRequest task_request_from(const Value& value) {
  TaskRequest request;
  request.module = text(value["module"]);
  if (value["args"].is_map()) request.args = value["args"].map();
  request.check_mode = flag(value["check_mode"]);
  request.network = flag(value["network"]);
  if (value["environment"].is_map())
    for (const auto& [name, item] : value["environment"].map()) request.environment[name] = text(item);
  request.identity = identity_from(value["identity"]);
  if (value["timeout_ms"].is_integer()) request.timeout = std::chrono::milliseconds(value["timeout_ms"].integer());
  if (value["approved"].is_list()) {
    request.approved.emplace();
    for (const Value& change : value["approved"].list()) request.approved->push_back(change_from(change));
  }
  return request;
}

Value to_value(const TaskReply& reply) {
  List changes, predicted;
  for (const Change& change : reply.changes) changes.push_back(to_value(change));
  for (const Action& action : reply.predicted) predicted.push_back(to_value(action));
  return Map{{"status", static_cast<std::int64_t>(reply.status)},
             {"result", reply.result},
             {"changes", std::move(changes)},
             {"notes", reply.notes},
             {"error", reply.error ? reply.error->to_value() : Value()},
             {"reasons", reply.reasons},
             {"output", reply.output},
             {"refused", reply.refused},
             {"from_look", reply.from_look},
             {"sees_predictions", reply.sees_predictions},
             {"predicted", std::move(predicted)}};
}

TaskReply task_reply_from(const Value& value) {
  TaskReply reply;
  if (!value["status"].is_integer() || value["status"].integer() < 0 || value["status"].integer() > 4)
    throw Error("a task's reply has no status");
  reply.status = static_cast<TaskReply::Status>(value["status"].integer());
  if (value["result"].is_map()) reply.result = value["result"].map();
  if (value["changes"].is_list())
    for (const Value& change : value["changes"].list()) reply.changes.push_back(change_from(change));
  reply.notes = strings_from(value["notes"]);
  if (value["error"].is_map()) reply.error = Error::from_value(value["error"]);
  reply.reasons = strings_from(value["reasons"]);
  reply.output = text(value["output"]);
  reply.refused = flag(value["refused"]);
  reply.from_look = flag(value["from_look"]);
  reply.sees_predictions = flag(value["sees_predictions"]);
  if (value["predicted"].is_list())
    for (const Value& action : value["predicted"].list()) reply.predicted.push_back(action_from(action));
  return reply;
}

}  // namespace agent
