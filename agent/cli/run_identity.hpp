#pragma once

#include <string>

#include <agent/executor/environment.hpp>

namespace agent::cli {

/// A name for a run that begins now, which no other run has: "20261121-125012-4f2a91", in UTC.
std::string fresh_run_name();

/// "sha256:..." of all hosts, groups and variables, wherever they were read from.
std::string fingerprint(const executor::Hosts& hosts);

}  // namespace agent::cli
