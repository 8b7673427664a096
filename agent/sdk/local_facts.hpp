#pragma once

#include <agent/sdk/host.hpp>

namespace agent {

/// What the `*.fact` files of a directory say, each under its name without the ending: JSON or INI, or the same printed
/// by a file that may be executed (it has 10 s). A file that says neither is told in a sentence, which stands for its
/// value, as in Ansible.
Map local_facts(const Path& directory, const Host& host);

}  // namespace agent
