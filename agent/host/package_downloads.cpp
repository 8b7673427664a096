#include <cerrno>
#include <cstring>

#include <stdlib.h>
#include <sys/stat.h>

#include <agent/host/package_downloads.hpp>

namespace agent {

namespace {

bool is_url(const std::string& request) {
  return request.find("://") != std::string::npos;
}

// apt takes a local file for a package only by this ending.
std::string file_name(const std::string& url, std::size_t number) {
  const std::string path = url.substr(0, url.find_first_of("?#"));
  std::string name = path.substr(path.rfind('/') + 1);
  if (!name.ends_with(".deb") || name.find('%') != std::string::npos) name = "package.deb";
  return std::to_string(number) + "-" + name;
}

}  // namespace

PackageDownloads::PackageDownloads(const PackageContext& context, const Strings& requests) {
  for (const std::string& request : requests) {
    if (!is_url(request)) {
      requests_.push_back(request);
      continue;
    }
    if (directory_.empty()) make_directory(context.root);
    try {
      requests_.push_back(fetch(context, request));
    } catch (...) {
      std::error_code none;
      std::filesystem::remove_all(directory_, none);
      throw;
    }
  }
}

PackageDownloads::~PackageDownloads() {
  std::error_code none;
  if (!directory_.empty()) std::filesystem::remove_all(directory_, none);
}

void PackageDownloads::make_directory(const Path& root) {
  const Path parent = root / "var/lib/agent";
  std::error_code failed;
  std::filesystem::create_directories(parent, failed);
  std::string pattern = (parent / "download-XXXXXX").string();
  if (failed || ::mkdtemp(pattern.data()) == nullptr)
    throw Error("cannot make a directory for downloads in '" + parent.string() +
                "': " + (failed ? failed.message() : std::strerror(errno)));
  directory_ = pattern;
}

Path PackageDownloads::fetch(const PackageContext& context, const std::string& url) {
  if (context.progress) context.progress("downloading " + url, -1);
  const Path file = directory_ / file_name(url, requests_.size());
  const Output output =
      context.run({.argv = {"/usr/lib/apt/apt-helper", "-o", "Acquire::Retries=3", "-o", "Acquire::http::Timeout=30",
                            "-o", "Acquire::https::Timeout=30", "download-file", url, file.string()}});
  if (output.rc == 0) return file;
  std::string reason = output.err.substr(0, output.err.find('\n'));
  if (reason.starts_with("E: ")) reason.erase(0, 3);
  Map result;
  result.set("rc", output.rc);
  result.set("stdout", output.out);
  result.set("stderr", output.err);
  throw Error("'" + url + "' could not be downloaded" + (reason.empty() ? "" : ": " + reason))
      .hint("check the address, the network, and the proxy (http_proxy)")
      .with(result);
}

}  // namespace agent
