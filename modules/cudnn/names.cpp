#include <algorithm>

#include <agent/sdk/dotted_version.hpp>

#include "cudnn.hpp"

namespace agent::cudnn {

namespace {

// What cudnn.yml knows of builds that there never were. Only what the version says for sure counts: "9" may be any 9.
void refuse_what_was_never_built(const Wish& wish) {
  const auto refuse = [&](const std::string& hint) {
    throw Error("there is no cuDNN " + wish.version + " for CUDA " + wish.cuda).hint(hint).about("version");
  };
  const bool has_minor = wish.version.find('.') != std::string::npos;
  const auto below = [&](const char* version) { return has_minor && compare_dotted(wish.version, version) < 0; };
  const auto from = [&](const char* version) { return has_minor && compare_dotted(wish.version, version) >= 0; };
  if (wish.cuda_major >= 13 && (wish.major < 9 || below("9.12"))) refuse("builds for CUDA 13 begin with 9.12");
  if (wish.cuda_major == 12 && (wish.major < 8 || (wish.major == 8 && below("8.8"))))
    refuse("builds for CUDA 12 begin with 8.8");
  if (wish.cuda_major == 11 && from("9.11")) refuse("the last one for CUDA 11 is 9.10.2.21");
  if (wish.cuda_major == 11 && wish.major < 8) refuse("builds for CUDA 11 begin with 8.0");
  if (wish.cuda_major <= 10 && wish.major >= 9) refuse("builds for CUDA 10 end with 8.4");
}

}  // namespace

bool Wish::takes(const std::string& found) const {
  return found == version || found.starts_with(version + ".");
}

Wish wish_from(const std::string& version, const std::string& cuda) {
  const Strings parts = dotted_parts(version), series = dotted_parts(cuda);
  if (!are_numbers(parts, 4))
    throw Error("'" + version + "' is no version of cuDNN")
        .hint("write 9.10.2.21, or the beginning of one: \"8.9\", \"9\"")
        .about("version");
  if (!cuda.empty() && !are_numbers(series, 3))
    throw Error("'" + cuda + "' is no version of CUDA").hint("write \"12.4\" or \"12\", in quotes").about("cuda");
  Wish wish{.version = version, .major = std::stoi(parts[0]), .cuda = cuda};
  if (wish.major < 7)
    throw Error("cuDNN " + version + " has no packages that this module knows")
        .hint("it knows 7 to 9")
        .about("version");
  if (cuda.empty()) return wish;
  wish.cuda_major = std::stoi(series[0]);
  if (series.size() > 2) wish.cuda = series[0] + "." + series[1];
  refuse_what_was_never_built(wish);
  return wish;
}

Names names_for(const Wish& wish, const std::string& manager) {
  const std::string major = std::to_string(wish.major), devel = manager == "apt" ? "dev" : "devel";
  if (wish.major <= 8) return {"libcudnn" + major, {"libcudnn" + major + "-" + devel}};
  const std::string cuda = "-cuda-" + std::to_string(wish.cuda_major), stem = "libcudnn" + major;
  return {stem + cuda, {stem + "-headers" + cuda, stem + "-" + devel + cuda}};
}

Build build_from(const std::string& package_version) {
  Build build{.package_version = package_version};
  const auto colon = package_version.find(':');
  const std::string text = colon == std::string::npos ? package_version : package_version.substr(colon + 1);
  build.version = text.substr(0, text.find('-'));
  if (const auto suffix = text.find("cuda"); suffix != std::string::npos) build.cuda = text.substr(suffix + 4);
  return build;
}

std::optional<Build> chosen(const Wish& wish, const std::vector<Package>& offers, const PackageDb& db) {
  const auto rank =
      [&](const Build& build) {  // 2: for this very series; 1: for another of the same major; 0: not at all
        if (build.cuda.empty() || build.cuda == wish.cuda) return 2;
        const int major = std::stoi("0" + build.cuda.substr(0, build.cuda.find('.')));
        return major == wish.cuda_major ? 1 : 0;
      };
  std::optional<Build> best;
  for (const Package& offer : offers) {
    const Build build = build_from(offer.version);
    if (!wish.takes(build.version) || rank(build) == 0) continue;
    const auto better = [&] {
      if (const int order = compare_dotted(build.version, best->version)) return order > 0;
      if (rank(build) != rank(*best)) return rank(build) > rank(*best);
      return db.compare(build.package_version, best->package_version) > 0;
    };
    if (!best || better()) best = build;
  }
  return best;
}

}  // namespace agent::cudnn
