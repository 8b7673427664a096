#pragma once

#include <agent/resolver/search.hpp>
#include <agent/resolver/stack.hpp>

namespace agent::resolver {

/// A smallest set of facts that cannot hold together, and the nearest ways out. There must be no stack.
Conflict explain(const Problem& problem, Search& search);

/// The answer that a choice stands for.
Stack stack_of(const Problem& problem, const Choice& choice);

}  // namespace agent::resolver
