#include <algorithm>
#include <fstream>

#include <sys/stat.h>

#include <agent/host/apt_db.hpp>
#include <agent/host/dpkg_version.hpp>
#include <agent/host/package_lock.hpp>

namespace agent {

namespace {

std::string content(const Path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return {};
  in.seekg(0, std::ios::end);
  const auto size = in.tellg();
  if (size <= 0) return {};
  std::string text(static_cast<std::size_t>(size), '\0');
  in.seekg(0);
  in.read(text.data(), size);
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

// dpkg's journal: files named by number alone, in the order they were written.
std::vector<Path> journal(const Path& directory) {
  std::vector<Path> files;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(directory, none)) {
    const std::string name = entry.path().filename();
    if (!name.empty() && std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; }))
      files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

AptDb::Stamp AptDb::stamp() const {
  Stamp stamp;
  struct stat info {};
  if (::stat((context_.root / "var/lib/dpkg/status").c_str(), &info) == 0) {
    stamp.inode = info.st_ino;
    stamp.size = static_cast<std::uint64_t>(info.st_size);
    stamp.seconds = info.st_mtim.tv_sec;
    stamp.nanoseconds = info.st_mtim.tv_nsec;
  }
  if (::stat((context_.root / "var/lib/dpkg/updates").c_str(), &info) == 0) {
    stamp.journal_seconds = info.st_mtim.tv_sec;
    stamp.journal_nanoseconds = info.st_mtim.tv_nsec;
  }
  return stamp;
}

const DpkgStatus& AptDb::status() const {
  if (const Stamp now = stamp(); loaded_.inode == 0 || now != loaded_) {
    load();
    loaded_ = now;
  }
  return status_;
}

void AptDb::load() const {
  const Path directory = context_.root / "var/lib/dpkg";
  const std::string text = content(directory / "status");
  if (text.empty())
    throw Error("the package database '" + (directory / "status").string() + "' is missing or empty")
        .hint("dpkg keeps yesterday's copy as '" + (directory / "status-old").string() + "' and in /var/backups");
  status_ = DpkgStatus();
  journalled_.clear();
  status_.read(text);
  DpkgStatus journalled;
  for (const Path& file : journal(directory / "updates")) {
    const std::string entry = content(file);
    status_.read(entry);
    journalled.read(entry);
  }
  journalled_ = journalled.find("*");
}

// What is half done while somebody is at work was not interrupted. Who may not see the lock takes it for free.
bool AptDb::at_work() const {
  try {
    return holder_of(context_.root / "var/lib/dpkg/lock-frontend") || holder_of(context_.root / "var/lib/dpkg/lock");
  } catch (const Error&) {
    return false;
  }
}

// While dpkg's journal holds entries, apt refuses to work, whatever state they speak of.
std::vector<Package> AptDb::interrupted() const {
  if (at_work()) return {};
  std::vector<Package> packages = status().interrupted();
  for (const Package& package : journalled_)
    if (std::none_of(packages.begin(), packages.end(), [&](const Package& p) { return p.name == package.name; }))
      packages.push_back(package);
  return packages;
}

int AptDb::compare(const std::string& a, const std::string& b) const {
  return compare_dpkg_versions(a, b);
}

}  // namespace agent
