#include <agent/parcel/manifest.hpp>
#include <agent/sdk/codec.hpp>
#include <agent/sdk/error.hpp>

namespace agent::parcel {
namespace {

constexpr std::int64_t format = 1;

struct Text {
  const char* name;
  std::string Manifest::*member;
};
constexpr Text texts[] = {{"made", &Manifest::made},   {"version", &Manifest::version},
                          {"agent", &Manifest::agent}, {"machine", &Manifest::machine},
                          {"libc", &Manifest::libc},   {"header", &Manifest::header_sha256}};

std::string text_of(const Value& from, const char* name) {
  if (!from[name].is_string()) throw Error(std::string("it does not say '") + name + "'");
  return from[name].string();
}

std::int64_t number_of(const Value& from, const char* name) {
  if (!from[name].is_integer() || from[name].integer() < 0) throw Error(std::string("it does not say '") + name + "'");
  return from[name].integer();
}

}  // namespace

std::string Manifest::json() const {
  List hosts, pieces;
  for (const auto& one : addressees) hosts.push_back(Map{{"host", one.host}, {"names", one.names}});
  for (const auto& part : parts)
    pieces.push_back(Map{{"name", part.name}, {"offset", part.offset}, {"size", part.size}, {"sha256", part.sha256}});
  Map out{{"format", format}, {"number", number}, {"abi", abi}};
  for (const auto& [name, member] : texts) out.set(name, this->*member);
  out.set("playbooks", playbooks);
  out.set("hosts", std::move(hosts));
  out.set("parts", std::move(pieces));
  return Value(out).json();
}

Manifest Manifest::from_json(const std::string& text) {
  const Value whole = parse_json(text, "its manifest");
  if (const auto said = number_of(whole, "format"); said != format)
    throw Error("it has the format " + std::to_string(said) + ", and this agent knows " + std::to_string(format));
  Manifest out;
  out.number = number_of(whole, "number");
  out.abi = number_of(whole, "abi");
  for (const auto& [name, member] : texts) out.*member = text_of(whole, name);
  for (const char* name : {"playbooks", "hosts", "parts"})
    if (!whole[name].is_list()) throw Error(std::string("it does not say '") + name + "'");
  out.playbooks = strings_from(whole["playbooks"]);
  for (const auto& one : whole["hosts"].list())
    out.addressees.push_back({text_of(one, "host"), one["names"].is_list() ? strings_from(one["names"]) : Strings()});
  for (const auto& one : whole["parts"].list())
    out.parts.push_back({text_of(one, "name"), static_cast<std::uint64_t>(number_of(one, "offset")),
                         static_cast<std::uint64_t>(number_of(one, "size")), text_of(one, "sha256")});
  return out;
}

const Part* Manifest::find(const std::string& name) const {
  for (const auto& part : parts)
    if (part.name == name) return &part;
  return nullptr;
}

}  // namespace agent::parcel
