#pragma once

#include <cstdint>
#include <string>

namespace agent::parcel {

/// What `sh FILE` needs to know to start the agent that lies in the file.
struct StartScript {
  std::string agent;       ///< the id of it
  std::string machine;     ///< as `uname -m` has it
  std::string libc;        ///< the least version of glibc
  std::string unpacker;    ///< "xz" or "gzip"
  std::uint64_t size = 0;  ///< of its archive, which stands right behind the script
  std::string sha256;
};

/// How many bytes the script takes, always.
constexpr std::size_t script_size = 2048;

/// A script for any POSIX shell: finds the agent where earlier runs left it, or unpacks it from the file that the
/// script itself stands in, and has it do the play. With --check it leaves nothing.
std::string start_script(const StartScript& of);

}  // namespace agent::parcel
