#include <algorithm>
#include <set>

#include <agent/executor/variable_view.hpp>

namespace agent::executor {
namespace {

bool may_be_fact(std::string_view name) {
  return name == "ansible_facts" || (name.substr(0, 8) == "ansible_" && !steers_connection(name));
}

/// One host of `hostvars`.
class HostScope : public jinja::Scope {
 public:
  HostScope(World& world, HostState& host) : view_(world, nullptr, host, nullptr, nullptr) {}
  std::optional<Value> find(std::string_view name) const override { return view_.find(name); }
  Strings names() const override { return view_.names(); }

 private:
  VariableView view_;
};

class AllHosts : public jinja::Scope {
 public:
  explicit AllHosts(World& world) : world_(world) {}
  std::optional<Value> find(std::string_view name) const override {
    const std::string host(name);
    if (!world_.hosts.exists(host)) return std::nullopt;
    return Value(std::static_pointer_cast<const Object>(
        std::make_shared<const jinja::View>(std::make_shared<const HostScope>(world_, world_.state_of(host)))));
  }
  Strings names() const override { return world_.hosts.match("all"); }

 private:
  World& world_;
};

}  // namespace

VariableView::VariableView(World& world, const PlayContext* play, HostState& host, const HostExtras* extras,
                           const agent::Scope* scope)
    : world_(world), play_(play), host_(host), extras_(extras), scope_(scope), inventory_(host.inventory()) {
  layers_.reserve(24);
  add("extra vars", world.options.extra_vars);
  for (const auto* s = scope_; s; s = s->parent.get())
    if (s->kind == agent::Scope::Kind::include) add("include params", s->params);
  for (const auto* s = scope_; s; s = s->parent.get())
    if (s->kind == agent::Scope::Kind::role) add("role params", s->params);
  layers_.push_back({"set_fact, register", nullptr, nullptr, HostState::Store::set});
  layers_.push_back({"include_vars", nullptr, nullptr, HostState::Store::included});
  for (const auto* s = scope_; s && s->kind != agent::Scope::Kind::play; s = s->parent.get())
    if (s->kind != agent::Scope::Kind::role)
      add(s->kind == agent::Scope::Kind::task ? "task vars" : "block vars", s->settings.vars);
  add_role_layers(false);
  if (extras_)
    for (auto file = extras_->vars_files.rbegin(); file != extras_->vars_files.rend(); ++file)
      add("vars_files", file->variables, &file->origin);
  if (play_) {
    add("vars_prompt", play_->prompts);
    for (const auto* s = play_->play.scope ? play_->play.scope->parent.get() : nullptr; s; s = s->parent.get())
      add("vars of import_playbook", s->settings.vars);
    if (play_->play.scope) add("play vars", play_->play.scope->settings.vars);
  }
  layers_.push_back({"facts", nullptr, nullptr, HostState::Store::facts});
  for (auto layer = inventory_->rbegin(); layer != inventory_->rend(); ++layer)
    add("inventory", layer->variables, &layer->origin);
  add_role_layers(true);
}

void VariableView::add(const char* what, const Map& map, const std::string* of) {
  if (!map.empty()) layers_.push_back({what, of, &map});
}

void VariableView::add_role_layers(bool defaults) {
  for (const auto* s = scope_; s; s = s->parent.get()) {
    if (s->kind != agent::Scope::Kind::role || !s->role) continue;
    if (!defaults) add("vars of the role's entry", s->settings.vars, &s->role->name);
    add_role(*s->role, defaults, 0);
  }
  if (extras_)
    for (auto role = extras_->public_roles.rbegin(); role != extras_->public_roles.rend(); ++role)
      add_role(**role, defaults, 0);
  if (play_)
    for (auto role = play_->roles.rbegin(); role != play_->roles.rend(); ++role) add_role(**role, defaults, 0);
}

void VariableView::add_role(const Role& role, bool defaults, int depth) {
  add(defaults ? "role defaults" : "role vars", defaults ? role.defaults : role.vars, &role.name);
  // A cycle of dependencies was refused by the loader; the bound keeps a mistake there from being endless here.
  if (depth > 20) return;
  for (auto dep = role.dependencies.rbegin(); dep != role.dependencies.rend(); ++dep)
    add_role(**dep, defaults, depth + 1);
}

std::optional<Value> VariableView::find_in(const Layer& layer, std::string_view name) const {
  if (layer.map) {
    const Value* value = layer.map->find(name);
    return value ? std::optional(*value) : std::nullopt;
  }
  if (layer.store == HostState::Store::facts && may_be_fact(name)) host_.need_facts();
  return host_.find(layer.store, name);
}

std::optional<Value> VariableView::find(std::string_view name) const {
  if (const Value* local = locals_.find(name)) return *local;
  if (auto value = magic(name)) return value;
  for (const auto& layer : layers_)
    if (auto value = find_in(layer, name)) return value;
  if (name == "ansible_managed") return Value("Ansible managed");
  return std::nullopt;
}

Strings VariableView::names() const {
  std::set<std::string> names;
  for (const auto& [name, value] : locals_) names.insert(name);
  if (play_)
    for (const auto& [name, value] : play_->magic) names.insert(name);
  for (const char* name :
       {"inventory_hostname", "inventory_hostname_short", "group_names", "groups", "hostvars", "omit"})
    names.insert(name);
  for (const auto& layer : layers_) {
    if (layer.map) {
      for (const auto& [name, value] : *layer.map) names.insert(name);
    } else {
      for (auto& name : host_.names(layer.store)) names.insert(std::move(name));
    }
  }
  return {names.begin(), names.end()};
}

std::vector<VariableView::Origin> VariableView::origins(std::string_view name) const {
  std::vector<Origin> out;
  const auto put = [&](std::string layer, std::optional<Value> value) {
    if (value) out.push_back({std::move(layer), std::move(*value)});
  };
  if (const Value* local = locals_.find(name)) put("the running task", *local);
  put("magic variable", magic(name));
  for (const auto& layer : layers_) {
    std::string what = layer.what;
    if (layer.of)
      what += (what == "inventory" ? ": " : " ") + (what == "inventory" ? *layer.of : "'" + *layer.of + "'");
    put(std::move(what), find_in(layer, name));
  }
  if (name == "ansible_managed") put("built in", Value("Ansible managed"));
  return out;
}

Value hostvars(World& world) {
  return Value(std::static_pointer_cast<const Object>(
      std::make_shared<const jinja::View>(std::make_shared<const AllHosts>(world))));
}

}  // namespace agent::executor
