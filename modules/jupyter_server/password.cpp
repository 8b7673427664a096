#include <agent/sdk/checksum.hpp>

#include "jupyter_server.hpp"

namespace agent::jupyter_server {

std::string hashed_password(const std::string& password, const std::string& salt) {
  return "sha512:" + salt + ":" + checksum(Digest::sha512, password + salt);
}

std::optional<bool> is_hash_of(const std::string& hash, const std::string& password) {
  const auto first = hash.find(':'), second = hash.find(':', first + 1);
  if (first == std::string::npos) return false;
  const auto digest = digest_from(hash.substr(0, first));
  if (!digest) return std::nullopt;
  if (second == std::string::npos) return false;
  const std::string salt = hash.substr(first + 1, second - first - 1);
  return checksum(*digest, password + salt) == hash.substr(second + 1);
}

bool is_listening(const std::string& table, std::int64_t port) {
  // "   0: 0100007F:22B8 00000000:0000 0A ...": the local address, the remote one, and 0A for listening.
  char wanted[8];
  std::snprintf(wanted, sizeof wanted, ":%04X ", static_cast<unsigned>(port));
  for (std::size_t begin = 0; begin < table.size();) {
    const auto end = std::min(table.find('\n', begin), table.size());
    const std::string line = table.substr(begin, end - begin);
    begin = end + 1;
    const auto at = line.find(wanted);
    const auto state = line.find(' ', at == std::string::npos ? 0 : at + 6);
    if (at != std::string::npos && at < 20 + line.find(':') && state != std::string::npos &&
        line.compare(state + 1, 2, "0A") == 0)
      return true;
  }
  return false;
}

}  // namespace agent::jupyter_server
