#pragma once

#include <optional>

#include <agent/sdk/plan.hpp>

namespace agent::wall {

/// The words of a command line that a shell would only split: nothing in it is special to one.
std::optional<Strings> plain_words(const std::string& line);

/// A command that only reads, and that needs a daemon or a right of root's for it: where it stands in the list of such
/// commands, the program's name and its arguments ("systemctl", "is-active", "sshd"); nothing for any other. A program
/// that is called by a path counts where that is one of the system's own directories.
///
/// The list is short and fixed: each entry names the verbs and the options that it takes.
std::optional<Strings> privileged_read(const Strings& argv);

/// Asking the kernel for it would load nothing into the kernel that is not there yet.
bool loads_nothing(const Strings& read);

}  // namespace agent::wall
