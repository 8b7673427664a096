#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include <agent/template/services.hpp>

namespace agent::jinja {

/// The lookups that look at this machine.
std::optional<List> local_lookup(const LookupCall& call);

/// A file that is named absolutely, or found in one of the directories or their sub-directory `kind` ("files",
/// "templates"), that one first.
std::optional<std::filesystem::path> find_local_file(const std::string& name, const Strings& search_path,
                                                     const std::string& kind);
/// Throws Error when it cannot be read or is larger than 64 MiB.
std::string read_local_file(const std::filesystem::path& file);

/// What a program prints, without a shell between. Throws Error when it fails.
std::string run_program(const Strings& argv);

}  // namespace agent::jinja
