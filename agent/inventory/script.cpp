#include <algorithm>

#include <agent/inventory/sources.hpp>
#include <agent/yaml/yaml.hpp>

namespace agent::inventory {
namespace {

/// What a script prints is its author's word, as an inventory file is: texts may be templates.
class ScriptReader {
 public:
  explicit ScriptReader(Reading& reading) : reading_(reading) {}

  void run() {
    if (!reading_.options.run_script)
      throw Error("'" + reading_.source + "' is a script, and inventory scripts are not run here");
    const Value list = ask({"--list"});
    if (!list.is_map()) throw failure("printed no mapping of groups for --list");
    const Value* meta = nullptr;
    for (const auto& [name, content] : list.map()) {
      if (name == "_meta")
        meta = content.find("hostvars");
      else
        group(name, content);
    }
    if (meta && meta->is_map()) {
      for (const auto& [name, variables] : meta->map()) set_variables(name, variables);
      return;
    }
    for (const std::string& name : hosts_) set_variables(name, ask({"--host", name}));
  }

 private:
  Error failure(const std::string& what) const {
    return Error("the inventory script '" + reading_.source + "' " + what);
  }

  Value ask(Strings arguments) const {
    Strings argv = {std::filesystem::absolute(reading_.source).string()};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    const std::string text = reading_.options.run_script(argv);
    if (text.find_first_not_of(" \t\r\n") == text.npos) return Map{};
    try {
      return yaml::read(text, "output of " + reading_.source).root;
    } catch (Error& error) {
      throw error.hint("an inventory script prints JSON");
    }
  }

  void group(const std::string& name, const Value& content) {
    const Graph::Index index = reading_.graph.add_group(name, content.where());
    if (content.is_list()) return hosts(index, content);
    if (!content.is_map())
      throw failure("describes the group '" + name + "' by " + std::string(name_of(content.kind())));
    const Map& map = content.map();
    // Without any of the three keys it is a host of that name with its variables.
    if (!map.contains("hosts") && !map.contains("vars") && !map.contains("children")) {
      if (map.empty()) return;
      hosts(index, List{Value(name)});
      return set_variables(name, content);
    }
    if (const Value* list = map.find("hosts")) hosts(index, *list);
    if (const Value* variables = map.find("vars"); variables && !variables->is_null()) {
      if (!variables->is_map()) throw failure("gives the group '" + name + "' variables that are no mapping");
      for (const auto& [key, value] : variables->map()) reading_.graph.set_group_variable(index, key, value);
    }
    if (const Value* children = map.find("children"); children && children->is_list())
      for (const Value& child : children->list())
        if (child.is_string())
          reading_.graph.nest(index, reading_.graph.add_group(child.string(), child.where()), child.where());
  }

  void hosts(Graph::Index group, const Value& list) {
    if (!list.is_list()) throw failure("gives a group hosts that are no list");
    for (const Value& name : list.list()) {
      if (!name.is_string()) throw failure("names a host that is no text");
      const Graph::Index index = reading_.graph.add_host(name.string(), reading_.source, name.where());
      reading_.graph.join(group, index);
      if (std::find(hosts_.begin(), hosts_.end(), name.string()) == hosts_.end()) hosts_.push_back(name.string());
    }
  }

  void set_variables(const std::string& name, const Value& variables) {
    if (variables.is_null()) return;
    if (!variables.is_map()) throw failure("gives the host '" + name + "' variables that are no mapping");
    const Graph::Index index = reading_.graph.add_host(name, reading_.source, variables.where());
    for (const auto& [key, value] : variables.map()) reading_.graph.set_host_variable(index, key, value);
  }

  Reading& reading_;
  Strings hosts_;
};

}  // namespace

void read_script(Reading& reading) {
  ScriptReader(reading).run();
}

}  // namespace agent::inventory
