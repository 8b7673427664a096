#include "sshd_config.hpp"

namespace agent::sshd_config {

std::unique_ptr<Module> debian() {
  return std::make_unique<SshdConfig>("ssh.service");
}

}  // namespace agent::sshd_config
