#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include <agent/template/services.hpp>

/// The longer ones of the local lookups.
namespace agent::jinja {

/// The text of a file that a lookup names. Throws Error when there is none.
using ReadFile = std::function<std::string(const std::string& name)>;

List ini_values(const LookupCall& call, const ReadFile& text_of);
List csv_values(const LookupCall& call, const ReadFile& text_of);
/// What the lookup `filetree` says about one file.
Value tree_entry(const std::filesystem::path& root, const std::filesystem::path& path);
/// A password that is made once and kept in a file.
List password(const LookupCall& call);
List url(const LookupCall& call);
List config(const LookupCall& call);

}  // namespace agent::jinja
