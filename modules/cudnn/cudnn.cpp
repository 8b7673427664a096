#include "cudnn.hpp"

#include <algorithm>

#include <agent/sdk/text.hpp>

namespace agent::cudnn {

namespace {

constexpr Variant variants[] = {{"debian", variant<Cudnn>},   {"ubuntu", variant<Cudnn>}, {"fedora", variant<Cudnn>},
                                {"rhel", variant<Cudnn>},     {"centos", variant<Cudnn>}, {"rocky", variant<Cudnn>},
                                {"almalinux", variant<Cudnn>}};

// The series that /usr/local/cuda leads to, whatever links are on the way.
std::string default_cuda(const Host& host) {
  Path path = "/usr/local/cuda";
  for (int hops = 0; hops < 8; ++hops) {
    const auto info = host.stat(path, false);
    if (!info || !info->is_link()) break;
    path = (path.parent_path() / info->target).lexically_normal();
  }
  const std::string name = path.filename().string();
  if (name.starts_with("cuda-")) return name.substr(5);
  throw Error("which CUDA this cuDNN shall be for is not known: '/usr/local/cuda' leads to none")
      .hint("say it: cuda: \"12.4\"; or install one first, with the module cuda")
      .about("cuda");
}

Strings wanted_names(const Names& names, bool dev) {
  Strings all = {names.runtime};
  if (dev) all.insert(all.end(), names.development.begin(), names.development.end());
  return all;
}

// Everything there is of this major version, for any CUDA.
Strings patterns(int major) {
  const std::string stem = "libcudnn" + std::to_string(major);
  return {stem, stem + "-*"};
}

// What is there already and fits: then that very version is what the other packages must have too.
std::optional<Build> present(const Wish& wish, const std::string& name, const Host& host) {
  const auto package = installed_package(host.packages(), name);
  if (!package) return std::nullopt;
  return chosen(wish, {*package}, host.packages());
}

Error nothing_fits(const Wish& wish, const Names& names, const std::vector<Package>& offers, const Host& host) {
  Error error("cuDNN " + wish.version + " for CUDA " + wish.cuda + " is not in the repositories of this machine");
  Strings versions;
  for (const Package& offer : offers) versions.push_back(offer.version);
  if (!versions.empty()) error.hint("'" + names.runtime + "' is there as: " + text::listed(versions));
  Strings others;
  bool unknown = false;
  for (const Package& package : offered_packages(host.packages(), "libcudnn*", &unknown))
    if (package.name != names.runtime && package.name.find("dev") == std::string::npos &&
        package.name.find("headers") == std::string::npos && package.name.find("static") == std::string::npos)
      others.push_back(package.name + " " + package.version);
  if (!others.empty()) error.hint("other builds: " + text::listed(others));
  if (versions.empty() && others.empty()) error.hint("add NVIDIA's repository first: the module cuda_repo");
  return std::move(error).about("version");
}

// The package version to pin: of what is there, of what is offered, or (in check mode, before there is a repository) as
// far as it can be told.
std::string pinned_version(const Wish& wish, const Names& names, const Host& host, Plan& plan) {
  bool unknown = false;
  if (const auto build = present(wish, names.runtime, host)) return build->package_version;
  const auto offers = offered_packages(host.packages(), names.runtime, &unknown);
  if (const auto build = chosen(wish, offers, host.packages())) {
    if (!build->cuda.empty() && build->cuda != wish.cuda)
      plan.notes.push_back("the build for CUDA " + build->cuda + " serves CUDA " + wish.cuda);
    return build->package_version;
  }
  if (!unknown && !(offers.empty() && host.packages().refreshed() <= 0)) throw nothing_fits(wish, names, offers, host);
  plan.notes.push_back("which build there is of cuDNN " + wish.version + " is known once the index is fetched");
  return wish.version + (wish.version.find('.') == std::string::npos ? ".*" : "*");
}

}  // namespace

Plan Cudnn::check(const Args& args, const Host& host) const {
  const Want want = arguments().read(args);
  Plan plan;
  if (want.state == "absent") {
    const Wish wish = wish_from(want.version, "");
    plan_pinned_removal(patterns(wish.major), host, plan);
    return plan;
  }
  const Wish wish = wish_from(want.version, want.cuda.empty() ? default_cuda(host) : want.cuda);
  const Names names = names_for(wish, host.packages().manager());
  const std::string version = pinned_version(wish, names, host, plan);
  // A development package of the same version has to be there; which of its parts exist differs by release.
  Strings wanted;
  for (const std::string& name : wanted_names(names, want.dev)) {
    bool unknown = false;
    const bool is_headers = name.find("-headers-") != std::string::npos;
    if (is_headers && offered_packages(host.packages(), name, &unknown).empty() &&
        !installed_package(host.packages(), name))
      continue;
    wanted.push_back(name);
  }
  PinnedPackages packages{.hold = want.hold, .allow_downgrade = want.allow_downgrade};
  for (const std::string& name : wanted) packages.requests.push_back(pinned_request(name, version));
  plan.result.set("packages", wanted);
  plan_pinned_packages(packages, host, plan);
  if (const auto there = installed_package(host.packages(), names.runtime))
    plan.result.set("version", build_from(there->version).version);
  return plan;
}

}  // namespace agent::cudnn

AGENT_MODULE(agent::cudnn::arguments, agent::cudnn::variants)
