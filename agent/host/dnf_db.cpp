#include <algorithm>

#include <fnmatch.h>
#include <sys/stat.h>

#include <agent/host/dnf_db.hpp>
#include <agent/host/dnf_question.hpp>
#include <agent/host/dnf_versionlock.hpp>
#include <agent/host/rpm_version.hpp>

namespace agent {

namespace {

constexpr const char* format = "%{name}\t%{evr}\t%{arch}\n";

std::string stamp_of(const Path& file) {
  struct stat info {};
  if (::stat(file.c_str(), &info) != 0) return "-";
  return std::to_string(info.st_ino) + "." + std::to_string(info.st_size) + "." + std::to_string(info.st_mtim.tv_sec) +
         "." + std::to_string(info.st_mtim.tv_nsec);
}

bool is_glob(const std::string& name) {
  return name.find_first_of("*?[") != std::string::npos;
}

// "glibc.i686" and "glibc:i686" name one architecture, unless a package is called just so ("java-1.8.0-openjdk").
struct Name {
  std::string name, architecture;
};
Name split(const std::string& text) {
  constexpr std::string_view known[] = {"noarch",  "x86_64",  "i686",  "i386", "aarch64",
                                        "armv7hl", "ppc64le", "s390x", "src"};
  const auto dot = text.find_last_of(".:");
  if (dot == std::string::npos) return {text, ""};
  const std::string architecture = text.substr(dot + 1);
  if (std::find(std::begin(known), std::end(known), architecture) == std::end(known)) return {text, ""};
  return {text.substr(0, dot), architecture};
}

// Several versions of these are meant to be there at once.
bool may_repeat(const RpmHeader& header) {
  if (header.name == "gpg-pubkey" || header.name.starts_with("kernel")) return true;
  return std::any_of(header.provides.begin(), header.provides.end(),
                     [](const std::string& p) { return p.starts_with("installonlypkg("); });
}

}  // namespace

std::vector<Package> parse_dnf_packages(std::string_view text) {
  std::vector<Package> packages;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const auto first = line.find('\t'), second = line.rfind('\t');
    if (first == std::string_view::npos || first == second) continue;
    Package package{.name = std::string(line.substr(0, first)),
                    .version = std::string(line.substr(first + 1, second - first - 1)),
                    .architecture = std::string(line.substr(second + 1))};
    // dnf 4 writes an epoch of 0, rpm and dnf 5 do not.
    if (package.version.starts_with("0:")) package.version.erase(0, 2);
    packages.push_back(std::move(package));
  }
  std::stable_sort(packages.begin(), packages.end(),
                   [](const Package& a, const Package& b) { return compare_rpm_versions(a.version, b.version) > 0; });
  return packages;
}

std::string DnfDb::command() const {
  std::error_code none;
  return std::filesystem::exists(context_.root / "usr/bin/dnf5", none) ? "dnf5" : "dnf";
}

const RpmDatabase& DnfDb::rpm() const {
  const Path file = rpm_sqlite_file(context_.root);
  std::string now = file.empty() ? "none" : stamp_of(file) + " " + stamp_of(file.string() + "-wal");
  if (!rpm_ || now != stamp_) {
    rpm_ = open_rpm_sqlite(context_.root);
    if (!rpm_) rpm_ = ask_rpm(context_);
    stamp_ = std::move(now);
  }
  return *rpm_;
}

std::vector<Package> DnfDb::find(const std::string& name) const {
  Strings names = {name};
  if (is_glob(name)) {
    names = rpm().names();
    std::erase_if(names, [&](const std::string& n) { return fnmatch(name.c_str(), n.c_str(), 0) != 0; });
  }
  std::vector<Package> found;
  for (const std::string& each : names) {
    Name wanted{each, ""};
    std::vector<RpmHeader> headers = rpm().named(each);
    if (headers.empty()) wanted = split(each), headers = rpm().named(wanted.name);
    for (const RpmHeader& header : headers)
      if (header.name == wanted.name && (wanted.architecture.empty() || header.architecture == wanted.architecture))
        found.push_back(header.package());
  }
  if (!found.empty()) {
    const DnfVersionLock locks(context_.root);
    for (Package& package : found) package.held = locks.holds(package);
  }
  std::stable_sort(found.begin(), found.end(), [](const Package& a, const Package& b) {
    return a.name != b.name ? a.name < b.name : compare_rpm_versions(a.version, b.version) > 0;
  });
  return found;
}

