#include <algorithm>
#include <set>
#include <unordered_set>
#include <utility>
#include <vector>

#include <agent/inventory/show.hpp>

namespace agent::inventory {
namespace {

class Lister {
 public:
  Lister(const Inventory& inventory, const std::string& limit, bool is_export)
      : inventory_(inventory), is_export_(is_export), hosts_(inventory.match("all", limit)) {
    shown_.insert(hosts_.begin(), hosts_.end());
  }

  Value list() {
    group("all");
    Map variables;
    for (const std::string& host : hosts_)
      if (Map own = inventory_.variables(host); !own.empty()) variables.set(host, std::move(own));
    out_.set("_meta", Map{{"hostvars", std::move(variables)}});
    return std::move(out_);
  }

 private:
  void group(const std::string& name) {
    if (!seen_.insert(name).second) return;
    Map entry;
    if (name != "all") {
      List hosts;
      for (const std::string& host : inventory_.own_hosts_of(name))
        if (shown_.count(host)) hosts.push_back(host);
      if (!hosts.empty()) entry.set("hosts", std::move(hosts));
    }
    const Strings children = inventory_.children_of(name);
    if (!children.empty()) entry.set("children", children);
    if (is_export_)
      if (Map variables = inventory_.variables_of_group(name); !variables.empty())
        entry.set("vars", std::move(variables));
    if (!entry.empty()) out_.set(name, std::move(entry));
    for (const std::string& child : children) group(child);
  }

  const Inventory& inventory_;
  bool is_export_;
  Strings hosts_;
  std::unordered_set<std::string> shown_;
  std::set<std::string> seen_;
  Map out_;
};

/// As Python prints it, which is what people know from this command.
std::string python(const Value& value, bool is_inside) {
  if (value.is_string()) return is_inside ? "'" + value.string() + "'" : value.string();
  if (value.is_null()) return "None";
  if (value.is_boolean()) return value.boolean() ? "True" : "False";
  std::string text;
  if (value.is_list()) {
    for (const Value& item : value.list()) text += (text.empty() ? "" : ", ") + python(item, true);
    return "[" + text + "]";
  }
  if (!value.is_map()) return value.json();
  for (const auto& [name, item] : value.map()) text += (text.empty() ? "'" : ", '") + name + "': " + python(item, true);
  return "{" + text + "}";
}

class Grapher {
 public:
  Grapher(const Inventory& inventory, bool with_variables) : inventory_(inventory), with_variables_(with_variables) {}

  void group(const std::string& name, int depth) {
    line("@" + name + ":", depth);
    for (const std::string& child : inventory_.children_of(name)) group(child, depth + 1);
    if (name != "all")
      for (const std::string& host : inventory_.own_hosts_of(name)) {
        line(host, depth + 1);
        if (with_variables_) variables(inventory_.variables(host), depth + 2);
      }
    if (with_variables_) variables(inventory_.variables_of_group(name), depth + 1);
  }

  std::string take() { return std::move(out_); }

 private:
  void line(const std::string& text, int depth) {
    for (int i = 0; i < depth; ++i) out_ += "  |";
    out_ += (depth > 0 ? "--" : "") + text + "\n";
  }
  void variables(const Map& map, int depth) {
    std::vector<std::pair<std::string, Value>> sorted(map.begin(), map.end());
    std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const auto& [name, value] : sorted) line("{" + name + " = " + python(value, false) + "}", depth);
  }

  const Inventory& inventory_;
  bool with_variables_;
  std::string out_;
};

}  // namespace

Value list(const Inventory& inventory, const std::string& limit, bool is_export) {
  return Lister(inventory, limit, is_export).list();
}

std::string graph(const Inventory& inventory, const std::string& group, bool with_variables) {
  if (!inventory.has_group(group)) {
    Error error("there is no group '" + group + "'");
    if (const auto hint = did_you_mean(group, inventory.groups())) error.hint(*hint);
    throw error;
  }
  Grapher grapher(inventory, with_variables);
  grapher.group(group, 0);
  return grapher.take();
}

}  // namespace agent::inventory
