#pragma once

#include <agent/wire/task.hpp>

namespace agent::fleet {

/// True where a host was not reached because nobody answered, or the connection ended before anybody was let in: it may
/// answer later. False where it did answer, and said no: another key, a login refused, nowhere to work; and where there
/// is no such name.
bool is_silence(const Unreachable& error);

}  // namespace agent::fleet
