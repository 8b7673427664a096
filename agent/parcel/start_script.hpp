#pragma once

#include <cstdint>
#include <string>

namespace agent::parcel {

/// What `sh FILE` needs to know to start the agent that lies in the file.
struct StartScript {
  std::string agent;           ///< the id of it
  std::string machine;         ///< as `uname -m` has it
  std::string libc;            ///< the least version of glibc
  std::uint64_t unpacker = 0;  ///< size of the program that unpacks it, which stands right behind the script
  std::uint64_t packed = 0;    ///< size of its archive, which follows
  std::string sha256;          ///< of both
};

/// How many bytes the script takes, always.
constexpr std::size_t script_size = 2048;

/// A script for any POSIX shell: finds the agent where earlier runs left it, or unpacks it from the file that the
/// script itself stands in, and has it do the play. With --check it leaves nothing.
std::string start_script(const StartScript& of);

}  // namespace agent::parcel