Strings DnfDb::providers(const std::string& name) const {
  Strings names;
  for (const RpmHeader& header : rpm().providing(name)) names.push_back(header.name);
  if (names.empty() && name.starts_with("/")) {
    const Output output = context_.run({.argv = {"rpm", "-qf", "--qf", "%{NAME}\\n", "--", name}});
    if (output.rc == 0) names.push_back(output.out.substr(0, output.out.find('\n')));
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

// -C: with what was fetched before; asking renews nothing.
std::string DnfDb::ask(Strings words) const {
  Strings argv = {command(), "-C", "-q"};
  if (context_.root != "/") argv.push_back("--installroot=" + context_.root.string());
  argv.insert(argv.end(), words.begin(), words.end());
  const Output output =
      context_.run({.argv = leaving_no_trace(argv, context_.root), .deadline = std::chrono::seconds(60)});
  if (output.rc == 127) throw Error("dnf is missing, so what the repositories offer cannot be read");
  return output.out;
}

std::vector<Package> DnfDb::candidates(const std::string& name) const {
  std::string now = std::to_string(refreshed()) + stamp_of(context_.root / "etc/yum.repos.d");
  if (now != offered_stamp_) {
    offered_.clear();
    offered_stamp_ = std::move(now);
  }
  if (const auto known = offered_.find(name); known != offered_.end()) return known->second;
  std::vector<Package> found = parse_dnf_packages(ask({"repoquery", "--available", "--qf", format, "--", name}));
  if (found.empty() && !is_glob(name))
    found = parse_dnf_packages(ask({"repoquery", "--available", "--qf", format, "--whatprovides", name}));
  std::erase_if(found, [](const Package& package) { return package.architecture == "src"; });
  if (is_glob(name)) {
    std::stable_sort(found.begin(), found.end(), [](const Package& a, const Package& b) { return a.name < b.name; });
    found.erase(
        std::unique(found.begin(), found.end(), [](const Package& a, const Package& b) { return a.name == b.name; }),
        found.end());
  }
  return offered_[name] = found;
}

Strings DnfDb::similar(const std::string& name) const {
  Strings all;
  for (const Package& package : parse_dnf_packages(ask({"repoquery", "--available", "--qf", format})))
    all.push_back(package.name);
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  Strings names = nearest(name, all, 3);
  for (const std::string& each : all) {
    if (names.size() >= 5 || name.size() < 4) break;
    if (each.find(name) != std::string::npos && std::find(names.begin(), names.end(), each) == names.end())
      names.push_back(each);
  }
  return names;
}

std::vector<Package> DnfDb::interrupted() const {
  std::vector<Package> twins;
  for (const std::string& name : rpm().repeated()) {
    std::vector<RpmHeader> headers = rpm().named(name);
    if (headers.empty() || may_repeat(headers.front())) continue;
    std::stable_sort(headers.begin(), headers.end(),
                     [](const RpmHeader& a, const RpmHeader& b) { return compare_rpm_versions(a.evr(), b.evr()) > 0; });
    for (std::size_t i = 1; i < headers.size(); ++i)
      for (std::size_t newer = 0; newer < i; ++newer)
        if (headers[newer].architecture == headers[i].architecture) {
          twins.push_back(headers[i].package());
          twins.back().state = Package::State::half_installed;
          break;
        }
  }
  return twins;
}

int DnfDb::compare(const std::string& a, const std::string& b) const {
  return compare_rpm_versions(a, b);
}

double DnfDb::refreshed() const {
  double newest = 0;
  std::error_code none;
  for (const char* cache : {"var/cache/dnf", "var/cache/libdnf5"})
    for (const auto& entry : std::filesystem::directory_iterator(context_.root / cache, none)) {
      struct stat info {};
      if (::stat((entry.path() / "repodata/repomd.xml").c_str(), &info) == 0)
        newest = std::max(newest, static_cast<double>(info.st_mtim.tv_sec));
    }
  return newest;
}

}  // namespace agent
