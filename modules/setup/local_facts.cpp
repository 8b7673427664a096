#include "local_facts.hpp"

#include <algorithm>

#include <agent/sdk/codec.hpp>

namespace agent::setup {
namespace {

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t\r");
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// "[section]" and "key = value" lines, as Python's configparser reads them; nothing when a line is neither.
std::optional<Value> parse_ini(const std::string& text) {
  Map sections, entries;
  std::string section;
  const auto finish = [&] {
    if (!section.empty()) sections.set(section, entries);
    entries = {};
  };
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    const std::string line = trimmed(text.substr(start, end - start));
    start = end + 1;
    if (line.empty() || line[0] == '#' || line[0] == ';') continue;
    if (line.front() == '[' && line.back() == ']') {
      finish();
      section = line.substr(1, line.size() - 2);
      continue;
    }
    const std::size_t sign = line.find_first_of("=:");
    if (section.empty() || sign == std::string::npos) return std::nullopt;
    entries.set(lower(trimmed(line.substr(0, sign))), trimmed(line.substr(sign + 1)));
  }
  finish();
  return Value(sections);
}

Value parse(const std::string& text, const Path& file) {
  try {
    return parse_json(text, file.string());
  } catch (const Error&) {
    if (auto ini = parse_ini(text)) return *ini;
  }
  return "error loading facts as JSON or ini - please check content: " + file.string();
}

Value ask(const Path& file, const Host& host) {
  const Output output = host.query({.argv = {file.string()}});
  if (!output.unknown.empty()) return Value::unknown(output.unknown);
  if (output.rc != 0)
    return "Failure executing fact script (" + file.string() + "), rc: " + std::to_string(output.rc) +
           ", err: " + output.err;
  return parse(output.out, file);
}

}  // namespace

Map local_facts(const std::string& directory, const Host& host) {
  Map facts;
  for (const std::string& name : host.list(directory)) {
    const Path file = Path(directory) / name;
    if (file.extension() != ".fact") continue;
    const auto info = host.stat(file);
    if (!info || !info->is_file()) continue;
    const std::string key = file.stem().string();
    try {
      facts.set(key, (info->mode & 0100U) != 0 ? ask(file, host) : parse(host.read(file).value_or(""), file));
    } catch (const Error& error) {
      facts.set(key, "error loading fact - " + error.message());
    }
  }
  return facts;
}

}  // namespace agent::setup
