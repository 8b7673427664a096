#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <agent/sdk/plan.hpp>
#include <agent/sdk/value.hpp>

namespace agent::parcel {

/// A piece of a parcel, somewhere behind its beginning.
struct Part {
  std::string name;  ///< "agent", "plays", "host web01"
  std::uint64_t offset = 0, size = 0;
  std::string sha256;
};

/// A machine that a parcel is for, and all names it may have.
struct Addressee {
  std::string host;  ///< in the inventory
  Strings names;     ///< and what `hostname` may say there
};

/// What a parcel says of itself: it is this that is signed, and it holds the hash of everything else.
struct Manifest {
  std::int64_t number = 0;  ///< larger for what was made later: what is older is refused where something newer ran
  std::string made;         ///< when, for people: "2026-11-21T12:50:12Z"
  std::string version;      ///< of the agent that made it
  std::string agent;        ///< the id of the agent in it, which is the hash of that one's own manifest
  std::string machine;      ///< as `uname -m` has it
  std::string libc;         ///< the least version of glibc
  std::int64_t abi = 0;     ///< of modules
  Strings playbooks;
  std::string header_sha256;  ///< of the script at its beginning
  std::vector<Addressee> addressees;
  std::vector<Part> parts;

  std::string json() const;
  /// Throws Error for what is no manifest, or one of another format.
  static Manifest from_json(const std::string& text);
  /// Null when there is none of this name.
  const Part* find(const std::string& name) const;
};

}  // namespace agent::parcel
