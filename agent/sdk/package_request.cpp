#include <algorithm>

#include <fnmatch.h>

#include <agent/sdk/package_request.hpp>

namespace agent {

namespace {

constexpr std::string_view name_signs = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-._:*?[]~^";

Error not_a_package(const std::string& text) {
  return Error("'" + text + "' is no package name");
}

void check_name(const std::string& text, const std::string& name) {
  if (name.empty()) throw not_a_package(text).hint("a package is written as name, name=version or name/release");
  if (name[0] == '-') throw not_a_package(text).hint("options have arguments of their own, such as install_recommends");
  if (name.back() == '-')
    throw not_a_package(text).hint("to remove '" + name.substr(0, name.size() - 1) + "', say state: absent");
  if (name.find_first_not_of(name_signs) != std::string::npos)
    throw not_a_package(text).hint(name.find(' ') == std::string::npos
                                       ? "names consist of letters, digits and + - . _"
                                       : "several packages are a list, or have commas between them");
}

/// Whether rpm's version is meant by a text or glob that may leave out its epoch, its release, or name its
/// architecture.
bool is_spelled(const std::string& text, const std::string& found, const std::string& architecture) {
  const auto colon = found.find(':');
  const std::string plain = colon == std::string::npos ? found : found.substr(colon + 1);
  for (const std::string& evr : {found, plain}) {
    const std::string version = evr.substr(0, evr.rfind('-'));
    for (const std::string& spelled : {evr, version, evr + "." + architecture})
      if (fnmatch(text.c_str(), spelled.c_str(), 0) == 0) return true;
  }
  return false;
}

}  // namespace

bool PackageRequest::takes(const std::string& found) const {
  if (version.empty() || fnmatch(version.c_str(), found.c_str(), 0) == 0) return true;
  return as_rpm && is_spelled(version, found, "");
}

PackageRequest package_request(const std::string& text) {
  PackageRequest request{.text = text, .name = text};
  const auto cut = text.find_first_of("=/");
  if (cut != std::string::npos) {
    request.name = text.substr(0, cut);
    (text[cut] == '=' ? request.version : request.release) = text.substr(cut + 1);
    if (cut + 1 == text.size())
      throw not_a_package(text).hint(text[cut] == '=' ? "a version belongs behind '='"
                                                      : "a release belongs behind '/'");
  }
  check_name(text, request.name);
  return request;
}

PackageRequest dnf_package_request(const std::string& text, const PackageDb& db) {
  std::string bare;
  std::copy_if(text.begin(), text.end(), std::back_inserter(bare), [](char c) { return c != ' '; });
  if (text.starts_with("@") || text.starts_with("/")) return {.text = text, .name = text};
  if (const auto relation = bare.find_first_of("<>"); relation != std::string::npos)
    throw Error("the relation in '" + text + "' is not understood")
        .hint("name one version: name-version, or a glob: name-9.*");
  if (const auto equals = bare.find('='); equals != std::string::npos) {
    PackageRequest request = package_request(bare);
    request.text = request.name + "-" + request.version;
    request.as_rpm = true;
    return request;
  }
  PackageRequest request{.text = text, .name = text};
  check_name(text, text);
  if (request.is_glob() && text.find('-') == std::string::npos) return request;
  if (!db.find(text).empty()) return request;
  for (auto dash = text.rfind('-'); dash != std::string::npos && dash > 0; dash = text.rfind('-', dash - 1)) {
    const std::string name = text.substr(0, dash), rest = text.substr(dash + 1);
    for (const Package& package : db.find(name))
      if (is_spelled(rest, package.version, package.architecture)) {
        request.name = name;
        request.version = package.version;
        return request;
      }
  }
  return request;
}

}  // namespace agent
