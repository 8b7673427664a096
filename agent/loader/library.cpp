#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include <unistd.h>

#include <agent/loader/host_desk.hpp>
#include <agent/loader/library.hpp>
#include <agent/loader/library_file.hpp>
#include <agent/sdk/abi.h>
#include <agent/sdk/checksum.hpp>
#include <agent/sdk/codec.hpp>

namespace agent {

namespace {

Value reply_of(const auto& call) {
  Bytes bytes;
  call([](void* context, agent_bytes b) { static_cast<Bytes*>(context)->assign(b.data, b.data + b.size); }, &bytes);
  Value reply = from_cbor(bytes);
  if (const Value* error = reply.find("error")) throw Error::from_value(*error);
  if (const Value* reasons = reply.find("unknown")) throw Unknown(strings_from(*reasons));
  return reply;
}

// What the modules of one tree share is opened by us and not by the dynamic linker: a worker of another user is given
// the modules' folder as a descriptor, and may not be able to get to it by name. One for each folder, for good.
LibraryFile* shared_beside(const Path& library) {
  static std::mutex mutex;
  static auto& all = *new std::map<Path, std::unique_ptr<LibraryFile>>;  // outlives every destructor
  const Path path = library.parent_path() / "../lib/libagent-sdk.so";
  const std::lock_guard lock(mutex);
  const auto [known, is_new] = all.try_emplace(path);
  if (is_new && ::access(path.c_str(), F_OK) == 0) known->second = std::make_unique<LibraryFile>(path);
  return known->second.get();
}

std::string fingerprint(LibraryFile& file, const Path& path) {
  LibraryFile* shared = shared_beside(path);
  return shared ? checksum(Digest::sha256, file.sha256() + shared->sha256()) : file.sha256();
}

}  // namespace

struct Library::State {
  const agent_module_table* table = nullptr;
  std::optional<Spec> spec;
  std::optional<Strings> distros;
  // A Spec takes longer to build than most checks take, and most calls need none of it.
  void describe() {
    if (spec) return;
    const Value about = reply_of([&](agent_reply reply, void* context) { table->describe(reply, context); });
    if (!distros) distros = strings_from(about["variants"]);
    spec = Spec::from_value(about["spec"]);
  }
  Value call(Map request, HostDesk desk) const {
    const Bytes bytes = to_cbor(Value(std::move(request)));
    return reply_of([&](agent_reply reply, void* context) {
      table->call({bytes.data(), bytes.size()}, desk.table(), reply, context);
    });
  }
};

Library::Library(std::unique_ptr<State> state) : state_(std::move(state)) {}
Library::Library(Library&&) noexcept = default;
Library& Library::operator=(Library&&) noexcept = default;
Library::~Library() = default;

std::string fingerprint_of(const Path& library) {
  LibraryFile file(library);
  return fingerprint(file, library);
}

Library Library::open(const Path& file_path, const std::string& sha256, std::optional<Strings> distros) {
  LibraryFile file(file_path);
  const Path& path = file.name();
  if (!sha256.empty() && fingerprint(file, file_path) != sha256)
    throw Error("the module library '" + path.string() +
                "' is not the one that was built: its SHA-256 differs from the index")
        .hint("install the agent again, or after building a module by hand: './dev build'");
  if (LibraryFile* shared = shared_beside(file_path)) shared->load();
  const boost::dll::shared_library& loaded = file.load();
  if (!loaded.has(AGENT_MODULE_SYMBOL))
    throw Error("'" + path.string() + "' is no module library: it does not export '" AGENT_MODULE_SYMBOL "'")
        .hint("a module ends with AGENT_MODULE(spec, variants); see docs/writing-a-module.md");
  auto state = std::make_unique<State>();
  state->table = loaded.get<const agent_module_table*()>(AGENT_MODULE_SYMBOL)();
  if (!state->table || state->table->abi_version != AGENT_ABI_VERSION)
    throw Error("the module library '" + path.string() + "' was built for module ABI " +
                (state->table ? std::to_string(state->table->abi_version) : "none") + ", this agent has ABI " +
                std::to_string(AGENT_ABI_VERSION))
        .hint("rebuild the module against this agent's agent/sdk");
  state->distros = std::move(distros);
  if (!state->distros) state->describe();
  return Library(std::move(state));
}

const Spec& Library::spec() const {
  state_->describe();
  return *state_->spec;
}
const Strings& Library::distros() const {
  return *state_->distros;
}

std::string Library::variant_for(const System& system) const {
  const auto has = [&](const std::string& distro) {
    return std::find(distros().begin(), distros().end(), distro) != distros().end();
  };
  if (has(system.id)) return system.id;
  for (const std::string& like : system.like)
    if (has(like)) return like;
  if (has("any")) return "any";
  std::string served;
  for (const std::string& distro : distros()) served += (served.empty() ? "" : ", ") + distro;
  throw Error("the module '" + spec().name + "' does not serve " + (system.name.empty() ? system.id : system.name))
      .hint("it serves: " + served);
}

Plan Library::check(const std::string& variant, const Args& args, const Host& host) const {
  return plan_from(state_->call({{"call", "check"}, {"variant", variant}, {"args", args}}, HostDesk(host))["plan"]);
}

Outcome Library::apply(const std::string& variant, const Plan& plan, Host& host) const {
  return outcome_from(
      state_->call({{"call", "apply"}, {"variant", variant}, {"plan", to_value(plan)}}, HostDesk(host))["outcome"]);
}

}  // namespace agent
