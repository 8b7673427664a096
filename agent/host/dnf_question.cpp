#include <agent/host/dnf_question.hpp>

namespace agent {

namespace {

// $0 is dnf, $1 its cache, $2 the root that dnf puts before paths that it writes (nothing: none); what follows are
// dnf's own words. Directories are made anew, and files in them are links: what dnf writes replaces a link and not what
// it leads to.
constexpr const char* script = R"(set -e
own=$(mktemp -d)
root=$2
trap 'rm -rf "$own" "$root$own"' EXIT
trap 'exit 143' TERM INT
mkdir -p "$own/cache" "$root$own/cache"
cp -rs "$1/." "$own/cache" 2>/dev/null || :
shift 2
"$0" --setopt=cachedir="$own/cache" --setopt=system_cachedir="$own/cache" --setopt=logdir="$own" --setopt=persistdir="$own" "$@"
)";

}  // namespace

Strings leaving_no_trace(const Strings& argv, const Path& root) {
  const std::string program = argv.empty() ? "" : Path(argv.front()).filename().string();
  if (program != "dnf" && program != "dnf5") return argv;
  const Path cache = root / (program == "dnf5" ? "var/cache/libdnf5" : "var/cache/dnf");
  Strings all = {"/bin/sh", "-c", script, argv.front(), cache.string(), root == "/" ? "" : root.string()};
  all.insert(all.end(), argv.begin() + 1, argv.end());
  return all;
}

}  // namespace agent
