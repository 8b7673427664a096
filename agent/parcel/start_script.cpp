#include <agent/parcel/start_script.hpp>
#include <agent/sdk/error.hpp>

namespace agent::parcel {
namespace {

// Where an agent is kept is as in the handshake (fleet/handshake.cpp), so that one that either left is found by both.
constexpr const char* body = R"sh(umask 077
f=$0 u=$(id -u) b= d=
die() { rm -rf "$d"; echo "$f: $*; nothing was started" >&2; exit 1; }
part() { tail -c +$1 "$f" | head -c $2; }
known() { for b; do [ -x "$b/$h/bin/agent" ] && return; done; return 1; }
fit() { mkdir -p "$1" && d=$(mktemp -d "$1/.newXXXXXX") && echo >"$d/x" && chmod 700 "$d/x" && [ -x "$d/x" ]; }
place() { for b; do fit "$b" 2>/dev/null && rm "$d/x" && return; rm -rf "$d"; d=; done
  die "no folder here can hold a program and run it (tried $*)"; }
kept() { if [ $u = 0 ]; then "$1" /var/cache/agent /var/lib/agent; else "$1" "$HOME/.cache/agent" "/run/user/$u/agent"; fi; }
[ -r "$f" ] || die "cannot be read"
[ "$(uname -m)" = $m ] || die "it is for $m, and this machine is $(uname -m)"
kept known && exec "$b/$h/bin/agent" exec "$f" "$@"
c=; for a; do case $a in -C | --check) c=1 ;; esac; done
if [ $c ]; then place /run/user/$u /dev/shm /run; trap 'rm -rf "$d"' EXIT; trap exit HUP INT TERM; else kept place; fi
[ "$(part 2049 $((s + z)) | sha256sum)" = "$k  -" ] || die "it is not whole, or was changed"
part 2049 $s >"$d/u" && chmod 700 "$d/u" && part $((2049 + s)) $z | "$d/u" "$d/$h" ||
  die "the agent in it cannot be unpacked: it takes room, and glibc $l or newer (here: $(getconf GNU_LIBC_VERSION 2>&1))"
[ $c ] && { "$d/$h/bin/agent" exec "$f" "$@"; exit; }
[ -e "$b/$h" ] || mv "$d/$h" "$b" 2>/dev/null
rm -rf "$d"
exec "$b/$h/bin/agent" exec "$f" "$@"
)sh";

}  // namespace

std::string start_script(const StartScript& of) {
  std::string out =
      "#!/bin/sh\n# A play that brings its agent along: sh THIS --help says what it takes.\nh=" + of.agent +
      " m=" + of.machine + " l=" + of.libc + " s=" + std::to_string(of.unpacker) + " z=" + std::to_string(of.packed) +
      " k=" + of.sha256 + "\n" + body;
  if (out.size() > script_size) throw Error("the script of a parcel has outgrown its place");
  // The shell never comes to what stands behind `exec`.
  out.resize(script_size, '\n');
  return out;
}

}  // namespace agent::parcel
