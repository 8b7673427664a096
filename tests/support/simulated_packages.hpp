#pragma once

#include "fake_host.hpp"

namespace agent::test {

/// Lets the host answer as its package manager would: `apt-get -s install|remove ...` (each operand in the version
/// asked for, or offered first), and `dnf repoquery --requires` (nothing more is needed).
void simulate_packages(FakeHost& host);

}  // namespace agent::test
