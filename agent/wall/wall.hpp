#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <agent/host/predicted_tree.hpp>
#include <agent/sdk/host.hpp>
#include <agent/wall/watch.hpp>

namespace agent::wall {

/// How strongly the kernel keeps a check from changing the machine.
enum class Tier {
  none,      ///< not at all: nothing but the care of modules and commands
  landlock,  ///< what any user may build: Landlock and a list of forbidden system calls
  full,      ///< what root can build: read-only mounts, a uid that owns nothing, and the rest
};

/// "none", "landlock", "full": as people name it on the command line and as reports show it.
std::string_view name_of(Tier tier);
std::optional<Tier> tier_named(std::string_view name);

/// What the wall has to let through.
struct Request {
  Tier least = Tier::full;              ///< a weaker wall is refused
  bool network = false;                 ///< the task declares that it reads from the network
  std::optional<User> user = {};        ///< whose view the check has; nothing: root's, or that of whoever we are
  std::vector<int> keep = {};           ///< descriptors that stay open; all others are closed
  bool watch = false;                   ///< what is refused is to be named, where the kernel can tell
  std::vector<PredictedFile> lay = {};  ///< laid over the machine's, in the tier `full`
  Path scratch = {};                    ///< a Scratch of whoever started this process, for the tier `landlock`
};

/// What was built.
struct Wall {
  Tier tier = Tier::none;
  /// The one directory that can be written to, in memory. TMPDIR leads there.
  Path scratch = {};
  /// What this wall does not hold back on this machine, a sentence each.
  Strings gaps = {};
  /// All files that were to be laid are; what is behind the wall sees them.
  bool laid = false;
  /// Knows what was refused; null where it was not asked for, or cannot be known.
  std::shared_ptr<Watch> watch = {};
  /// What programs behind it need to know: where temporary files and caches go, and that it stands (AGENT_WALL).
  Environment environment() const;
};

/// Whether a wall that we build may come to use a Scratch: the full one has its own, and leaves no trace even of that.
bool needs_scratch(Tier least);

/// Puts this process, and all that it will ever start, behind the strongest wall that this machine and these rights
/// allow. There is no way back. The process must have one thread.
///
/// Root's part drops to a uid that owns nothing and may read everything; another user's view keeps that user's ids and
/// has no more rights than the user (reliability R27). Throws Error where only a wall weaker than `least` can be built
/// (R28); what was begun stays begun: the process should end then.
Wall build(const Request& request);

}  // namespace agent::wall
