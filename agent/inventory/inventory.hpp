#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <agent/sdk/error.hpp>
#include <agent/sdk/plan.hpp>
#include <agent/sdk/value.hpp>

/// Hosts, groups and their variables: INI, YAML, JSON, scripts, directories and lists of names, as Ansible reads them.
namespace agent::inventory {

/// Variables from one place, with a name for it that a person understands: "group 'web' of the inventory".
struct Layer {
  std::string origin;
  Map variables;
};

struct Options {
  /// `group_vars/` and `host_vars/` are also read here, over those beside the inventory. Empty: not.
  Path playbook_directory;
  /// Runs an inventory script and returns what it printed; throws Error when it fails. Missing: scripts are refused.
  std::function<std::string(const Strings& argv)> run_script;
};

class Graph;
class VariableFiles;

class Inventory {
 public:
  /// Reads all sources, in order: paths, or names with a comma ("h1,h2,"). Throws Error for what is wrong in them; a
  /// path that does not exist is a warning.
  static Inventory load(const Strings& sources, const Options& options);
  /// This machine alone: the host `localhost`, with a local connection.
  static Inventory local(const Options& options = {});
  Inventory(Inventory&&) noexcept;
  Inventory& operator=(Inventory&&) noexcept;
  ~Inventory();

  /// All hosts, those in no group first, then group by group in the order of the files.
  Strings hosts() const;
  /// All groups in the order in which they were met; `all` and `ungrouped` are always there.
  Strings groups() const;
  /// Whether there is such a host; `localhost`, 127.0.0.1 and ::1 always are.
  bool has_host(const std::string& name) const;
  bool has_group(const std::string& name) const;

  /// The hosts that a pattern names, in the order of the inventory, each once. `limit` is a second pattern that they
  /// have to match too, or "@file" with one on each line. Throws Error for a pattern that is none.
  Strings match(const std::string& pattern, const std::string& limit = "") const;
  /// The parts of a pattern that name neither a host nor a group, for a warning.
  Strings unmatched(const std::string& pattern) const;

  /// The hosts of a group and of all groups below it.
  Strings hosts_of(const std::string& group) const;
  /// Those that stand in the group itself.
  Strings own_hosts_of(const std::string& group) const;
  Strings children_of(const std::string& group) const;
  /// The groups that a host is in, directly or through others, sorted, without `all`.
  Strings groups_of(const std::string& host) const;

  /// The variables that a host has from the inventory and its `*_vars`, the weakest layer first; empty layers are left
  /// out. Raw: templates are not rendered.
  std::vector<Layer> layers(const std::string& host) const;
  /// The layers, laid over each other.
  Map variables(const std::string& host) const;
  /// Those of a group alone.
  Map variables_of_group(const std::string& group) const;

  /// What `add_host` and `group_by` bring in the course of a run. Throws Error for a name that cannot be one.
  void add_host(const std::string& host, const Strings& groups, const Map& variables);
  void add_group(const std::string& group, const Strings& parents, const Strings& hosts);

  /// The source that named the host first; empty for one that came later.
  std::string source_of(const std::string& host) const;
  const Strings& sources() const { return sources_; }
  const std::vector<Error>& warnings() const { return warnings_; }

 private:
  Inventory();
  std::unique_ptr<Graph> graph_;
  std::unique_ptr<VariableFiles> files_;
  Strings sources_;
  std::vector<Error> warnings_;
};

}  // namespace agent::inventory
