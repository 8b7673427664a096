#pragma once

#include <functional>
#include <string>

#include <agent/history/store.hpp>

namespace agent::cli {

/// What `--limit` comes to: of its parts between commas, `@FILE` stands for the hosts named in the file, one a line (as
/// Ansible's `.retry` files have them), and `@failed` for those on which the newest run of the same `playbooks` in
/// the history failed, or which it did not reach. All else stays as it was written. `past` is asked only where it takes
/// the history. Throws Error where a part stands for no host.
std::string limit_of(const std::string& written, const Strings& playbooks, const std::function<history::Store()>& past);

}  // namespace agent::cli
