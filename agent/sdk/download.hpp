#pragma once

#include <string>
#include <vector>

#include <agent/sdk/host.hpp>
#include <agent/sdk/plan.hpp>

namespace agent {

/// Puts what is at `url` into the file `to`, and stops where its SHA-256 is another than `sha256`. Done with what every
/// machine of its distribution has: apt's own fetcher, or curl. A path in place of an address is copied.
struct Download {
  std::string url;
  Path to;
  std::string sha256;  ///< in hex
  std::string title;   ///< "fetching Miniforge3-25.3.1-0-Linux-x86_64.sh"
};
std::vector<Action> download(const Download& wanted, const Host& host);

/// The sum in "sha256:1234..." or "1234...", in lower case. Throws Error, about `argument`, for anything else.
std::string sha256_argument(const std::string& text, const std::string& argument);

}  // namespace agent
