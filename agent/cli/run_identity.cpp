#include <array>
#include <cstdio>
#include <ctime>
#include <random>

#include <agent/cli/run_identity.hpp>
#include <agent/sdk/checksum.hpp>

namespace agent::cli {

std::string fresh_run_name() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y%m%d-%H%M%S-", &parts);
  std::array<char, 8> random{};
  std::snprintf(random.data(), random.size(), "%06x", std::random_device()() & 0xFFFFFFu);
  return std::string(text.data()) + random.data();
}

std::string fingerprint(const executor::Hosts& hosts) {
  Map variables;
  for (const auto& host : hosts.match("all")) {
    List layers;
    for (auto& layer : hosts.variables(host)) layers.push_back(Value(std::move(layer.variables)));
    variables.set(host, std::move(layers));
  }
  const Value all = Map{{"groups", hosts.groups()}, {"variables", std::move(variables)}};
  return "sha256:" + checksum(Digest::sha256, all.json(0, true));
}

}  // namespace agent::cli
