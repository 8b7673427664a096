#pragma once

#include <agent/host/package_system.hpp>

namespace agent {

/// Package files that are named by URL, fetched into a directory that only root may enter, and gone with this object.
class PackageDownloads {
 public:
  /// Fetches with apt's own downloader, which knows the machine's proxies. Throws Error when one does not come.
  PackageDownloads(const PackageContext& context, const Strings& requests);
  ~PackageDownloads();
  PackageDownloads(const PackageDownloads&) = delete;
  PackageDownloads& operator=(const PackageDownloads&) = delete;

  /// The requests, with each URL replaced by the path of its file.
  const Strings& requests() const { return requests_; }

 private:
  void make_directory(const Path& root);
  Path fetch(const PackageContext& context, const std::string& url);

  Strings requests_;
  Path directory_;
};

}  // namespace agent
