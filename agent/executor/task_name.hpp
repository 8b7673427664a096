#pragma once

#include <string>

#include <agent/executor/host_context.hpp>

namespace agent::executor {

/// A task as the report calls it: "role : name", or its module where it has no name.
std::string shown_name(HostContext& context, const Task& task);

}  // namespace agent::executor
