#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <string>
#include <vector>

#include <agent/executor/environment.hpp>
#include <agent/wire/event.hpp>

namespace agent::executor {

/// Names that say how a host is reached or whose rights are used: only people may set them, never a machine (R15).
bool steers_connection(std::string_view name);

/// What is known of one host for the length of a run. Its own thread writes; others may look, through `find`.
class HostState {
 public:
  HostState(std::string name, std::vector<VariableLayer> inventory);

  const std::string& name() const { return name_; }
  /// The weakest layer first. Whoever looks into it keeps it, while `add_host` and `group_by` put a new one in place.
  std::shared_ptr<const std::vector<VariableLayer>> inventory() const;
  void reread_inventory(std::vector<VariableLayer> layers);

  enum class Store { set, included, facts };
  std::optional<Value> find(Store store, std::string_view name) const;
  Strings names(Store store) const;
  /// Variables that last: `set_fact`, `register`, `include_vars`.
  void put(Store store, const Map& variables);

  /// Facts as a module returns them ("ansible_kernel", or a name of its own); they become variables and, without the
  /// prefix, members of `ansible_facts`. Names that steer the connection are refused and returned.
  Strings put_facts(const Map& facts);
  /// How facts are to be had when somebody asks for one; nothing is done before.
  void gather_with(std::function<Map()> gather);
  /// Gathers now when it was put off. Throws what the gathering throws.
  void need_facts() const;
  void clear_facts();

  /// Why the host takes no further part in the run.
  bool failed = false, unreachable = false;
  Counts counts;
  bool has_counts = false;
  /// In a check: the tasks that would have changed it so far.
  Strings predicted;
  /// In a check: the tasks of which it is not known what they would do.
  Strings unsure;

 private:
  const Map& map_of(Store store) const;

  std::string name_;
  std::shared_ptr<const std::vector<VariableLayer>> inventory_;
  mutable std::shared_mutex mutex_;
  mutable std::recursive_mutex gathering_;
  mutable std::function<Map()> gather_;
  Map set_, included_, fact_variables_, facts_;
};

}  // namespace agent::executor
