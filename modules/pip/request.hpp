#pragma once

#include <optional>
#include <string>
#include <vector>

#include <agent/sdk/pep508.hpp>

#include "pip.hpp"

namespace agent::pip {

/// One thing that is to be installed, as pip is told of it.
struct Request {
  std::string text;  ///< for pip's command line
  /// What it says about name and versions; the name is empty where only the source itself knows it.
  pep508::Requirement requirement;
  std::string source;    ///< a path or URL in place of an index, as direct_url.json would write it; empty: an index
  std::string revision;  ///< of a repository
  bool editable = false;
};

/// Reads one requirement, path or URL; relative paths start at `directory`. Throws Error.
Request read_request(const std::string& text, bool editable, const Path& directory);

/// The names of a task, with `version` put to the only one of them.
std::vector<Request> named_requests(const Want& want, const Path& directory);

/// What a requirements file and the files that it names hold.
struct RequirementsFile {
  std::vector<Request> requests;
  std::vector<pep508::Requirement> constraints;
  bool pre = false;
};
/// Reads `file` from the machine. Throws Error at the line of the file that is wrong.
RequirementsFile read_requirements(const Path& file, bool as_constraints, const Host& host);

}  // namespace agent::pip
