#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <agent/sdk/error.hpp>
#include <agent/sdk/plan.hpp>

namespace agent {

/// One line of apt's status descriptor (APT::Status-Fd).
struct AptStatus {
  enum class Kind { download, package, error, conffile };
  Kind kind = Kind::package;
  std::string subject;   ///< the package, or the file of packages; of a download its number
  double fraction = -1;  ///< of the whole phase
  std::string text;      ///< "Unpacking vim (amd64)"
};
/// None for a line that says nothing of these.
std::optional<AptStatus> parse_apt_status(std::string_view line);

/// A repository that `apt-get update` could not fetch, in apt's words.
struct FailedRepository {
  std::string what;    ///< "http://deb.debian.org/debian bookworm InRelease"
  std::string reason;  ///< "Could not resolve 'deb.debian.org'"
};
/// The repositories that failed, though apt may have exited with 0. Each once.
std::vector<FailedRepository> failed_repositories(const Output& output);

/// The Error for an index that could not be fetched: which repository, why, and what to do.
Error refresh_error(const Output& output);
/// The Error for a failed apt-get or dpkg: the package and its script, the full disk, the missing archive, ...
/// `reported` are the errors that came over the status descriptor.
Error package_error(const std::string& doing, const Output& output, const std::vector<AptStatus>& reported);

/// Whether apt failed because an archive that its index names is no longer there: a fresh index may help.
bool is_stale_index(const Output& output);
/// Whether apt or dpkg failed because somebody else holds a lock.
bool is_locked(const Output& output);

}  // namespace agent
