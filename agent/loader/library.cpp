// The one door for Boost.DLL.
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include <boost/dll/shared_library.hpp>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <agent/loader/host_desk.hpp>
#include <agent/loader/library.hpp>
#include <agent/sdk/abi.h>
#include <agent/sdk/checksum.hpp>
#include <agent/sdk/codec.hpp>

namespace agent {

namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  void keep() { fd_ = -1; }

 private:
  int fd_;
};

// The name for messages: a worker of another user is given the folder as a descriptor, which says nothing to people.
Path name_of(int fd, const Path& opened_as) {
  boost::dll::fs::error_code failed;
  const auto target = boost::dll::fs::read_symlink("/proc/self/fd/" + std::to_string(fd), failed);
  return failed ? opened_as : Path(target.string());
}

// Who had sudo start us as root can run anything as root: sending modules along gives no more than that.
bool is_who_called(uid_t owner) {
  const char* caller = ::geteuid() == 0 ? std::getenv("SUDO_UID") : nullptr;
  return caller && std::to_string(owner) == caller;
}

// Code of a stranger must not run with our rights (reliability R19).
void check_trust(int fd, const Path& path) {
  struct stat info {};
  if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode))
    throw Error("the module library '" + path.string() + "' is not a file");
  if (info.st_uid != 0 && info.st_uid != ::geteuid() && info.st_uid != ::getuid() && !is_who_called(info.st_uid))
    throw Error("the module library '" + path.string() + "' belongs to another user (uid " +
                std::to_string(info.st_uid) + ")")
        .hint("only libraries of root or of yourself are loaded: 'chown root " + path.string() + "'");
  if (info.st_mode & (S_IWGRP | S_IWOTH))
    throw Error("the module library '" + path.string() + "' may be written by others")
        .hint("'chmod go-w " + path.string() + "', and make sure that it is what you think it is");
}

std::string content_of(int fd) {
  std::string content;
  std::array<char, 1 << 16> chunk;
  for (ssize_t got; (got = ::pread(fd, chunk.data(), chunk.size(), static_cast<off_t>(content.size()))) > 0;)
    content.append(chunk.data(), static_cast<std::size_t>(got));
  return content;
}

// A module is never unloaded: threads and handlers that it left in this process may still run its code.
const boost::dll::shared_library* keep_for_good(std::unique_ptr<boost::dll::shared_library> library) {
  static std::mutex mutex;
  static auto& all = *new std::vector<std::unique_ptr<boost::dll::shared_library>>;  // outlives every destructor
  const std::lock_guard lock(mutex);
  return all.emplace_back(std::move(library)).get();
}

// What the loader says, without the path through /proc that we gave it.
std::string reason_of(const std::string& message, const std::string& opened_as, const Path& path) {
  std::string text = message;
  if (const auto at = text.find(opened_as); at != std::string::npos) text.replace(at, opened_as.size(), path.string());
  if (text.find("invalid ELF header") != std::string::npos || text.find("file too short") != std::string::npos)
    return "it is not a shared library";
  return text;
}

Value reply_of(const auto& call) {
  Bytes bytes;
  call([](void* context, agent_bytes b) { static_cast<Bytes*>(context)->assign(b.data, b.data + b.size); }, &bytes);
  Value reply = from_cbor(bytes);
  if (const Value* error = reply.find("error")) throw Error::from_value(*error);
  if (const Value* reasons = reply.find("unknown")) throw Unknown(strings_from(*reasons));
  return reply;
}

}  // namespace

struct Library::State {
  const agent_module_table* table = nullptr;
  Spec spec;
  Strings distros;
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

Library Library::open(const Path& file_path, const std::string& sha256) {
  Descriptor file(::open(file_path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0)
    throw Error("the module library '" + file_path.string() + "' cannot be opened: " + std::strerror(errno));
  const Path path = name_of(file.get(), file_path);
  check_trust(file.get(), path);
  if (!sha256.empty() && checksum(Digest::sha256, content_of(file.get())) != sha256)
    throw Error("the module library '" + path.string() +
                "' is not the one that was built: its SHA-256 differs from the index")
        .hint("install the agent again, or after building a module by hand: './dev build'");
  // What was looked at is what is loaded: by descriptor, not by name (R20).
  const std::string opened = "/proc/self/fd/" + std::to_string(file.get());
  boost::dll::fs::error_code failed;
  auto library = std::make_unique<boost::dll::shared_library>();
  library->load(opened, failed, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
  if (!library->is_loaded()) {
    const char* message = ::dlerror();
    throw Error("'" + path.string() +
                "' is no module library: " + reason_of(message ? message : failed.message(), opened, path));
  }
  // The dynamic linker knows a library by the name it was opened under: the number must never name another file.
  file.keep();
  const boost::dll::shared_library* loaded = keep_for_good(std::move(library));
  if (!loaded->has(AGENT_MODULE_SYMBOL))
    throw Error("'" + path.string() + "' is no module library: it does not export '" AGENT_MODULE_SYMBOL "'")
        .hint("a module ends with AGENT_MODULE(spec, variants); see docs/writing-a-module.md");
  auto state = std::make_unique<State>();
  state->table = loaded->get<const agent_module_table*()>(AGENT_MODULE_SYMBOL)();
  if (!state->table || state->table->abi_version != AGENT_ABI_VERSION)
    throw Error("the module library '" + path.string() + "' was built for module ABI " +
                (state->table ? std::to_string(state->table->abi_version) : "none") + ", this agent has ABI " +
                std::to_string(AGENT_ABI_VERSION))
        .hint("rebuild the module against this agent's agent/sdk");
  const Value about = reply_of([&](agent_reply reply, void* context) { state->table->describe(reply, context); });
  state->spec = Spec::from_value(about["spec"]);
  state->distros = strings_from(about["variants"]);
  return Library(std::move(state));
}

const Spec& Library::spec() const {
  return state_->spec;
}
const Strings& Library::distros() const {
  return state_->distros;
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
