#pragma once

#include <span>

namespace agent::wall {

/// A system call of which the watch is told, and where in its arguments stands what it aims at (-1: nowhere).
struct WatchedCall {
  enum class Way {
    open,     ///< to be written to: `flags` says how
    make,     ///< a name that was not there
    remove,   ///< or renames: a name that was there
    change,   ///< attributes of what is there; a null path means the descriptor
    map,      ///< memory that is a file
    socket,   ///< of a family that reaches somebody
    connect,  ///< to an address
    send,     ///< to an address, without a connection
  };
  const char* name;
  Way way;
  int directory = -1, path = -1, flags = -1;
};

/// All of them; the same name stands in it once.
std::span<const WatchedCall> watched_calls();
/// The one with this number; null: it is not watched.
const WatchedCall* watched_call(int number);

}  // namespace agent::wall
