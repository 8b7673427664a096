#include <algorithm>

#include <agent/sdk/package_index.hpp>

namespace agent {

namespace {

std::string age_text(double seconds) {
  const auto count = [](double number, const char* unit) {
    const auto whole = static_cast<long>(number);
    return std::to_string(whole) + " " + unit + (whole == 1 ? "" : "s") + " ago";
  };
  if (seconds < 120) return count(seconds, "second");
  if (seconds < 7200) return count(seconds / 60, "minute");
  if (seconds < 172800) return count(seconds / 3600, "hour");
  return count(seconds / 86400, "day");
}

}  // namespace

std::optional<double> index_age(const Host& host) {
  const double fetched = host.packages().refreshed();
  if (fetched <= 0) return std::nullopt;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::max(0.0, std::chrono::duration<double>(now).count() - fetched);
}

bool index_is_old(const IndexRules& rules, const Host& host) {
  constexpr double just_now = 60;
  const auto age = index_age(host);
  if (!age) return true;
  if (rules.sources_are_newer) return true;
  return *age > std::max(just_now, static_cast<double>(rules.valid.count()));
}

Step refresh_step(const Host& host, const RefreshPackageIndex& refresh, bool is_all) {
  const auto age = index_age(host);
  Step step{
      .changes = {{"package index", age ? std::optional("fetched " + age_text(*age)) : std::nullopt, "fetched now"}},
      .actions = {refresh}};
  step.event = is_all;
  step.renewal = !is_all;
  return step;
}

}  // namespace agent
