#pragma once

#include <agent/sdk/module.hpp>

#include "fake_host.hpp"
#include "printing.hpp"

namespace agent::test {

/// The laws that every module keeps, for one machine and one set of arguments: no action without a change that is
/// shown, no change without an action, every change changes something, the same question has the same answer, and a
/// second check after apply finds nothing but events. Returns the first plan; `host` is left as apply made it.
Plan expect_laws(const Module& module, const Args& args, FakeHost& host);

}  // namespace agent::test
