#pragma once

#include <string>

namespace agent {

/// The address that packets of this machine to `far` would carry ("192.0.2.7"), as its routes say; "" where none leads
/// there. `family` is AF_INET or AF_INET6. Nothing is sent, and no socket of an internet family is made: behind the
/// wall of a check those belong to another network.
std::string source_address_towards(int family, const char* far);

}  // namespace agent
