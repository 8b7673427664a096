#include "simulated_packages.hpp"

#include <algorithm>

#include <agent/sdk/package_request.hpp>

namespace agent::test {
namespace {

Output installed(const FakePackageDb& db, const std::string& operand) {
  const PackageRequest request = package_request(operand);
  const auto offers = db.candidates(request.name);
  if (offers.empty()) return {.rc = 100, .err = "E: Unable to locate package " + request.name + "\n"};
  const auto offer =
      std::find_if(offers.begin(), offers.end(), [&](const Package& p) { return request.takes(p.version); });
  if (offer == offers.end())
    return {.rc = 100, .err = "E: Version '" + request.version + "' for '" + request.name + "' was not found\n"};
  std::string before;
  for (const Package& package : db.find(request.name))
    if (package.state != Package::State::config_files) before = " [" + package.version + "]";
  if (before == " [" + offer->version + "]") return {};
  return {.out = "Inst " + request.name + before + " (" + offer->version + " NVIDIA:/stable [amd64])\n"};
}

Output simulated(const FakePackageDb& db, const Strings& argv) {
  const auto says = [&](const char* word) { return std::find(argv.begin(), argv.end(), word) != argv.end(); };
  Output output;
  auto operand = std::find(argv.begin(), argv.end(), "--");
  for (operand += operand == argv.end() ? 0 : 1; operand != argv.end(); ++operand) {
    if (says("remove") || says("purge")) {
      for (const Package& package : db.find(*operand))
        output.out += "Remv " + *operand + " [" + package.version + "]\n";
      continue;
    }
    Output one = installed(db, *operand);
    if (one.rc != 0) return one;
    output.out += one.out;
  }
  return output;
}

}  // namespace

void simulate_packages(FakeHost& host) {
  host.answers_with([](FakeHost& asked, const Strings& argv) -> std::optional<Output> {
    if (argv.size() > 2 && argv[0] == "apt-get" && argv[1] == "-s") return simulated(asked.package_db(), argv);
    if (argv.size() > 3 && argv[0].starts_with("dnf") && argv[3] == "repoquery") return Output{};
    return std::nullopt;
  });
}

}  // namespace agent::test
