#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <agent/host/process.hpp>
#include <agent/sdk/index.hpp>
#include <agent/wall/wall.hpp>
#include <agent/wire/task.hpp>

namespace agent {

struct PoolOptions {
  /// The agent itself, run as `EXECUTABLE worker`. Absolute.
  Path executable;
  /// Where the module libraries are. Absolute.
  Path modules;
  /// They were held against a manifest that has their hashes: the index's are not looked at again.
  bool modules_are_known = false;
  /// The password for `become`, asked of a person at most once; nothing when there is none. May be empty.
  std::function<std::optional<std::string>(const Identity&)> password = {};
  /// All of it is a check: every worker stands behind a wall, and behind none weaker than this. Without it only tasks
  /// in check mode do, behind the strongest that can be had.
  std::optional<wall::Tier> least_wall = {};
  /// How much a module may print before it is stopped.
  std::size_t output_limit = 16u << 20;
  /// For an agent whose login would end it (host/login_session.hpp): the first worker of root that a tool starts has
  /// systemd move the agent and its workers into `name`. A task that begins before that tells `missed`, once, with the
  /// reason where it was tried.
  struct Scope {
    std::string name;
    std::function<void(const std::string& why)> missed;
  };
  std::optional<Scope> scope = {};
  /// How long a worker may take to start and to become who it should be.
  std::chrono::seconds start_limit{20};
};

/// Worker processes of this machine, one for each user and mode, started when first needed and kept. After a crash, a
/// hang or a flood the next task gets a fresh one. What checks predicted is handed from worker to worker.
/// `first`, from `start_worker_ahead`, is the first of those that stay who we are.
std::unique_ptr<TaskRunner> make_worker_pool(const ModuleIndex& index, PoolOptions options, Child first = {});

/// A worker without the start of a program, which takes longer than most plays: a copy of this process, to be made
/// while that has one thread and knows nothing that a worker should not know. It ends when nobody talks to it any more.
Child start_worker_ahead();

}  // namespace agent
