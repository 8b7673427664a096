#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include <sys/stat.h>
#include <sys/utsname.h>

#include <agent/parcel/file.hpp>
#include <agent/parcel/start_script.hpp>
#include <agent/report/signature.hpp>
#include <agent/sdk/checksum.hpp>
#include <agent/sdk/error.hpp>

namespace agent::parcel {
namespace {

constexpr std::string_view end_mark = "agent play ";
constexpr std::size_t digits = 10, signature_size = 64, end_size = end_mark.size() + digits + 1;
constexpr std::size_t largest = std::size_t{1} << 30;

std::string ending(std::size_t manifest_size) {
  const std::string number = std::to_string(manifest_size);
  return std::string(end_mark) + std::string(digits - number.size(), '0') + number + "\n";
}

std::string read(const Path& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) throw Error("'" + path.string() + "' cannot be read: " + std::strerror(errno));
  if (!S_ISREG(info.st_mode)) throw Error("'" + path.string() + "' is no file");
  if (static_cast<std::uintmax_t>(info.st_size) > largest)
    throw Error("'" + path.string() + "' is larger than any play with its agent");
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  if (!in) throw Error("'" + path.string() + "' cannot be read: " + std::strerror(errno));
  return std::move(out).str();
}

std::string this_machine() {
  utsname system{};
  ::uname(&system);
  return system.machine;
}

Error broken(const Path& file, const std::string& what) {
  return Error("'" + file.string() + "' " + what + "; nothing was started");
}

}  // namespace

std::string parcel_bytes(Manifest manifest, const fleet::Bundle::Archive& agent, const std::vector<Content>& contents,
                         const Path& signing_key) {
  const std::string both = agent.unpacker + agent.packed, sha256 = checksum(Digest::sha256, both);
  std::string out = start_script(
      {manifest.agent, manifest.machine, manifest.libc, agent.unpacker.size(), agent.packed.size(), sha256});
  manifest.header_sha256 = checksum(Digest::sha256, out);
  manifest.parts = {{"agent", out.size(), both.size(), sha256}};
  out += both;
  for (const auto& [name, bytes] : contents) {
    manifest.parts.push_back({name, out.size(), bytes.size(), checksum(Digest::sha256, bytes)});
    out += bytes;
  }
  const std::string text = manifest.json();
  out += text;
  out += signing_key.empty() ? std::string(signature_size, '\0') : report::signature(text, signing_key);
  return out + ending(text.size());
}

Parcel::Parcel(const Path& file, const std::optional<Path>& public_key) : file_(file), bytes_(read(file)) {
  const std::string_view all = bytes_;
  const std::string_view tail = all.substr(all.size() - std::min(all.size(), end_size));
  const std::string_view number = tail.substr(std::min(tail.size(), end_mark.size()), digits);
  const bool ends_well = tail.size() == end_size && tail.starts_with(end_mark) && tail.back() == '\n' &&
                         std::all_of(number.begin(), number.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!ends_well) {
    if (all.starts_with("#!/bin/sh\n# A play that brings its agent"))
      throw broken(file, "is not whole: its end is missing");
    throw broken(file, "is no play that 'agent run --emit' wrote");
  }
  const std::size_t size = std::stoull(std::string(number));
  if (size + signature_size + end_size + script_size > all.size()) throw broken(file, "is not whole");
  const std::size_t start = all.size() - end_size - signature_size - size;
  const std::string text(all.substr(start, size)), signature(all.substr(start + size, signature_size));
  is_signed_ = signature.find_first_not_of('\0') != std::string::npos;
  if (public_key && !is_signed_)
    throw broken(file, "is not signed, and only what '" + public_key->string() + "' signed is asked for");
  if (public_key && !report::is_signed(text, signature, *public_key))
    throw broken(file, "was changed, or signed with another key than that of '" + public_key->string() + "'");
  try {
    manifest_ = Manifest::from_json(text);
  } catch (const Error& error) {
    throw broken(file, "was changed, or is of another agent: " + error.message());
  }
  if (checksum(Digest::sha256, all.substr(0, script_size)) != manifest_.header_sha256)
    throw broken(file, "was changed: its first lines are not those it was made with");
  std::size_t next = script_size;
  for (const auto& part : manifest_.parts) {
    // Nothing lies between the parts, so nothing is carried that no hash speaks for.
    if (part.offset != next || part.size > start - next) throw broken(file, "is not whole");
    next += part.size;
    if (checksum(Digest::sha256, all.substr(part.offset, part.size)) != part.sha256)
      throw broken(file, "was changed: '" + part.name + "' in it is not what it was made with");
  }
  if (next != start) throw broken(file, "is not whole");
  if (manifest_.machine != this_machine())
    throw broken(file, "is for " + manifest_.machine + ", and this machine is " + this_machine());
}

std::string_view Parcel::part(const std::string& name) const {
  const Part* part = manifest_.find(name);
  if (!part) throw Error("there is no '" + name + "' in '" + file_.string() + "'");
  return std::string_view(bytes_).substr(part->offset, part->size);
}

std::string Parcel::sha256() const {
  return checksum(Digest::sha256, bytes_);
}

}  // namespace agent::parcel
