#pragma once

#include <cstdint>
#include <string>

#include <agent/host/fd.hpp>
#include <agent/wall/foreign_process.hpp>

namespace agent::wall {

/// A socket of the unix family that can never be connected: whom a program meant to talk to is told when it tries.
Fd dead_socket(int type);
/// A socket of a network that has no way out, and nobody else in it. Nothing where the kernel gives no such network.
Fd lonely_socket(int family, int type, int protocol);

/// To whom something is to be said.
struct Addressee {
  enum class Kind {
    other,         ///< the kernel, or it cannot be read
    missing,       ///< the path of a socket that is not there
    name_service,  ///< looks up names of users and hosts: everybody asks it, and goes on without an answer
    listener,      ///< takes down what it is told, and answers nothing
    daemon,        ///< does what it is asked
    network,       ///< a machine, this one included, at a port
  };
  Kind kind = Kind::other;
  std::string name = {};  ///< "/run/docker.sock", "@abstract", "127.0.0.1:80"
  unsigned port = 0;
};
/// Who has the address that stands at `address` in the memory of `process`.
Addressee addressee_at(const ForeignProcess& process, std::uint64_t address, std::uint64_t size);

}  // namespace agent::wall
