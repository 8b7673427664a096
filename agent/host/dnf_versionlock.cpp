#include <algorithm>

#include <fnmatch.h>

#include <agent/host/dnf_versionlock.hpp>
#include <agent/host/look.hpp>

namespace agent {

namespace {

template <class Take>
void each_line(std::string_view text, Take take) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
    while (!line.empty() && (line.back() == ' ' || line.back() == '\t' || line.back() == '\r')) line.remove_suffix(1);
    if (!line.empty() && line.front() != '#') take(line);
  }
}

// How dnf 4 lets a package be named: with epoch or without, down to its name alone.
Strings spellings(const Package& package) {
  const auto colon = package.version.find(':');
  const std::string epoch = colon == std::string::npos ? "0" : package.version.substr(0, colon);
  const std::string plain = colon == std::string::npos ? package.version : package.version.substr(colon + 1);
  const std::string version = plain.substr(0, plain.rfind('-')), &name = package.name, &arch = package.architecture;
  return {name + "-" + epoch + ":" + plain + "." + arch,
          name + "-" + epoch + ":" + plain,
          name + "-" + plain + "." + arch,
          name + "-" + plain,
          name + "-" + epoch + ":" + version,
          name + "-" + version,
          epoch + ":" + name + "-" + plain + "." + arch,
          name + "." + arch,
          name};
}

}  // namespace

DnfVersionLock::DnfVersionLock(const Path& root) {
  if (const auto list = read_file(root / "etc/dnf/plugins/versionlock.list")) read_list(*list);
  if (const auto toml = read_file(root / "etc/dnf/versionlock.toml")) read_toml(*toml);
}

// A line with "!" keeps a version out, which holds nothing that is there.
void DnfVersionLock::read_list(std::string_view text) {
  each_line(text, [&](std::string_view line) {
    if (line.front() != '!') patterns_.emplace_back(line);
  });
}

// [[packages]] / name = "bash", and conditions that say which versions are let through.
void DnfVersionLock::read_toml(std::string_view text) {
  each_line(text, [&](std::string_view line) {
    if (!line.starts_with("name")) return;
    const auto equals = line.find('='), open = line.find_first_of("\"'", equals);
    if (equals == std::string_view::npos || open == std::string_view::npos) return;
    const auto close = line.find(line[open], open + 1);
    if (close != std::string_view::npos) names_.emplace_back(line.substr(open + 1, close - open - 1));
  });
}

bool DnfVersionLock::holds(const Package& package) const {
  const auto matches = [](const std::string& pattern, const std::string& text) {
    return ::fnmatch(pattern.c_str(), text.c_str(), 0) == 0;
  };
  if (std::any_of(names_.begin(), names_.end(), [&](const auto& name) { return matches(name, package.name); }))
    return true;
  if (patterns_.empty()) return false;
  const Strings texts = spellings(package);
  return std::any_of(patterns_.begin(), patterns_.end(), [&](const std::string& pattern) {
    return std::any_of(texts.begin(), texts.end(), [&](const auto& text) { return matches(pattern, text); });
  });
}

}  // namespace agent
