#include "cuda.hpp"

#include <algorithm>

#include <agent/sdk/dotted_version.hpp>
#include <agent/sdk/nvidia_repository.hpp>
#include <agent/sdk/text.hpp>

namespace agent::cuda {

namespace {

constexpr Variant variants[] = {{"debian", variant<Cuda>},   {"ubuntu", variant<Cuda>}, {"fedora", variant<Cuda>},
                                {"rhel", variant<Cuda>},     {"centos", variant<Cuda>}, {"rocky", variant<Cuda>},
                                {"almalinux", variant<Cuda>}};

// cuda_driver.yml: the series that NVIDIA released up to the day of the tables. A later one may exist.
constexpr const char* known_series[] = {"10.0", "10.1", "10.2", "11.0", "11.1", "11.2", "11.3", "11.4", "11.5",
                                        "11.6", "11.7", "11.8", "12.0", "12.1", "12.2", "12.3", "12.4", "12.5",
                                        "12.6", "12.8", "12.9", "13.0", "13.1", "13.2", "13.3", "13.4"};

bool is_below(std::string_view a, std::string_view b) {
  return compare_dotted(std::string(a), std::string(b)) < 0;
}

std::string plain(const std::string& version) {
  const auto colon = version.find(':');
  const std::string text = colon == std::string::npos ? version : version.substr(colon + 1);
  return text.substr(0, text.rfind('-'));
}

// The series whose toolkit the repositories of this machine offer now.
Strings offered_series(const Host& host) {
  Strings found;
  bool unknown = false;
  for (const Package& package : offered_packages(host.packages(), "cuda-toolkit-*-*", &unknown)) {
    std::string rest = package.name.substr(std::string_view("cuda-toolkit-").size());
    std::replace(rest.begin(), rest.end(), '-', '.');
    const Strings numbers = dotted_parts(rest);
    if (numbers.size() == 2 && are_numbers(numbers, 2)) found.push_back(rest);
  }
  std::sort(found.begin(), found.end(), is_below);
  return found;
}

// Repositories whose table says that they have the series.
Strings repositories_with(const std::string& series) {
  Strings names;
  for (const NvidiaRepository& repository : nvidia_repositories())
    if (!repository.first.empty() && !is_below(series, repository.first) && !is_below(repository.last, series))
      names.emplace_back(repository.name);
  return names;
}

}  // namespace

std::string Version::dashed() const {
  std::string text = series;
  std::replace(text.begin(), text.end(), '.', '-');
  return text;
}

Path Version::home() const {
  return "/usr/local/cuda-" + series;
}

int Version::number() const {
  const Strings numbers = dotted_parts(series);
  return std::stoi(numbers.at(0)) * 10 + std::stoi(numbers.at(1));
}

Version version_from(const std::string& text) {
  const Strings numbers = dotted_parts(text);
  if (numbers.size() < 2 || !are_numbers(numbers, 3))
    throw Error("'" + text + "' is no version of CUDA")
        .hint(
            "write a series such as \"12.4\", in quotes, or a release such as 12.4.1; a major version alone or "
            "'latest' would change under your feet")
        .about("version");
  Version version{.series = numbers[0] + "." + numbers[1], .exact = numbers.size() == 3 ? text : ""};
  const bool known =
      std::find(std::begin(known_series), std::end(known_series), version.series) != std::end(known_series);
  if (known || is_below(*std::rbegin(known_series), version.series)) return version;
  Strings near;  // the newest below it, and the oldest above
  for (const auto* series : known_series) {
    if (is_below(series, version.series)) near.clear();
    near.emplace_back(series);
    if (is_below(version.series, series)) break;
  }
  throw Error("there is no CUDA " + version.series).hint("the nearest: " + text::joined(near)).about("version");
}

Strings package_names(const Version& version, const std::string& kind) {
  return {(kind == "toolkit" ? "cuda-toolkit-" : "cuda-libraries-") + version.dashed()};
}

Strings packages_of_series(const Version& version, const PackageDb& db) {
  constexpr std::string_view stems[] = {"cuda-", "libcu", "libnpp", "libnv", "gds-tools-"};
  Strings names;
  for (const std::string& pattern : {"*-" + version.dashed(), "cuda-toolkit-" + version.dashed() + "-config-common"})
    for (const Package& package : db.find(pattern)) {
      const bool ours = std::any_of(std::begin(stems), std::end(stems),
                                    [&](std::string_view stem) { return package.name.starts_with(stem); });
      if (ours && package.state != Package::State::config_files) names.push_back(package.name);
    }
  return names;
}

void refuse_what_is_not_there(const Version& version, const std::string& package, const Host& host) {
  bool unknown = false;
  const auto offers = offered_packages(host.packages(), package, &unknown);
  const auto fits = [&](const Package& p) { return version.exact.empty() || plain(p.version) == version.exact; };
  if (std::any_of(offers.begin(), offers.end(), fits) || installed_package(host.packages(), package)) return;
  if (!offers.empty()) {
    Strings versions;
    for (const Package& offered : offers) versions.push_back(plain(offered.version));
    throw Error("CUDA " + version.exact + " is not offered here")
        .hint("of its series there is: " + text::joined(versions))
        .about("version");
  }
  const NvidiaRepository* repository = nvidia_repository_for(host.system());
  const bool too_old = repository && !repository->first.empty() && is_below(version.series, repository->first);
  const bool has_none = repository && repository->first.empty();
  const Strings here = unknown ? Strings{} : offered_series(host);
  // Before the repository was added nobody knows what newer series it has; that older ones do not come back is known.
  const bool may_come = here.empty() && !too_old && !has_none;
  if (may_come && (unknown || (repository && host.packages().refreshed() <= 0))) return;
  Error error("CUDA " + version.series + " is not in the repositories of this machine");
  if (!here.empty()) error.hint("they have: " + text::joined(here));
  if (may_come && repository)
    error.hint("add NVIDIA's repository first: the module cuda_repo, which fetches its index as well");
  if (here.empty() && too_old)
    error.hint("NVIDIA's repository for " + repository->title() + " begins with " + std::string(repository->first));
  if (here.empty() && has_none) error.hint("NVIDIA's repository for " + repository->title() + " has no toolkit");
  if (!repository) error.hint("NVIDIA has no repository for " + host.system().name);
  if (const Strings names = repositories_with(version.series); !names.empty())
    error.hint("it is made for: " + text::joined(names));
  error.hint("conda, a container or the CUDA wheels of pip bring any series with them");
  throw std::move(error).about("version");
}

Plan Cuda::check(const Args& args, const Host& host) const {
  const Want want = arguments().read(args);
  const Version version = version_from(want.version);
  const Strings names = package_names(version, want.kind);
  Plan plan;
  plan.result = {{"series", version.series}, {"home", version.home().string()}, {"packages", names}};
  if (want.state == "absent") {
    plan_no_profile(version, host, plan);
    plan_pinned_removal(packages_of_series(version, host.packages()), host, plan);
    return plan;
  }
  refuse_what_is_not_there(version, names.front(), host);
  PinnedPackages packages{.hold = want.hold, .allow_downgrade = want.allow_downgrade};
  for (const std::string& name : names)
    packages.requests.push_back(pinned_request(name, version.exact.empty() ? "" : version.exact + "-*"));
  plan_pinned_packages(packages, host, plan);
  const auto other = want.is_default ? std::nullopt : chosen_otherwise(version, host);
  if (other)
    plan.notes.push_back("'/usr/local/cuda' means " + *other + ", as it was chosen; default: true changes that");
  const bool is_default = want.is_default.value_or(!other);
  if (is_default) plan_default(version, host, plan);
  if (want.profile.value_or(is_default))
    plan_profile(version, host, plan);
  else
    plan_no_profile(version, host, plan);
  if (const auto present = installed_package(host.packages(), names.front()))
    plan.result.set("version", plain(present->version));
  return plan;
}

}  // namespace agent::cuda

AGENT_MODULE(agent::cuda::arguments, agent::cuda::variants)
