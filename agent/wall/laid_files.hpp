#pragma once

#include <vector>

#include <agent/host/predicted_tree.hpp>

namespace agent::wall {

/// Lays predicted files over the real ones, in the mounts of this process alone: private overlays whose upper layers
/// are in `memory`, a file system in memory. Before the mounts are made read-only, and as root. False where something
/// could not be laid: content that is not known, a directory with mounts below it, a file system that takes no overlay.
bool lay(const std::vector<PredictedFile>& files, const Path& memory);

}  // namespace agent::wall
