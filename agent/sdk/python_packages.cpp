#include <algorithm>
#include <sstream>

#include <agent/sdk/codec.hpp>
#include <agent/sdk/paths.hpp>
#include <agent/sdk/python.hpp>
#include <agent/sdk/text.hpp>

namespace agent {

namespace {

/// The version of a package whose version will only be known once it is installed. Valid, so that it may stand in a
/// directory's name, and nobody's own.
constexpr std::string_view unknown_version = "0+agent.prediction";
constexpr std::string_view prediction_field = "X-Agent-Prediction";

std::string without_end(const std::string& text, std::string_view end) {
  return text.substr(0, text.size() - end.size());
}

/// "PyYAML-5.3.1-py3.9" -> {"PyYAML", "5.3.1"}; the version is empty where the name holds none.
std::pair<std::string, std::string> name_and_version(std::string stem, bool from_end) {
  if (const auto tag = stem.rfind("-py");
      tag != std::string::npos && tag + 3 < stem.size() && std::isdigit(stem[tag + 3]))
    stem.resize(tag);
  const auto dash = from_end ? stem.rfind('-') : stem.find('-');
  if (dash == std::string::npos) return {stem, ""};
  return {stem.substr(0, dash), stem.substr(dash + 1)};
}

/// The text that describes the package: METADATA, PKG-INFO, or the old .egg-info that is itself a file.
std::optional<std::string> description(const Host& host, const Path& metadata) {
  if (metadata.extension() == ".dist-info") return host.read(metadata / "METADATA");
  const auto info = host.stat(metadata);
  if (info && info->is_file()) return host.read(metadata);
  return host.read(metadata / "PKG-INFO");
}

}  // namespace

PythonMetadata parse_python_metadata(std::string_view text) {
  PythonMetadata found;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line == "\r") break;  // the description follows
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || line.front() == ' ' || line.front() == '\t') continue;
    const std::string_view key = line.substr(0, colon);
    std::string value = text::trimmed(line.substr(colon + 1));
    if (key == "Name")
      found.name = std::move(value);
    else if (key == "Version")
      found.version = std::move(value);
    else if (key == "Requires-Python")
      found.requires_python = std::move(value);
    else if (key == "Requires-Dist")
      found.requires_dist.push_back(std::move(value));
    else if (key == "Provides-Extra")
      found.extras.push_back(pep508::normalized(value));
    else if (key == prediction_field)
      found.predicted = true;
  }
  if (found.version == unknown_version) found.version.clear();
  return found;
}

Strings parse_egg_requirements(std::string_view text) {
  Strings found;
  std::string condition;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    line = text::trimmed(line);
    if (line.empty() || line.front() == '#') continue;
    if (line.front() != '[') {
      found.push_back(condition.empty() ? line : line + " ; " + condition);
      continue;
    }
    // [extra], [:marker] or [extra:marker]
    const std::string section = line.substr(1, line.rfind(']') - 1);
    const auto colon = section.find(':');
    const std::string extra = section.substr(0, colon);
    const std::string marker = colon == std::string::npos ? "" : section.substr(colon + 1);
    condition = extra.empty() ? "" : "extra == '" + extra + "'";
    if (!marker.empty()) condition = condition.empty() ? marker : "(" + marker + ") and " + condition;
  }
  return found;
}

std::vector<std::pair<Path, std::string>> predicted_package(const Path& site, const std::string& name,
                                                            const std::optional<std::string>& version) {
  const std::string shown = version.value_or(std::string(unknown_version));
  std::string folder = pep508::normalized(name);
  std::replace(folder.begin(), folder.end(), '-', '_');
  const Path info = site / (folder + "-" + shown + ".dist-info");
  return {{info / "METADATA", "Metadata-Version: 2.1\nName: " + name + "\nVersion: " + shown + "\n" +
                                  std::string(prediction_field) + ": yes\n"},
          {info / "INSTALLER", "agent-prediction\n"},
          {info / "RECORD", ""}};
}

const std::map<std::string, PythonPackage>& PythonEnvironment::packages() const {
  if (packages_) return *packages_;
  packages_.emplace();
  doubles_.clear();
  leftovers_.clear();
  std::vector<Path> ahead = sites_;
  if (const auto extra = host_->environment("PYTHONPATH")) {
    std::istringstream folders(*extra);
    std::vector<Path> first;
    for (std::string folder; std::getline(folders, folder, ':');)
      if (folder.starts_with('/')) first.emplace_back(folder);
    ahead.insert(ahead.begin(), first.begin(), first.end());
  }
  // A site's .pth files name further directories; Python appends them to its path, and does not read theirs.
  std::vector<Path> more;
  for (const auto& site : ahead) scan(site, more);
  std::vector<Path> ignored;
  for (const auto& site : more)
    if (std::find(ahead.begin(), ahead.end(), site) == ahead.end()) scan(site, ignored);
  return *packages_;
}

void PythonEnvironment::scan(const Path& site, std::vector<Path>& more) const {
  if (site.extension() == ".egg") {
    if (const auto text = host_->read(site / "EGG-INFO/PKG-INFO")) {
      const auto said = parse_python_metadata(*text);
      const auto name = pep508::normalized(said.name);
      packages_->emplace(name, PythonPackage{name, said.version, site / "EGG-INFO", site});
    }
    return;
  }
  for (const auto& entry : host_->list(site)) {
    if (entry.front() == '~') {  // pip marks so what it moved aside
      leftovers_.push_back(site / entry);
    } else if (entry.ends_with(".dist-info") || entry.ends_with(".egg-info")) {
      add_package(entry, site);
    } else if (entry.ends_with(".pth")) {
      std::istringstream lines(host_->read(site / entry).value_or(""));
      for (std::string line; std::getline(lines, line);) {
        line = text::trimmed(line);
        if (line.empty() || line.front() == '#' || line.starts_with("import ") || line.starts_with("import\t"))
          continue;
        more.push_back((site / line).lexically_normal());
      }
    }
  }
}

