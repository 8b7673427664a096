#include <chrono>

#include <agent/host/fact_groups.hpp>
#include <agent/sdk/codec.hpp>

namespace agent::facts {
namespace {

using namespace std::chrono_literals;

/// Sections of "key = value" lines; nothing when it is something else.
std::optional<Value> parse_ini(const std::string& text) {
  Map sections, section;
  std::string name;
  for (const auto& raw : lines_of(text)) {
    const std::string line = trimmed(raw);
    if (line.empty() || line[0] == '#' || line[0] == ';') continue;
    if (line.front() == '[' && line.back() == ']') {
      if (!name.empty()) sections.set(name, section);
      name = line.substr(1, line.size() - 2);
      section = {};
      continue;
    }
    const auto sign = line.find_first_of("=:");
    if (name.empty() || sign == std::string::npos) return std::nullopt;
    std::string key = trimmed(line.substr(0, sign));
    for (char& c : key) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    section.set(key, trimmed(line.substr(sign + 1)));
  }
  if (!name.empty()) sections.set(name, section);
  return sections;
}

Value parse(const std::string& text, const Path& file) {
  try {
    return parse_json(text, file.string());
  } catch (const Error&) {
    if (auto ini = parse_ini(text)) return *ini;
  }
  return "error loading facts as JSON or ini - please check content: " + file.string();
}

Value fact_of(const Path& file, const Host& host) {
  const auto info = host.stat(file);
  if ((info->mode & 0100u) == 0) return parse(host.read(file).value_or(""), file);
  const Output output = host.query({{file.string()}, {}, {}, 10s});
  if (!output.unknown.empty()) return Value::unknown(output.unknown);
  if (output.rc == 0) return parse(output.out, file);
  return "Failure executing fact script (" + file.string() + "), rc: " + std::to_string(output.rc) +
         ", err: " + output.err;
}

}  // namespace

void local(Map& facts, const Host& host) {
  Map found;
  const Path directory = "/etc/ansible/facts.d";
  for (const auto& name : host.list(directory)) {
    const Path file = directory / name;
    if (file.extension() != ".fact" || !exists(host, file)) continue;
    try {
      found.set(file.stem().string(), fact_of(file, host));
    } catch (const Error& error) {
      found.set(file.stem().string(), "error loading fact - " + error.message());
    }
  }
  facts.set("local", found);
}

}  // namespace agent::facts
