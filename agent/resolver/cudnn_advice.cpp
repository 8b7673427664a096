#include <algorithm>

#include <agent/resolver/advice.hpp>

namespace agent::resolver {
namespace {

std::string major_of(const std::string& series) {
  return series.substr(0, series.find('.'));
}

/// The suffix of the Debian package for a series: its own, else the newest of the same CUDA major.
std::string suffix_for(const CudnnRelease& release, const std::string& series) {
  std::string best;
  for (const std::string& cuda : release.deb_cuda) {
    if (cuda == series) return cuda;
    if (major_of(cuda) == major_of(series) && (best.empty() || *Dotted::parse(cuda) > *Dotted::parse(best)))
      best = cuda;
  }
  return best;
}

}  // namespace

// From 8.4 on a build serves a whole CUDA major, before that one series.
bool serves(const CudnnRelease& release, const std::string& series) {
  return std::any_of(release.cuda.begin(), release.cuda.end(),
                     [&](const std::string& cuda) { return cuda == series || cuda == major_of(series); });
}

const CudnnRelease* choose_cudnn(const Problem& problem, const std::string& series, const std::string& wanted) {
  const bool has_old_card =
      std::any_of(problem.cards.begin(), problem.cards.end(), [](const Card& card) { return card.capability < 75; });
  const auto newest_for_old = *Dotted::parse("9.11");
  const CudnnRelease* best = nullptr;
  for (const CudnnRelease& release : problem.tables.cudnn) {
    const std::string text = release.version.text();
    const bool is_wanted = wanted.empty() || text == wanted || text.starts_with(wanted + ".");
    if (!is_wanted || !serves(release, series)) continue;
    if (has_old_card && release.version >= newest_for_old) continue;
    if (!release.origin.verified && wanted != text) {
      if (!best) best = &release;
      continue;
    }
    return &release;
  }
  return best;
}

Strings cudnn_packages(const CudnnRelease& release, const std::string& series, const std::string& format) {
  const bool is_deb = format == "deb";
  const std::string join = is_deb ? "=" : "-", development = is_deb ? "-dev" : "-devel";
  const std::string version = release.version.text() + "-1";
  if (release.version.major() >= 9) {
    const std::string cuda = "-cuda-" + major_of(series);
    return {"libcudnn9" + cuda + join + version, "libcudnn9" + development + cuda + join + version};
  }
  const std::string suffix = suffix_for(release, series);
  if (suffix.empty()) return {};
  const std::string stem = "libcudnn" + std::to_string(release.version.major());
  const std::string pin = join + version + (is_deb ? "+cuda" : ".cuda") + suffix;
  return {stem + pin, stem + development + pin};
}

}  // namespace agent::resolver
