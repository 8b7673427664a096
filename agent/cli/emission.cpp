#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>
#include <iostream>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <agent/cli/bundle_signature.hpp>
#include <agent/cli/emission.hpp>
#include <agent/cli/exit_code.hpp>
#include <agent/cli/lint_output.hpp>
#include <agent/fleet/bundle.hpp>
#include <agent/host/fd.hpp>
#include <agent/parcel/file.hpp>
#include <agent/parcel/loading.hpp>
#include <agent/report/signature.hpp>
#include <agent/sdk/abi.h>
#include <agent/sdk/codec.hpp>

namespace agent::cli {
namespace {

constexpr std::string_view placeholder = "{host}";

std::string bytes_of(const Value& value) {
  const Bytes bytes = to_cbor(value);
  return {bytes.begin(), bytes.end()};
}

std::string utc(std::time_t when) {
  std::tm parts{};
  gmtime_r(&when, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

[[noreturn]] void fail_to_write(const Path& path) {
  throw Error("'" + path.string() + "' cannot be written: " + std::strerror(errno));
}

/// The variables of hosts are in it: from its first byte on it is its owner's alone.
void write_for_owner(const Path& path, const std::string& bytes) {
  const Path folder = path.has_parent_path() ? path.parent_path() : Path(".");
  const Path fresh = folder / ("." + path.filename().string() + "." + std::to_string(::getpid()) + ".new");
  ::unlink(fresh.c_str());
  const Fd file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0700));
  if (!file) fail_to_write(path);
  for (std::size_t at = 0; at < bytes.size();) {
    const ssize_t put = ::write(file.get(), bytes.data() + at, bytes.size() - at);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) {
      const int why = errno;
      ::unlink(fresh.c_str());
      errno = why;
      fail_to_write(path);
    }
    at += static_cast<std::size_t>(put);
  }
  if (::fchmod(file.get(), 0700) != 0 || ::fsync(file.get()) != 0 || ::rename(fresh.c_str(), path.c_str()) != 0)
    fail_to_write(path);
}

/// What stands between loading and writing.
class Emission {
 public:
  Emission(Session& session, const RunOptions& options)
      : options_(options), bundle_(session.installation().executable, fleet::bundle_cache()) {
    if (!options.bundle_key.empty())
      require_signed_and_no_older(bundle_, session.installation().share, options.bundle_key, options.allow_older_agent);
    const auto now = std::chrono::system_clock::now();
    manifest_.number = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
    manifest_.made = utc(std::chrono::system_clock::to_time_t(now));
    manifest_.version = AGENT_VERSION;
    manifest_.agent = bundle_.id();
    manifest_.machine = bundle_.machine();
    manifest_.libc = bundle_.least_libc();
    manifest_.abi = AGENT_ABI_VERSION;
    for (const auto& playbook : session.playbooks()) manifest_.playbooks.push_back(playbook.file.string());
  }

  void write(const Path& path, const parcel::Load& load, const std::vector<parcel::Addressee>& hosts) {
    manifest_.addressees = hosts;
    std::vector<parcel::Content> contents{{"plays", bytes_of(load.plays)}};
    for (const auto& [host, names] : hosts) contents.push_back({"host " + host, bytes_of(load.hosts.at(host))});
    const std::string bytes = parcel::parcel_bytes(manifest_, bundle_.archive(), contents, options_.sign);
    write_for_owner(path, bytes);
    const std::size_t tenths = (bytes.size() + 52'428) / 104'858;  // of a MiB
    std::cout << path.string() << ": "
              << (hosts.size() == 1 ? hosts.front().host : std::to_string(hosts.size()) + " hosts") << ", "
              << tenths / 10 << "." << tenths % 10 << " MiB, number " << manifest_.number << ", "
              << (options_.sign.empty() ? "not signed" : "signed") << "\n";
  }

 private:
  const RunOptions& options_;
  fleet::Bundle bundle_;
  parcel::Manifest manifest_;
};

}  // namespace

void add_emission_to(CLI::App& command, RunOptions& options) {
  command
      .add_option("--emit", options.emit,
                  "run nothing: write plays, files and variables with the agent into one file that any launcher can "
                  "carry (docs/launchers.md); '{host}' in its name makes one for each host")
      ->type_name("FILE");
  command.add_flag("--emit-secrets", options.emit_secrets,
                   "open what the inventory has encrypted, and put it into the file");
}

void prepare_emission(Session& session, const RunOptions& options) {
  const auto refuse = [](bool given, const std::string& option) {
    if (given)
      throw Error("'" + option + "' means nothing to a file that is started elsewhere").hint("leave it out, or --emit");
  };
  refuse(options.step, "--step");
  refuse(!options.start_at_task.empty(), "--start-at-task");
  refuse(!options.expect.empty(), "--expect");
  refuse(options.ask_become_password || !options.become_password_file.empty(), "-K");
  refuse(!options.outputs.empty(), "--output");
  if (!options.sign.empty()) report::signature("", options.sign);
  session.files().keep_everything();
}

int emit(Session& session, const RunOptions& options) {
  std::vector<Error> refused;
  const parcel::Load load =
      parcel::load(session.world(), session.playbooks(), session.files(), options.emit_secrets, refused);
  if (!refused.empty()) {
    Problems problems;
    for (const auto& error : refused) problems.error("cannot-travel", error);
    problems.sort();
    write_text(std::cerr, problems);
    return static_cast<int>(ExitCode::wrong_input);
  }
  if (load.addressees.empty()) throw Error("the plays are for no host of the inventory, so there is nothing to write");
  Emission emission(session, options);
  const auto at = options.emit.find(placeholder);
  if (at == std::string::npos) {
    emission.write(options.emit, load, load.addressees);
    return static_cast<int>(ExitCode::fine);
  }
  for (const auto& one : load.addressees) {
    if (one.host.find('/') != std::string::npos) throw Error("'" + one.host + "' cannot be part of a file's name");
    emission.write(std::string(options.emit).replace(at, placeholder.size(), one.host), load, {one});
  }
  return static_cast<int>(ExitCode::fine);
}

}  // namespace agent::cli
