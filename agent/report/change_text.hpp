#pragma once

#include <string>

#include <agent/sdk/plan.hpp>

namespace agent::report {

/// A change in one line: "/etc/motd mode: 0600 -> 0644", "/etc/motd: +2 -1 lines". `module`: whose change it is.
std::string change_text(const Change& change, const std::string& module);

/// How a text changes, as a unified diff whose sides are named "before: SUBJECT" and "after: SUBJECT" (as Ansible does;
/// a side that is not there has no name); of a structured file that was there, key by key (key_diff.hpp). Empty for a
/// change that is secret or no text.
std::string change_diff(const Change& change);

}  // namespace agent::report
