#include <fstream>
#include <sstream>

#include <sys/utsname.h>

#include <agent/host/os_release.hpp>
#include <agent/sdk/text.hpp>

namespace agent {
namespace {

/// A value as the shell would read it: in single quotes, in double quotes with backslashes, or bare.
std::string unquoted(std::string_view text) {
  const char quote = !text.empty() && (text[0] == '"' || text[0] == '\'') ? text[0] : '\0';
  std::string value;
  for (std::size_t i = quote != '\0' ? 1 : 0; i < text.size(); ++i) {
    if (quote != '\0' && text[i] == quote) break;
    if (text[i] == '\\' && quote != '\'' && i + 1 < text.size()) ++i;
    value += text[i];
  }
  return value;
}

std::string content(const Path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

std::map<std::string, std::string> parse_os_release(std::string_view text) {
  std::map<std::string, std::string> values;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    while (!line.empty() && (line.back() == ' ' || line.back() == '\r' || line.back() == '\t')) line.remove_suffix(1);
    while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
    const auto equals = line.find('=');
    if (line.empty() || line[0] == '#' || equals == std::string_view::npos) continue;
    values[std::string(line.substr(0, equals))] = unquoted(line.substr(equals + 1));
  }
  return values;
}

System read_system(const Path& root) {
  std::string text = content(root / "etc/os-release");
  if (text.empty()) text = content(root / "usr/lib/os-release");
  auto values = parse_os_release(text);
  System system;
  system.id = values.count("ID") != 0 ? values["ID"] : "linux";
  system.like = text::words_of(values["ID_LIKE"]);
  system.version = values["VERSION_ID"];
  system.codename = values["VERSION_CODENAME"];
  system.name = values.count("PRETTY_NAME") != 0 ? values["PRETTY_NAME"] : "Linux";
  utsname kernel{};
  ::uname(&kernel);
  system.architecture = kernel.machine;
  system.kernel = kernel.release;
  system.hostname = kernel.nodename;
  return system;
}

}  // namespace agent
