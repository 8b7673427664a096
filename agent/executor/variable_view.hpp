#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <agent/executor/host_state.hpp>
#include <agent/executor/play_context.hpp>
#include <agent/template/engine.hpp>

namespace agent::executor {

/// Files of variables of a play, as one host sees them; roles that became visible by `include_role: public`.
struct HostExtras {
  std::vector<VariableLayer> vars_files;
  std::vector<RolePtr> public_roles;
};

/// All variables as one task on one host sees them: layers, the strongest first, none of them copied. The order is
/// that of ansible-syntax.md 11, and this is the only place that knows it.
class VariableView : public jinja::Scope {
 public:
  /// `scope`: of the task, or null outside of tasks (`hostvars`); `play` and `extras` may be null there as well. All of
  /// them have to outlive the view.
  VariableView(World& world, const PlayContext* play, HostState& host, const HostExtras* extras,
               const agent::Scope* scope);

  std::optional<Value> find(std::string_view name) const override;
  Strings names() const override;

  /// Variables that live as long as the view and beat all others: loop variables, the result of the running task.
  void set(std::string_view name, Value value) { locals_.set(name, std::move(value)); }
  void erase(std::string_view name) { locals_.erase(name); }

  const Map& locals() const { return locals_; }

  struct Origin {
    std::string layer;
    Value value;
  };
  /// Everyone who says something about `name`, the strongest first.
  std::vector<Origin> origins(std::string_view name) const;

  World& world() const { return world_; }
  HostState& host() const { return host_; }
  const PlayContext* play() const { return play_; }
  const agent::Scope* scope() const { return scope_; }

 private:
  struct Layer {
    const char* what;       // "play vars", "defaults of role"
    const std::string* of;  // whose, may be null
    const Map* map;         // null: a store of the host
    HostState::Store store = HostState::Store::set;
  };
  void add(const char* what, const Map& map, const std::string* of = nullptr);
  void add_scopes();
  void add_role_layers(bool defaults);
  void add_role(const Role& role, bool defaults, int depth);
  std::optional<Value> find_in(const Layer& layer, std::string_view name) const;
  std::optional<Value> magic(std::string_view name) const;
  std::optional<Value> role_magic(std::string_view name) const;

  World& world_;
  const PlayContext* play_;
  HostState& host_;
  const HostExtras* extras_;
  const agent::Scope* scope_;
  std::shared_ptr<const std::vector<VariableLayer>> inventory_;
  Map locals_;
  std::vector<Layer> layers_;
};

/// `hostvars`: every host by name, each with what is known of it outside of plays.
Value hostvars(World& world);

}  // namespace agent::executor
