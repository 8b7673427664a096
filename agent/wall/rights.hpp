#pragma once

#include <initializer_list>
#include <optional>

#include <agent/sdk/host.hpp>

namespace agent::wall {

/// A user that owns no file and runs no process, for the check's time.
struct Nobody {
  uid_t uid;
  gid_t gid;
};
Nobody throw_away_ids();

/// From root to `ids`, which may read everything and change nothing that needs an owner. For good.
void become_reader(const Nobody& ids);
/// Root who may still read everything, and has no other of root's powers. For good.
void become_powerless_root();
/// Root who may still read everything, and has of root's other powers those that are named. For good.
void become_asking_root(std::initializer_list<int> capabilities);
/// From root to `user`, with that user's rights and no others. For good.
void become_only(const User& user);
/// From root to whoever may look at what those behind the wall (`view`'s processes) ask for, and do nothing else.
/// Whoever is not root stays as is. For good.
void become_watcher(const std::optional<User>& view);
/// Takes up a right that was kept for later; nothing where none was.
void raise_right(int capability);
/// Nothing that is started from here gains a right by starting.
void gain_nothing();

}  // namespace agent::wall
