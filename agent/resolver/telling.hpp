#pragma once

#include <agent/resolver/search.hpp>
#include <agent/resolver/stack.hpp>

// What the elements of a conflict are called, for people.
namespace agent::resolver {

/// The facts that one element of a conflict stands for.
std::vector<Fact> told_facts(const Problem& problem, Elements conflict, Elements bit);
/// What to do about one thing that was asked for, when this choice is possible without it: "use Python 3.9".
std::string told_way(const Problem& problem, const Choice& choice, Elements bit);
/// "torch 2.14.0+cu126 with Python 3.12".
std::string told_choice(const Problem& problem, const Choice& choice);

}  // namespace agent::resolver
