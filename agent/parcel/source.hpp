#pragma once

#include <optional>
#include <string>

#include <agent/sdk/plan.hpp>

namespace agent::parcel {

/// Where a file is pulled from: "https://host/play.bundle", or "git+https://host/repository.git@branch#play.bundle".
struct Source {
  bool is_git = false;
  std::string address;   ///< without "git+", revision and path
  std::string revision;  ///< of git: a branch, a tag, or "HEAD"
  std::string path;      ///< in the repository
};

/// Throws Error for what is no such address, could be read as something else (reliability V12), or holds a password.
Source source_from(const std::string& url);

/// What came of a look.
struct Fetched {
  /// What the server calls the content: its ETag, or git's name for it. Empty: it does not say.
  std::string tag;
  /// Nothing where it is still the content of the tag that was known.
  std::optional<Path> file;
};

/// Gets the file into `folder`, which is the caller's own, unless it is still what `known_tag` says. Done with curl or
/// git, as they are there. Throws Error that says what they said.
Fetched fetch(const Source& source, const Path& folder, const std::string& known_tag);

}  // namespace agent::parcel
