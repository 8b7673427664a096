#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <agent/yaml/yaml.hpp>

namespace {

using agent::Value;

/// Whatever is read keeps to the limits, and every place is inside the text.
void check(const Value& value, std::size_t depth, const agent::yaml::Limits& limits) {
  if (depth > limits.depth) std::abort();
  if (value.where() && (value.where().line < 1 || value.where().column < 1)) std::abort();
  if (value.is_string() && value.string().size() > limits.scalar) std::abort();
  if (value.is_list())
    for (const Value& item : value.list()) check(item, depth + 1, limits);
  if (value.is_map())
    for (const auto& [key, item] : value.map()) check(item, depth + 1, limits);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  agent::yaml::Options options;
  options.limits = {.depth = 32, .nodes = 2000, .file = 1 << 16, .scalar = 1 << 14};
  try {
    const auto document = agent::yaml::read(text, "fuzz", options);
    check(document.root, 0, options.limits);
    static_cast<void>(document.root.json());
    if (document.root.is_string())
      for (std::size_t i = 0; i <= document.root.string().size(); i += 7)
        agent::yaml::place_inside(document.root.where(), document.root.string(), i);
  } catch (const agent::Error& error) {
    if (error.message().empty()) std::abort();
  }
  static_cast<void>(agent::yaml::plain_scalar(text));
  return 0;
}
