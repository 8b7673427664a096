#include <algorithm>

#include <agent/inventory/names.hpp>
#include <agent/inventory/sources.hpp>
#include <agent/yaml/yaml.hpp>

namespace agent::inventory {
namespace {

class YamlReader {
 public:
  YamlReader(std::string_view text, Reading& reading)
      : reading_(reading), document_(yaml::read(text, reading.source)) {}

  void run() {
    const Value& root = document_.root;
    for (const Error& warning : document_.warnings) reading_.warnings.push_back(warning);
    if (root.is_null()) return;
    if (!root.is_map())
      throw Error("a YAML inventory is a mapping of groups, not " + std::string(name_of(root.kind())))
          .at(root.where())
          .hint("start with 'all:'");
    if (root.map().contains("plugin"))
      throw Error("inventory plugins are not supported")
          .at(document_.keys.find(root.map(), "plugin"))
          .hint("an executable script can print the inventory as JSON");
    for (const auto& [name, content] : root.map()) group(name, content, document_.keys.find(root.map(), name));
  }

 private:
  Graph::Index group(const std::string& name, const Value& content, const Where& where) {
    const Graph::Index index = reading_.graph.add_group(name, where);
    if (content.is_null()) return index;
    if (!content.is_map())
      throw Error("group '" + name + "' is a mapping with 'hosts', 'vars' or 'children', not " +
                  std::string(name_of(content.kind())))
          .at(content.where());
    const Map& map = content.map();
    for (const auto& [key, value] : map) {
      const Where place = document_.keys.find(map, key);
      if (key == "vars")
        for_each(value, "vars", [&](const std::string& n, const Value& v, const Where&) {
          reading_.graph.set_group_variable(index, n, v);
        });
      else if (key == "children")
        for_each(value, "children", [&](const std::string& n, const Value& v, const Where& at) {
          const Graph::Index child = group(n, v, at);
          reading_.graph.nest(index, child, at);
        });
      else if (key == "hosts")
        for_each(value, "hosts", [&](const std::string& n, const Value& v, const Where& at) { host(index, n, v, at); });
      else
        unexpected(name, key, place);
    }
    return index;
  }

  void unexpected(const std::string& name, const std::string& key, const Where& where) {
    Error warning =
        Error("group '" + name + "' has no use for '" + key + "'").at(where).spanning(static_cast<int>(key.size()));
    if (const auto hint = did_you_mean(key, {"children", "hosts", "vars"}))
      warning.hint(*hint);
    else
      warning.hint("hosts stand under 'hosts:', variables under 'vars:', groups under 'children:'");
    reading_.warnings.push_back(std::move(warning));
  }

  /// A mapping, or one name alone.
  template <class Visit>
  void for_each(const Value& value, const std::string& section, Visit visit) {
    if (value.is_null()) return;
    if (value.is_string()) return visit(value.string(), Value(), value.where());
    if (!value.is_map())
      throw Error("'" + section + "' is a mapping, not " + std::string(name_of(value.kind())))
          .at(value.where())
          .hint("end each name with ':' instead of putting '-' before it");
    for (const auto& [name, content] : value.map()) visit(name, content, document_.keys.find(value.map(), name));
  }

  void host(Graph::Index group, const std::string& name, const Value& content, const Where& where) {
    if (!content.is_null() && !content.is_map())
      throw Error("the variables of host '" + name + "' are a mapping, not " + std::string(name_of(content.kind())))
          .at(content.where());
    const HostPattern pattern = expand_hosts(name, where);
    for (const std::string& each : pattern.names) {
      const Graph::Index index = reading_.graph.add_host(each, reading_.source, where);
      reading_.graph.join(group, index);
      if (pattern.port) reading_.graph.set_host_variable(index, "ansible_port", *pattern.port);
      if (content.is_map())
        for (const auto& [key, value] : content.map()) reading_.graph.set_host_variable(index, key, value);
    }
  }

  Reading& reading_;
  yaml::Document document_;
};

}  // namespace

void read_yaml(std::string_view text, Reading& reading) {
  YamlReader(text, reading).run();
}

}  // namespace agent::inventory
