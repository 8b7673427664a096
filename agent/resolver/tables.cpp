#include <algorithm>

#include <agent/resolver/tables.hpp>
#include <agent/sdk/error.hpp>

namespace agent::resolver {
namespace {

template <class Rows, class Is>
auto find(const Rows& rows, Is is) -> decltype(rows.data()) {
  const auto found = std::find_if(rows.begin(), rows.end(), is);
  return found == rows.end() ? nullptr : &*found;
}

}  // namespace

Strings Origin::sources() const {
  Strings all;
  for (const std::string& id : ids)
    if (texts)
      if (const auto found = texts->find(id); found != texts->end()) all.push_back(found->second);
  return all;
}

std::string shown_capability(Capability capability) {
  return std::to_string(capability / 10) + "." + std::to_string(capability % 10);
}

std::optional<Capability> capability_from(std::string_view text) {
  const auto version = Dotted::parse(text);
  if (!version || version->size() != 2 || version->part(1) > 9) return std::nullopt;
  return version->part(0) * 10 + version->part(1);
}

const Rule& Tables::rule(const std::string& name) const {
  if (const auto found = rules.find(name); found != rules.end()) return found->second;
  throw Error("the tables have no rule '" + name + "' among their `semantics`");
}

const Architecture* Tables::architecture(const std::string& name) const {
  return find(architectures, [&](const Architecture& one) { return one.name == name; });
}

const Toolkit* Tables::newest_of(const std::string& series) const {
  return find(toolkits, [&](const Toolkit& one) { return one.series == series; });
}

const CompilerTargets* Tables::compiler(const std::string& series) const {
  return find(compilers, [&](const CompilerTargets& one) { return one.series == series; });
}

}  // namespace agent::resolver
