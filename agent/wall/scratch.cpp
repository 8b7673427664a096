#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>

#include <agent/sdk/error.hpp>
#include <agent/wall/scratch.hpp>

namespace agent::wall {

Scratch::Scratch() {
  std::string name = "/dev/shm/agent-check-XXXXXX";
  if (!::mkdtemp(name.data()))
    throw Error("no directory for a check's temporary files can be made in /dev/shm: " +
                std::string(std::strerror(errno)));
  path_ = name;
}

Scratch::~Scratch() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace agent::wall
