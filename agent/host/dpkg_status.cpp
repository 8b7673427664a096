#include <algorithm>
#include <map>

#include <fnmatch.h>

#include <agent/host/dpkg_status.hpp>
#include <agent/sdk/text.hpp>

namespace agent {

namespace {

// The names in "a, b (= 1.0), c:any".
template <class Take>
void each_provided(std::string_view list, Take take) {
  while (!list.empty()) {
    const auto comma = list.find(',');
    const std::string_view item = text::trimmed_view(list.substr(0, comma));
    take(std::string(item.substr(0, item.find_first_of(" (:"))));
    if (comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}

struct Words {
  std::string_view want, flag, status;
};

Words words(std::string_view text) {
  Words words;
  for (std::string_view* word : {&words.want, &words.flag, &words.status}) {
    text = text::trimmed_view(text);
    const auto end = text.find(' ');
    *word = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end);
  }
  return words;
}

bool is_glob(const std::string& name) {
  return name.find_first_of("*?[") != std::string::npos;
}

}  // namespace

void DpkgStatus::read(std::string_view text) {
  Record record;
  bool known = true;  // whether the stanza's state is one that we record
  std::string* continued = nullptr;
  const auto finish = [&] {
    if (!record.package.name.empty()) known ? put(std::move(record)) : forget(record.package);
    record = Record{};
    known = true;
    continued = nullptr;
  };
  const auto take_state = [&](std::string_view value) {
    const Words status = words(value);
    record.package.held = status.want == "hold";
    record.needs_reinstall = status.flag == "reinstreq";
    record.pending_triggers = status.status.starts_with("triggers-");
    if (status.status == "installed" || record.pending_triggers)
      record.package.state = Package::State::installed;
    else if (status.status == "config-files")
      record.package.state = Package::State::config_files;
    else if (status.status == "half-installed")
      record.package.state = Package::State::half_installed;
    else if (status.status == "half-configured")
      record.package.state = Package::State::half_configured;
    else if (status.status == "unpacked")
      record.package.state = Package::State::unpacked;
    else
      known = false;
  };
  while (!text.empty()) {
    const auto end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (text::trimmed_view(line).empty()) {
      finish();
      continue;
    }
    if (line[0] == ' ' || line[0] == '\t') {
      if (continued) continued->append(line);
      continue;
    }
    continued = nullptr;
    // Most lines are descriptions, dependencies and checksums: look at the first letter before anything else.
    const char first = line[0];
    if (first != 'P' && first != 'S' && first != 'V' && first != 'A') continue;
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view field = line.substr(0, colon), value = text::trimmed_view(line.substr(colon + 1));
    if (field == "Package")
      record.package.name = value;
    else if (field == "Version")
      record.package.version = value;
    else if (field == "Architecture")
      record.package.architecture = value;
    else if (field == "Provides")
      record.provides = value, continued = &record.provides;
    else if (field == "Status")
      take_state(value);
  }
  finish();
  guessed_.clear();
}

void DpkgStatus::put(Record record) {
  auto& same_name = by_name_[record.package.name];
  const auto same = std::find_if(same_name.begin(), same_name.end(), [&](std::uint32_t at) {
    return records_[at].package.architecture == record.package.architecture;
  });
  const auto at = same == same_name.end() ? static_cast<std::uint32_t>(records_.size()) : *same;
  each_provided(record.provides, [&](std::string name) { by_provided_[std::move(name)].push_back(at); });
  if (same == same_name.end()) {
    same_name.push_back(at);
    records_.push_back(std::move(record));
  } else {
    records_[at] = std::move(record);
  }
}

// Only the journal says that a package is gone; the status file leaves it out.
void DpkgStatus::forget(const Package& package) {
  const auto same_name = by_name_.find(package.name);
  if (same_name == by_name_.end()) return;
  std::erase_if(same_name->second, [&](std::uint32_t at) {
    Package& known = records_[at].package;
    const bool gone = package.architecture.empty() || known.architecture == package.architecture;
    if (gone) known = Package{.name = "", .state = Package::State::config_files};
    return gone;
  });
}

const std::string& DpkgStatus::native() const {
  if (!native_.empty() || !guessed_.empty()) return native_.empty() ? guessed_ : native_;
  std::map<std::string, int> votes;
  for (const Record& record : records_)
    if (record.package.architecture != "all") ++votes[record.package.architecture];
  const auto most =
      std::max_element(votes.begin(), votes.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  guessed_ = most == votes.end() ? "all" : most->first;
  return guessed_;
}

std::vector<Package> DpkgStatus::find(const std::string& name) const {
  std::vector<Package> found;
  if (is_glob(name)) {
    for (const Record& record : records_)
      if (!record.package.name.empty() && fnmatch(name.c_str(), record.package.name.c_str(), 0) == 0)
        found.push_back(record.package);
    std::sort(found.begin(), found.end(), [](const Package& a, const Package& b) { return a.name < b.name; });
    return found;
  }
  const auto colon = name.find(':');
  const auto at = by_name_.find(name.substr(0, colon));
  if (at == by_name_.end()) return found;
  std::string wanted = colon == std::string::npos ? "" : name.substr(colon + 1);
  if (wanted == "native") wanted = native();
  for (const std::uint32_t index : at->second) {
    const Package& package = records_[index].package;
    const bool own = package.architecture == native() || package.architecture == "all";
    if (wanted.empty() || wanted == "any" || package.architecture == wanted || (wanted == native() && own))
      found.insert(own ? found.begin() : found.end(), package);
  }
  return found;
}

Strings DpkgStatus::providers(const std::string& name) const {
  Strings names;
  if (const auto at = by_provided_.find(name); at != by_provided_.end())
    for (const std::uint32_t index : at->second)
      if (records_[index].package.state == Package::State::installed) names.push_back(records_[index].package.name);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::vector<Package> DpkgStatus::interrupted() const {
  std::vector<Package> found;
  for (const Record& record : records_) {
    const auto state = record.package.state;
    const bool settled = state == Package::State::installed || state == Package::State::config_files;
    if (!settled || record.pending_triggers || record.needs_reinstall) found.push_back(record.package);
  }
  return found;
}

}  // namespace agent
