#pragma once

#include <string_view>

#include <agent/sdk/value.hpp>

namespace agent::keywords {

/// What stands for what in the grammar. Every list is sorted.
const Strings& of_play();
const Strings& of_block();
const Strings& of_task();     ///< without modules and `with_...`
const Strings& of_handler();  ///< those of a task, and `listen`
const Strings& of_role();     ///< of an entry under `roles:`; other keys are parameters
const Strings& of_import_playbook();
const Strings& of_loop_control();

bool has(const Strings& sorted, std::string_view word);

}  // namespace agent::keywords
