#pragma once

#include <string>

#include <agent/sdk/host.hpp>
#include <agent/sdk/plan.hpp>

namespace agent {

/// One package as a playbook asks for it: "vim", "vim=2:9.0*", "vim/bookworm-backports", "libc6:i386", "php8.*".
struct PackageRequest {
  std::string text;     ///< as it is handed to the package manager
  std::string name;     ///< with ":arch", if that was said; may be a glob
  std::string version;  ///< may be a glob; empty: any
  std::string release;  ///< empty: any
  /// Versions are rpm's: "27.5.1" also stands for 3:27.5.1-1.fc42, whose epoch and release were not said.
  bool as_rpm = false;

  bool is_glob() const { return name.find_first_of("*?[") != std::string::npos; }
  /// Whether a package of that version is what is asked for.
  bool takes(const std::string& version) const;
};

/// Reads Debian's spelling. Throws Error for what cannot be a package: an option, a blank, "name-" (which apt would
/// take for a removal).
PackageRequest package_request(const std::string& text);

/// Reads dnf's spelling on a machine with dnf: "vim", "vim.x86_64", "vim-9.0-1.fc40", "vim-9.0*", "vim = 9.0",
/// "@group", or Debian's "vim=9.0". The database tells where a name ends and a version begins.
PackageRequest dnf_package_request(const std::string& text, const PackageDb& db);

}  // namespace agent
