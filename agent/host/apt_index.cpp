#include <algorithm>
#include <cctype>

#include <fnmatch.h>
#include <sys/stat.h>

#include <agent/host/apt_index.hpp>
#include <agent/sdk/text.hpp>

namespace agent {

namespace {

// Nothing is written, not even the package cache (reliability R31).
const Strings apt_cache = {"apt-cache", "-o", "Dir::Cache::pkgcache=", "-o", "Dir::Cache::srcpkgcache="};

bool is_glob(const std::string& name) {
  return name.find_first_of("*?[") != std::string::npos;
}

// A line of the version table: " *** 1.0 500" or "     1.0 500".
std::string_view version_of(std::string_view line) {
  if (!line.starts_with(" *** ") && !line.starts_with("     ")) return {};
  line.remove_prefix(5);
  if (line.empty() || line[0] == ' ') return {};
  return line.substr(0, line.find(' '));
}

bool holds_word(const std::string& text, const std::string& word) {
  const auto at = text.find(word);
  if (at == std::string::npos) return false;
  const auto letter = [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; };
  return (at == 0 || !letter(text[at - 1])) && (at + word.size() == text.size() || !letter(text[at + word.size()]));
}

struct Offer {
  std::string version;
  bool offered = false;
};

std::vector<Package> in_order(const std::string& header, const std::string& candidate,
                              const std::vector<Offer>& offers) {
  const auto colon = header.find(':');
  std::vector<Package> packages;
  for (const Offer& offer : offers) {
    if (!offer.offered) continue;
    Package package{.name = header.substr(0, colon), .version = offer.version};
    if (colon != std::string::npos) package.architecture = header.substr(colon + 1);
    packages.insert(offer.version == candidate ? packages.begin() : packages.end(), std::move(package));
  }
  // A candidate that no repository offers is what is installed: then nothing is on offer that apt would take.
  return packages;
}

double modified(const Path& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return 0;
  return static_cast<double>(info.st_mtim.tv_sec) + static_cast<double>(info.st_mtim.tv_nsec) * 1e-9;
}

}  // namespace

std::map<std::string, std::vector<Package>> parse_apt_policy(std::string_view text) {
  std::map<std::string, std::vector<Package>> all;
  std::string header, candidate;
  std::vector<Offer> offers;
  const auto finish = [&] {
    if (!header.empty()) all[header] = in_order(header, candidate, offers);
    offers.clear();
    candidate.clear();
  };
  for (const std::string& line : text::lines_of(text)) {
    if (!line.empty() && line[0] != ' ' && line.back() == ':') {
      finish();
      header = line.substr(0, line.size() - 1);
    } else if (line.starts_with("  Candidate: ")) {
      candidate = line.substr(13);
    } else if (const auto version = version_of(line); !version.empty()) {
      offers.push_back({.version = std::string(version)});
    } else if (line.starts_with("        ") && !offers.empty()) {
      if (line.find("/dpkg/status") == std::string::npos) offers.back().offered = true;
    }
  }
  finish();
  return all;
}

std::string AptIndex::ask(Strings argv) const {
  argv.insert(argv.begin(), apt_cache.begin(), apt_cache.end());
  const Output output = context_.run({.argv = argv, .deadline = std::chrono::seconds(60)});
  if (output.rc == 127)
    throw Error("apt-cache is missing, so what the repositories offer cannot be read")
        .hint("install the package 'apt'");
  return output.out;
}

// When any of these changes, apt's answers may.
std::string AptIndex::state() const {
  std::string state;
  for (const char* path : {"var/lib/apt/lists", "var/lib/dpkg/status", "etc/apt/sources.list", "etc/apt/sources.list.d",
                           "etc/apt/preferences", "etc/apt/preferences.d", "etc/apt/apt.conf.d"})
    state += std::to_string(modified(context_.root / path)) + " ";
  return state;
}

std::map<std::string, std::vector<Package>> AptIndex::policy(const Strings& names) const {
  Strings argv = {"policy", "--"};
  argv.insert(argv.end(), names.begin(), names.end());
  return parse_apt_policy(ask(std::move(argv)));
}

std::vector<Package> AptIndex::candidates(const std::string& name) const {
  if (std::string now = state(); now != remembered_state_) {
    remembered_.clear();
    remembered_state_ = std::move(now);
  }
  if (const auto known = remembered_.find(name); known != remembered_.end()) return known->second;
  std::vector<Package> found;
  if (is_glob(name)) {
    const std::string prefix = name.substr(0, name.find_first_of("*?["));
    Strings names;
    for (std::string& each : text::lines_of(ask({"pkgnames", "--", prefix})))
      if (fnmatch(name.c_str(), each.c_str(), 0) == 0) names.push_back(std::move(each));
    if (!names.empty())
      for (auto& [each, versions] : policy(names))
        if (!versions.empty()) found.push_back(std::move(versions.front()));
  } else {
    for (auto& [each, versions] : policy({name})) found.insert(found.end(), versions.begin(), versions.end());
  }
  return remembered_[name] = found;
}

Strings AptIndex::similar(const std::string& name) const {
  const Strings all = text::lines_of(ask({"pkgnames"}));
  Strings names = nearest(name, all, 3);
  // "cudnn" is far from "nvidia-cudnn" in letters, but it is what was meant.
  for (const std::string& each : all)
    if (names.size() < 5 && each.size() > name.size() && holds_word(each, name) &&
        std::find(names.begin(), names.end(), each) == names.end())
      names.push_back(each);
  return names;
}

double AptIndex::refreshed() const {
  const Path lists = context_.root / "var/lib/apt/lists";
  std::error_code none;
  bool any = false;
  for (const auto& entry : std::filesystem::directory_iterator(lists, none)) {
    const std::string file = entry.path().filename();
    any = any || file.ends_with("Release") || file.find("_Packages") != std::string::npos;
  }
  if (!any) return 0;
  return std::max(modified(lists), modified(context_.root / "var/lib/apt/periodic/update-success-stamp"));
}

}  // namespace agent
