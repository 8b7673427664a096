#include <agent/sdk/codec.hpp>
#include <agent/sdk/error.hpp>
#include <agent/sdk/json_file.hpp>
#include <agent/sdk/placed_file.hpp>

namespace agent {

namespace {

Map merged(Map now, const Map& wanted) {
  for (const auto& [key, value] : wanted) {
    const Value* old = now.find(key);
    if (value.is_null())
      now.erase(key);
    else if (value.is_map())
      now.set(key, merged(old && old->is_map() ? old->map() : Map(), value.map()));
    else
      now.set(key, value);
  }
  return now;
}

std::optional<std::string> shown(const Value* value) {
  if (!value) return std::nullopt;
  return value->is_string() ? value->string() : value->json();
}

}  // namespace

Map read_json_file(const Path& path, const Host& host) {
  const auto text = host.read(path);
  if (!text || text->find_first_not_of(" \t\r\n") == std::string::npos) return {};
  const Value value = parse_json(*text, path.string());
  if (!value.is_map())
    throw Error("'" + path.string() + "' holds no JSON mapping").hint("it is not replaced: look at it");
  return value.map();
}

bool plan_json_file(const Path& path, const Map& wanted, const Host& host, Plan& plan) {
  const Map now = read_json_file(path, host), after = merged(now, wanted);
  if (after == now) return false;
  plan_directories(path.parent_path(), {}, host, plan);
  Step step;
  for (const auto& [key, value] : wanted) {
    const Value* before = now.find(key);
    const Value* then = after.find(key);
    if (shown(before) != shown(then)) step.changes.push_back({path.string() + " " + key, shown(before), shown(then)});
  }
  WriteFile write{.path = path, .content = Value(after).json(2) + "\n"};
  if (!host.stat(path)) write.attributes.mode = 0644;
  step.actions = {std::move(write)};
  plan.steps.push_back(std::move(step));
  return true;
}

}  // namespace agent
