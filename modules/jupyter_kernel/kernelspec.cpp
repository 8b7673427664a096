#include "kernelspec.hpp"

#include <agent/sdk/codec.hpp>

namespace agent::jupyter_kernel {

std::optional<Kernelspec> read_kernelspec(const Path& directory, const Host& host) {
  const Path file = directory / "kernel.json";
  const auto text = host.read(file);
  if (!text) return std::nullopt;
  Kernelspec found;
  found.directory = directory;
  Value said;
  try {
    said = parse_json(*text, file.string());
  } catch (const Error&) {
    found.readable = false;
    return found;
  }
  if (said["argv"].is_list())
    for (const auto& word : said["argv"].list())
      if (word.is_string()) found.argv.push_back(word.string());
  if (said["display_name"].is_string()) found.display_name = said["display_name"].string();
  if (said["env"].is_map())
    for (const auto& [name, value] : said["env"].map())
      found.env[name] = value.is_string() ? value.string() : value.json();
  found.readable = !found.argv.empty();
  // A program without a slash is looked for in Jupyter's own PATH, which nobody here knows.
  found.dangling = found.readable && found.argv.front().starts_with('/') && !host.stat(found.argv.front());
  return found;
}

std::string kernelspec_text(const Path& python, const std::string& display_name, const Environment& env) {
  Map variables;
  for (const auto& [name, value] : env) variables.set(name, value);
  Map spec{{"argv", Strings{python.string(), "-m", "ipykernel_launcher", "-f", "{connection_file}"}},
           {"display_name", display_name},
           {"language", "python"}};
  if (!variables.empty()) spec.set("env", variables);
  return Value(spec).json(1) + "\n";
}

}  // namespace agent::jupyter_kernel
