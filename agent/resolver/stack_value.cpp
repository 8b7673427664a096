#include <agent/resolver/stack.hpp>
#include <agent/sdk/plan.hpp>

namespace agent::resolver {
namespace {

Value or_null(const std::string& text) {
  return text.empty() ? Value() : Value(text);
}

Value first(const Strings& list) {
  return list.empty() ? Value() : Value(list.front());
}

Map to_map(const Fact& fact) {
  Map map{{"text", fact.text}, {"where", or_null(shown_place(fact.where))}, {"sources", fact.sources}};
  if (!fact.said.empty()) map.set("said", fact.said);
  if (!fact.verified) map.set("verified", false);
  return map;
}

List to_list(const std::vector<Fact>& facts) {
  List list;
  for (const Fact& fact : facts) list.emplace_back(to_map(fact));
  return list;
}

Map to_map(const Installable& made) {
  return {{"framework", made.framework},
          {"version", made.version},
          {"label", or_null(made.label)},
          {"cuda", or_null(made.cuda)},
          {"cudnn", or_null(made.cudnn)},
          {"packages", made.packages},
          {"index_url", or_null(made.index_url)},
          {"extra_index_url", or_null(made.extra_index_url)},
          {"find_links", or_null(made.find_links)},
          {"numpy", or_null(made.numpy)},
          {"needs_toolkit", made.needs_toolkit}};
}

/// "numpy<2" for what the first framework says of it.
Value numpy_of(const std::vector<Installable>& frameworks) {
  for (const Installable& made : frameworks)
    if (!made.numpy.empty()) return "numpy" + made.numpy;
  return {};
}

void put_frameworks(Map& map, const std::vector<Installable>& frameworks) {
  List list;
  Strings packages;
  for (const Installable& made : frameworks) {
    list.emplace_back(to_map(made));
    map.set(made.framework, made.version);
    if (made.framework == "torch") {
      map.set("torchvision", or_null(made.torchvision));
      map.set("torchaudio", or_null(made.torchaudio));
    }
    packages.insert(packages.end(), made.packages.begin(), made.packages.end());
  }
  const Installable none;
  const Installable& main = frameworks.empty() ? none : frameworks.front();
  map.set("tag", or_null(main.label));
  map.set("index_url", or_null(main.index_url));
  map.set("extra_index_url", or_null(main.extra_index_url));
  map.set("find_links", or_null(main.find_links));
  map.set("packages", packages);
  map.set("numpy", numpy_of(frameworks));
  map.set("frameworks", std::move(list));
}

}  // namespace

std::string shown_place(const Where& where) {
  if (!where) return "";
  const Path file = *where.file;
  const bool is_ours = file.parent_path().filename() == "compat" &&
                       file.parent_path().parent_path().filename() == "agent" &&
                       file.string().find("share/agent") != std::string::npos;
  return (is_ours ? file.filename().string() : file.string()) + ":" + std::to_string(where.line);
}

Value Stack::to_value() const {
  Map map{{"python", python},
          {"python_from", python_from},
          {"python_package", or_null(python_package)},
          {"distro", or_null(distro)},
          {"gpu", first(gpus)},
          {"gpus", gpus},
          {"capability", first(capabilities)},
          {"cuda", or_null(cuda)},
          {"cudnn", or_null(cudnn)},
          {"cudnn_packages", cudnn_packages},
          {"toolkit", or_null(toolkit)},
          {"toolkit_package", or_null(toolkit_package)},
          {"repository", or_null(repository)},
          {"driver_min", or_null(driver.least)},
          {"driver_full", or_null(driver.full)},
          {"driver_branch", driver.branch == 0 ? Value() : Value(std::to_string(driver.branch))},
          {"driver_package", or_null(driver.package)},
          {"driver_packages", driver.packages},
          {"driver_source", or_null(driver.from)},
          {"driver_open", for_cpu ? Value() : Value(driver.open)},
          {"driver_ok", driver.is_enough    ? Value(true)
                        : driver.is_refused ? Value(false)
                                            : Value()}};
  put_frameworks(map, frameworks);
  map.set("add_ons", add_ons);
  map.set("warnings", warnings);
  map.set("facts", to_list(facts));
  return map;
}

Value Conflict::to_value() const {
  List shown;
  for (const WayOut& way : ways) shown.emplace_back(Map{{"text", way.text}, {"gives", or_null(way.gives)}});
  return Map{{"error", summary()}, {"conflict", to_list(facts)}, {"ways_out", std::move(shown)}};
}

std::string Conflict::summary() const {
  std::string text = "these cannot hold together: ";
  for (std::size_t i = 0; i < facts.size(); ++i) text += (i == 0 ? "" : "; ") + facts[i].text;
  return text;
}

}  // namespace agent::resolver