void PythonEnvironment::add_package(const std::string& entry, const Path& site) const {
  const bool modern = entry.ends_with(".dist-info");
  auto [name, version] = name_and_version(without_end(entry, modern ? ".dist-info" : ".egg-info"), modern);
  if (name.empty()) return;
  if (version.empty()) {
    // A development egg-info tells its version inside only; Debian leaves links of this kind to be ignored.
    const auto text = description(*host_, site / entry);
    if (!text) return;
    version = parse_python_metadata(*text).version;
    if (version.empty()) return;
  }
  if (version == unknown_version) version.clear();
  name = pep508::normalized(name);
  PythonPackage package{name, version, site / entry, site};
  const auto [known, is_first] = packages_->emplace(name, package);
  if (!is_first && modern && known->second.site == site && known->second.metadata.extension() == ".dist-info")
    doubles_[name].push_back(std::move(package));
}

const PythonPackage* PythonEnvironment::find(std::string_view name) const {
  const auto found = packages().find(pep508::normalized(name));
  return found == packages().end() ? nullptr : &found->second;
}

PythonMetadata PythonEnvironment::metadata(const PythonPackage& package) const {
  const auto text = description(*host_, package.metadata);
  if (!text) return {package.name, package.version, "", {}, {}, false};
  PythonMetadata found = parse_python_metadata(*text);
  if (package.metadata.extension() != ".dist-info" && found.requires_dist.empty())
    if (const auto info = host_->stat(package.metadata); info && info->is_directory())
      found.requires_dist = parse_egg_requirements(host_->read(package.metadata / "requires.txt").value_or(""));
  return found;
}

std::optional<DirectUrl> PythonEnvironment::direct_url(const PythonPackage& package) const {
  if (package.metadata.extension() == ".egg-info") {
    // Installed by `setup.py develop`: the metadata lies in the source tree itself.
    const bool outside = std::find(sites_.begin(), sites_.end(), package.site) == sites_.end();
    return outside ? std::optional(DirectUrl{"file://" + package.site.string(), true, "", ""}) : std::nullopt;
  }
  const auto text = host_->read(package.metadata / "direct_url.json");
  if (!text) return std::nullopt;
  const Value said = parse_json(*text, (package.metadata / "direct_url.json").string());
  const auto text_of = [](const Value& value) { return value.is_string() ? value.string() : std::string(); };
  const Value& editable = said["dir_info"]["editable"];
  return DirectUrl{text_of(said["url"]), editable.is_boolean() && editable.boolean(),
                   text_of(said["vcs_info"]["requested_revision"]), text_of(said["vcs_info"]["commit_id"])};
}

bool PythonEnvironment::is_whole(const PythonPackage& package) const {
  if (package.metadata.extension() != ".dist-info") return true;
  if (is_within(package.metadata, "/usr/lib")) return true;  // the system's own come without a RECORD
  if (records(package).size() > 1 || !is_recorded(package)) return false;
  // Looking for every file costs too much to be done always: only where pip left traces of an interruption.
  return leftovers_.empty() || has_all_files(package);
}

bool PythonEnvironment::is_recorded(const PythonPackage& package) const {
  const Strings files = host_->list(package.metadata);
  const auto has = [&](const char* name) { return std::find(files.begin(), files.end(), name) != files.end(); };
  if (!has("METADATA")) return false;
  if (has("RECORD")) return true;
  // pip writes INSTALLER and then, last of all, RECORD; other tools that leave it out name themselves.
  return has("INSTALLER") && text::trimmed(host_->read(package.metadata / "INSTALLER").value_or("")) != "pip";
}

bool PythonEnvironment::has_all_files(const PythonPackage& package) const {
  std::istringstream lines(host_->read(package.metadata / "RECORD").value_or(""));
  for (std::string line; std::getline(lines, line);) {
    // path,hash,size; a path with a comma stands in quotes
    const bool quoted = line.starts_with('"');
    const auto end = quoted ? line.find('"', 1) : line.find(',');
    if (end == std::string::npos) continue;
    const std::string file = quoted ? line.substr(1, end - 1) : line.substr(0, end);
    if (file.empty() || file.ends_with(".pyc")) continue;
    if (!host_->stat((package.site / file).lexically_normal(), false)) return false;
  }
  return true;
}

std::vector<PythonPackage> PythonEnvironment::records(const PythonPackage& package) const {
  std::vector<PythonPackage> all{package};
  if (const auto more = doubles_.find(package.name); more != doubles_.end())
    all.insert(all.end(), more->second.begin(), more->second.end());
  return all;
}

std::vector<Path> PythonEnvironment::leftovers(std::string_view name) const {
  packages();
  const std::string wanted = pep508::normalized(name);
  std::vector<Path> found;
  for (const auto& path : leftovers_) {
    // pip puts '~' and signs or digits in place of the first letters: numpy.libs -> ~umpy.libs, ~-mpy.libs
    std::string rest = path.filename().string();
    rest.erase(0, std::min(rest.find_first_not_of("~-.=%0123456789"), rest.size()));
    for (const char* end : {".dist-info", ".libs", ".data"})
      if (rest.ends_with(end)) rest.resize(rest.size() - std::string_view(end).size());
    rest = pep508::normalized(rest.substr(0, rest.find('-')));
    if (!rest.empty() && wanted.ends_with(rest)) found.push_back(path);
  }
  return found;
}

}  // namespace agent
