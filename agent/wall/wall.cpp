#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <agent/wall/beside.hpp>
#include <agent/wall/laid_files.hpp>
#include <agent/wall/landlock.hpp>
#include <agent/wall/mounts.hpp>
#include <agent/wall/rights.hpp>
#include <agent/wall/system_calls.hpp>
#include <agent/wall/wall.hpp>

namespace agent::wall {

namespace {

bool is_root() {
  return ::geteuid() == 0;
}

constexpr int signals_since = 6;  // the version of Landlock that holds back signals: Linux 6.12
constexpr const char* network_gap = "a task that reads from the network could also send there";
constexpr std::string_view names[] = {"none", "landlock", "full"};

bool lay_in_memory(const std::vector<PredictedFile>& files) {
  const Path memory = mount_scratch(0, 0);
  const bool all = lay(files, memory);
  // What is laid keeps its layers; nobody else shall find them.
  ::umount2(memory.c_str(), MNT_DETACH);
  return all;
}

Wall build_full(const Request& request, std::shared_ptr<Watch> watch) {
  Wall built{Tier::full};
  const bool as_root = !request.user || request.user->uid == 0;
  const int version = landlock_version();
  // What root owns and read-only mounts do not hold back are devices, named pipes and signals: Landlock does.
  const bool keeps_ids = !as_root || version >= signals_since;
  const Nobody ids = !as_root    ? Nobody{request.user->uid, request.user->gid}
                     : keeps_ids ? Nobody{0, 0}
                                 : throw_away_ids();
  own_mounts();
  if (!request.lay.empty()) built.laid = lay_in_memory(request.lay);
  seal_mounts();
  built.scratch = mount_scratch(ids.uid, ids.gid);
  if (!as_root)
    become_only(*request.user);
  else if (keeps_ids)
    become_powerless_root();
  else
    become_reader(ids);
  gain_nothing();
  if (version > 0) restrict_writing(built.scratch);
  built.watch = forbid_system_calls({.network = request.network, .was_root = as_root, .scratch = built.scratch},
                                    std::move(watch));
  if (as_root && !keeps_ids)
    built.gaps.push_back("commands of root run as user id " + std::to_string(ids.uid) + ", and see themselves as that");
  if (!as_root && version < signals_since)
    built.gaps.push_back("a check as '" + request.user->name + "' could send signals to that user's processes");
  if (request.network) built.gaps.push_back(network_gap);
  return built;
}

Wall build_landlock(const Request& request, std::shared_ptr<Watch> watch) {
  Wall built{Tier::landlock};
  const int version = landlock_version();
  if (version == 0)
    throw Error("this kernel has no Landlock, or it is switched off")
        .hint("Linux 5.13 or newer has it; 'lsm=' on the kernel's command line must name 'landlock'");
  built.scratch = request.scratch;
  if (built.scratch.empty()) throw Error("there is no directory for its temporary files");
  if (is_root() && request.user && request.user->uid != 0) {
    if (::chown(built.scratch.c_str(), request.user->uid, request.user->gid) != 0)
      throw Error("the check's scratch cannot be given to '" + request.user->name + "'");
    become_only(*request.user);
  }
  const bool as_root = is_root();
  if (as_root) become_powerless_root();
  gain_nothing();
  restrict_writing(built.scratch);
  built.watch = forbid_system_calls(
      {.attributes_too = true, .network = request.network, .was_root = as_root, .scratch = built.scratch},
      std::move(watch));
  if (request.network) built.gaps.push_back(network_gap);
  if (version < 3) built.gaps.push_back("a program that may write a file could cut it short by its path");
  if (version < signals_since) built.gaps.push_back("signals reach the user's other processes");
  return built;
}

Wall build_strongest(const Request& request) {
  const auto watch = request.watch ? Watch::start(request.user) : nullptr;
  if (!is_root()) return build_landlock(request, watch);
  try {
    return build_full(request, watch);
  } catch (const Error&) {
    if (request.least == Tier::full) throw;
    return build_landlock(request, watch);
  }
}

}  // namespace

std::string_view name_of(Tier tier) {
  return names[static_cast<int>(tier)];
}

std::optional<Tier> tier_named(std::string_view name) {
  const auto* found = std::find(std::begin(names), std::end(names), name);
  if (found == std::end(names)) return std::nullopt;
  return static_cast<Tier>(found - std::begin(names));
}

bool needs_scratch(Tier least) {
  return !is_root() || least != Tier::full;
}

Wall build(const Request& request) {
  close_all_but(request.keep);  // what was opened for writing before the wall writes also behind it
  try {
    return build_strongest(request);
  } catch (const Error& error) {
    if (request.least == Tier::none) return {Tier::none, {}, {"there is no wall (" + error.message() + ")"}};
    throw Error("the wall of check mode cannot be built here: " + error.message())
        .hint("'--wall=" + std::string(is_root() ? "landlock" : "none") + "' accepts a weaker one, and reports say so");
  }
}

Environment Wall::environment() const {
  if (tier == Tier::none) return {};
  Environment all{{"PYTHONDONTWRITEBYTECODE", "1"}, {"AGENT_WALL", std::string(name_of(tier))}};
  for (const char* name : {"TMPDIR", "TMP", "TEMP", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"})
    all[name] = scratch.string();
  return all;
}

}  // namespace agent::wall
