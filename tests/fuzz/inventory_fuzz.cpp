#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <agent/inventory/literal.hpp>
#include <agent/inventory/patterns.hpp>
#include <agent/inventory/sources.hpp>

namespace {

/// Whether a line may name thousands of hosts (`h[1:999]`, `h[a:z][a:z][a:z]`). They are read as ten are, and only take
/// longer.
bool names_many(std::string_view text) {
  std::size_t hosts = 1, range = 1;
  bool is_inside = false;
  for (const char c : text) {
    if (c == '\n') hosts = 1;
    if (c == '[' || c == ']' || c == '\n') is_inside = c == '[', range = 1;
    if (!is_inside) continue;
    if (c >= '0' && c <= '9') range *= 10;
    if (c == ':') hosts *= 10;
    if (range > 100 || hosts > 100) return true;
  }
  return false;
}

}  // namespace

/// The first line is a pattern, the second byte of the text says which format the rest is in.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace agent;
  using namespace agent::inventory;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (names_many(text)) return 0;
  const std::size_t line = std::min(text.find('\n'), text.size());
  const std::string pattern(text.substr(0, line));
  const std::string_view rest = text.substr(std::min(line + 1, text.size()));
  Graph graph;
  std::vector<Error> warnings;
  const Options options;
  Reading reading{graph, warnings, options, "fuzz"};
  try {
    if (!rest.empty() && (rest.front() == '{' || rest.substr(0, 4) == "all:"))
      read_yaml(rest, reading);
    else
      read_ini(rest, reading);
  } catch (const Error&) {
  }
  static_cast<void>(literal_or_text(pattern, {}));
  try {
    graph.settle();
    // Hostile regular expressions are the user's own (they come from the command line): not this target's matter.
    if (pattern.find('~') == pattern.npos) match_pattern(graph, split_pattern(pattern));
    for (Graph::Index host = 0; host < graph.hosts().size() && host < 50; ++host) graph.groups_of(host);
  } catch (const Error&) {
  }
  return 0;
}
