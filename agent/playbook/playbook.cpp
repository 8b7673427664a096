#include <algorithm>

#include <agent/playbook/playbook.hpp>

namespace agent {
namespace {

std::vector<Value> gathered(const Scope& scope, std::vector<Value> Settings::*member) {
  std::vector<Value> all;
  for (const Scope* level : chain(scope))
    all.insert(all.end(), (level->settings.*member).begin(), (level->settings.*member).end());
  return all;
}

}  // namespace

const Value* nearest(const Scope& scope, std::optional<Value> Settings::*member) {
  for (const Scope* level = &scope; level; level = level->parent.get())
    if (level->settings.*member) return &*(level->settings.*member);
  return nullptr;
}

std::vector<const Scope*> chain(const Scope& scope) {
  std::vector<const Scope*> levels;
  for (const Scope* level = &scope; level; level = level->parent.get()) levels.push_back(level);
  std::reverse(levels.begin(), levels.end());
  return levels;
}

const Role* role_of(const Scope& scope) {
  for (const Scope* level = &scope; level; level = level->parent.get())
    if (level->role) return level->role.get();
  return nullptr;
}

std::vector<Value> conditions(const Scope& scope) {
  return gathered(scope, &Settings::when);
}
std::vector<Value> tags(const Scope& scope) {
  return gathered(scope, &Settings::tags);
}
std::vector<Value> notifications(const Scope& scope) {
  return gathered(scope, &Settings::notify);
}

std::vector<Path> search_path(const Scope& scope, std::string_view kind, const Path& playbook_directory) {
  std::vector<Path> places;
  const auto add = [&](const Path& directory) {
    for (const Path& place : {directory / kind, directory})
      if (std::find(places.begin(), places.end(), place) == places.end()) places.push_back(place);
  };
  for (const Scope* level = &scope; level; level = level->parent.get())
    if (level->role) add(level->role->path);
  if (!scope.directory.empty()) add(scope.directory);
  add(playbook_directory);
  return places;
}

void for_each_task(const Items& items, const std::function<void(const Task&)>& visit) {
  for (const Item& item : items) {
    if (const auto* task = std::get_if<TaskPtr>(&item)) {
      visit(**task);
      continue;
    }
    const Block& block = *std::get<BlockPtr>(item);
    for (const Items* part : {&block.block, &block.rescue, &block.always}) for_each_task(*part, visit);
  }
}

}  // namespace agent
