#pragma once

#include <string>
#include <string_view>

namespace agent {

/// The short name that we know a module by: "ansible.builtin.copy" is "copy", "yum" is "dnf". A name that is none of
/// ours comes back as it is.
std::string canonical_module(std::string_view name);

/// What follows such a module's name is a command line, of which only the module's own options are taken off.
bool takes_command_line(std::string_view canonical);
/// What follows such a module's name is a word or two ("main.yml", "noop"), with `k=v` options allowed.
bool takes_words(std::string_view canonical);

}  // namespace agent
