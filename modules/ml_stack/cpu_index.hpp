#pragma once

#include <agent/sdk/host.hpp>

namespace agent::ml_stack {

/// The indexes that pip is configured with, from its environment and files, without passwords; PyPI where it says none.
Strings indexes_of_pip(const Host& host);

/// Where the builds for the CPU come from: PyTorch's own index where it answers within three seconds, otherwise the
/// indexes that pip is configured with, whose builds carry no label. Puts `index`, `index_why` and `pip_indexes` into
/// the plan's result and mends `index_url` and `packages` there. Where there is no network to ask (the wall of check
/// mode) the index is taken to answer, and `index_why` says so.
void choose_cpu_index(Plan& plan, const Host& host);

}  // namespace agent::ml_stack
