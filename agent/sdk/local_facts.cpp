#include <chrono>
#include <optional>

#include <agent/sdk/codec.hpp>
#include <agent/sdk/local_facts.hpp>
#include <agent/sdk/text.hpp>

namespace agent {
namespace {

using namespace std::chrono_literals;

// "[section]" and "key = value" lines, as Python's configparser reads them; nothing when a line is neither.
std::optional<Value> parse_ini(const std::string& content) {
  Map sections, section;
  std::string name;
  for (const std::string& raw : text::lines_of(content)) {
    const std::string line = text::trimmed(raw);
    if (line.empty() || line[0] == '#' || line[0] == ';') continue;
    if (line.front() == '[' && line.back() == ']') {
      if (!name.empty()) sections.set(name, section);
      name = line.substr(1, line.size() - 2);
      section = {};
      continue;
    }
    const auto sign = line.find_first_of("=:");
    if (name.empty() || sign == std::string::npos) return std::nullopt;
    section.set(text::lower(text::trimmed(line.substr(0, sign))), text::trimmed(line.substr(sign + 1)));
  }
  if (!name.empty()) sections.set(name, section);
  return sections;
}

Value parse(const std::string& content, const Path& file) {
  try {
    return parse_json(content, file.string());
  } catch (const Error&) {
    if (auto ini = parse_ini(content)) return *ini;
  }
  return "error loading facts as JSON or ini - please check content: " + file.string();
}

Value printed_by(const Path& file, const Host& host) {
  const Output output = host.query({{file.string()}, {}, {}, 10s});
  if (!output.unknown.empty()) return Value::unknown(output.unknown);
  if (output.rc == 0) return parse(output.out, file);
  return "Failure executing fact script (" + file.string() + "), rc: " + std::to_string(output.rc) +
         ", err: " + output.err;
}

}  // namespace

Map local_facts(const Path& directory, const Host& host) {
  Map facts;
  for (const std::string& name : host.list(directory)) {
    const Path file = directory / name;
    if (file.extension() != ".fact") continue;
    const std::string key = file.stem().string();
    try {
      const auto info = host.stat(file);
      if (!info || !info->is_file()) continue;
      facts.set(key, (info->mode & 0100U) != 0 ? printed_by(file, host) : parse(host.read(file).value_or(""), file));
    } catch (const Error& error) {
      facts.set(key, "error loading fact - " + error.message());
    }
  }
  return facts;
}

}  // namespace agent
