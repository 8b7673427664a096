#pragma once

#include <string>
#include <vector>

#include <agent/sdk/host.hpp>

namespace agent {

/// `text` with environment variables and a leading "~" or "~user" put in, as the `path` arguments of modules take it;
/// a variable that is not set stays as it is written.
std::string expand_user_and_variables(const std::string& text, const Host& host);

/// The absolute path that a `path` argument means on `host`: expanded, a relative one taken from the user's home,
/// without a trailing slash.
Path path_argument(const std::string& text, const Host& host);

/// Where `path` leads when every symbolic link on the way is followed; the last parts need not exist. Throws `Error`
/// when the links run in a circle.
Path resolve_links(const Path& path, const Host& host);

/// The same, for a path that is to be written or changed: a link that another user could have pointed anywhere (it lies
/// in a directory of theirs) is followed only into a directory of that same user. Throws `Error` for any other, so that
/// a task of root's cannot be led to /etc/shadow by a link in somebody's home.
Path resolve_links_to_write(const Path& path, const Host& host);

/// Throws `Error` where `resolve_links_to_write` would: for who resolves links to look, and then plans a change.
void expect_links_to_be_trusted(const Path& path, const Host& host);

/// True when `path` is `root` or below it, judged by their spelling.
bool is_within(const Path& path, const Path& root);

/// The existing paths that a shell pattern (`*`, `?`, `[...]`) names, sorted; a text without these is itself, where it
/// exists. A relative pattern is taken from `directory`.
std::vector<Path> glob(const std::string& pattern, const Path& directory, const Host& host);

}  // namespace agent
