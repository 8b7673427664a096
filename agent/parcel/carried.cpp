#include <algorithm>
#include <set>

#include <netdb.h>
#include <unistd.h>

#include <agent/executor/task_settings.hpp>
#include <agent/fleet/protocol.hpp>
#include <agent/parcel/carried.hpp>
#include <agent/parcel/loading.hpp>
#include <agent/sdk/codec.hpp>
#include <agent/template/unicode.hpp>

namespace agent::parcel {
namespace {

const Map& map_in(const Value& value, const char* name) {
  if (!value[name].is_map()) throw Error(std::string("it does not say '") + name + "'");
  return value[name].map();
}

}  // namespace

// ---- the host -------------------------------------------------------------------------------------------------------

CarriedHost::CarriedHost(const Value& part)
    : name_(part["host"].is_string() ? part["host"].string() : ""),
      patterns_(map_in(part, "patterns")),
      layers_(map_in(part, "variables")),
      groups_of_(strings_from(part["groups_of"])) {
  if (const Value* groups = part.find("groups"); groups && groups->is_map()) groups_ = groups->map();
  if (!layers_.empty()) directory_ = layers_.begin()->first;
}

Strings CarriedHost::match(const std::string& pattern) const {
  if (pattern == "all") return {name_};
  const Value* is_in = patterns_.find(pattern);
  if (!is_in) throw Error("whether the hosts '" + pattern + "' are meant was not known when the play was written");
  return *is_in == Value(true) ? Strings{name_} : Strings();
}

std::vector<executor::VariableLayer> CarriedHost::variables(const std::string& host) const {
  std::vector<executor::VariableLayer> out;
  const Value* layers = host == name_ ? layers_.find(directory_) : nullptr;
  if (layers && layers->is_list())
    for (const auto& layer : layers->list())
      out.push_back({layer["origin"].string(), fleet::protocol::unmarked(layer["variables"]).map()});
  return out;
}

Map CarriedHost::groups() const {
  if (groups_) return *groups_;
  Map own{{"all", Strings{name_}}};
  for (const auto& group : groups_of_) own.set(group, Strings{name_});
  return own;
}

void CarriedHost::add_host(const std::string&, const Strings&, const Map&) {
  throw Error("'add_host' concerns other hosts, and this one is alone with the play");
}

void CarriedHost::add_group(const std::string&, const Strings&, const Strings&) {
  throw Error("'group_by' concerns other hosts, and this one is alone with the play");
}

bool CarriedHost::beside(const Path& directory) {
  const std::string fresh = directory.string();
  if (fresh == directory_ || !layers_.contains(fresh)) return false;
  directory_ = fresh;
  return true;
}

// ---- the controller -------------------------------------------------------------------------------------------------

CarriedServices::CarriedServices(const Value& plays) : environment_(map_in(plays, "environment")) {
  files_ = std::make_unique<AnsweredFiles>(
      map_in(plays, "files"), Path(plays["directory"].string()), [](const FileQuestion& question) -> Value {
        if (question.what == "kind") return "none";
        throw Error("'" + question.path.string() + "' did not come along with the play");
      });
}

std::optional<List> CarriedServices::lookup(const jinja::LookupCall& call) const {
  List out;
  for (const auto& term : call.terms) {
    const std::string name = executor::as_text(term);
    if (call.name == "env") {
      const Value* value = environment_.find(name);
      if (!value) throw Error("the controller's variable '" + name + "' did not come along with the play");
      out.push_back(*value);
    } else if (call.name == "file") {
      out.emplace_back(jinja::strip(looked_up_file(*files_, name, call.search_path), false, true));
    } else {
      throw Error("the lookup '" + call.name + "' looks at the controller, and the play came without one");
    }
  }
  return out;
}

std::optional<jinja::Source> CarriedServices::source(const std::string& name, const Strings&) const {
  throw Error("the template '" + name + "' did not come along with the play");
}

std::filesystem::file_status CarriedServices::status(const Path& path, bool) const {
  throw Error("whether there is a '" + path.string() + "' on the controller cannot be told here");
}

// ---- the parcel -----------------------------------------------------------------------------------------------------

Value value_in(const Parcel& parcel, const std::string& part) {
  const std::string_view bytes = parcel.part(part);
  return from_cbor(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

Strings own_names() {
  char text[256] = {};
  if (::gethostname(text, sizeof text - 1) != 0) return {};
  Strings out{text};
  // What the resolver makes of it, as `hostname -f`; its answer may take a while, and nobody depends on it.
  addrinfo wanted{};
  wanted.ai_flags = AI_CANONNAME;
  addrinfo* found = nullptr;
  if (::getaddrinfo(text, nullptr, &wanted, &found) == 0) {
    if (found && found->ai_canonname && out.front() != found->ai_canonname) out.emplace_back(found->ai_canonname);
    ::freeaddrinfo(found);
  }
  return out;
}

std::string host_in(const Manifest& manifest, const std::string& asked, const Strings& own_names) {
  const auto shortened = [](const std::string& name) { return name.substr(0, name.find('.')); };
  Strings all;
  for (const auto& one : manifest.addressees) all.push_back(one.host);
  if (!asked.empty()) {
    if (std::find(all.begin(), all.end(), asked) != all.end()) return asked;
    Error error("the play is not for '" + asked + "'");
    if (const auto hint = did_you_mean(asked, all)) error.hint(*hint);
    throw error;
  }
  if (all == Strings{"localhost"}) return all.front();
  // A whole name before a short one: 'web.lab' and 'web.office' may both be there.
  for (const bool is_whole : {true, false}) {
    std::set<std::string> fitting;
    for (const auto& one : manifest.addressees)
      for (const auto& name : one.names)
        for (const auto& own : own_names)
          if (name == own || (!is_whole && shortened(name) == shortened(own))) fitting.insert(one.host);
    if (fitting.size() == 1) return *fitting.begin();
    if (fitting.size() > 1)
      throw Error("the play is for several hosts that this machine may be: '" + *fitting.begin() + "', '" +
                  *std::next(fitting.begin()) + "'")
          .hint("--host NAME says which");
  }
  const std::string first = own_names.empty() ? "" : " ('" + own_names.front() + "')";
  throw Error("the play is not for this machine" + first)
      .hint("it is for " + std::to_string(all.size()) + " hosts: " +
            (all.empty() ? "" : all.front() + (all.size() > 1 ? ", " + all[1] : "") + (all.size() > 2 ? ", ..." : "")))
      .hint("--host NAME takes one of them");
}

}  // namespace agent::parcel
