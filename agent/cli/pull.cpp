#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <memory>

#include <unistd.h>

#include <agent/cli/carried_run.hpp>
#include <agent/cli/exit_code.hpp>
#include <agent/cli/history_file.hpp>
#include <agent/cli/program.hpp>
#include <agent/host/process.hpp>
#include <agent/parcel/pulled.hpp>
#include <agent/parcel/source.hpp>
#include <agent/report/diagnostic.hpp>
#include <agent/sdk/download.hpp>

namespace agent::cli {
namespace {

struct Asked {
  CarriedOptions run;
  std::string url, sha256;
  bool insecure_unsigned = false, only_if_changed = false, allow_older = false;
};

std::optional<Path> key_of(const Asked& asked) {
  return asked.run.public_key.empty() ? std::nullopt : std::optional<Path>(asked.run.public_key);
}

void require_trust(const Asked& asked) {
  if (!asked.run.public_key.empty() || !asked.sha256.empty() || asked.insecure_unsigned) return;
  throw Error("whose plays may be run on this machine is not said")
      .hint("--public-key KEY runs what that key has signed: 'agent run ... --emit FILE --sign KEY'")
      .hint("--sha256 SUM runs one file alone, and --insecure-unsigned whatever the server hands out");
}

/// Holds a file that came against all that was asked of it.
parcel::Parcel opened(const Asked& asked, const Path& file, const parcel::Memory& before) {
  parcel::Parcel parcel(file, key_of(asked));
  if (!asked.sha256.empty() && parcel.sha256() != sha256_argument(asked.sha256, "--sha256"))
    throw Error("what '" + asked.url + "' hands out has the SHA-256 " + parcel.sha256() + ", and " + asked.sha256 +
                " is asked for; nothing was started");
  if (parcel.manifest().number < before.number && !asked.allow_older)
    throw Error("what '" + asked.url + "' hands out is older than what ran here: its number is " +
                std::to_string(parcel.manifest().number) + " (" + parcel.manifest().made + "), and " +
                std::to_string(before.number) + " has run; nothing was started")
        .hint("--allow-older takes it all the same, when an older state is what you want");
  return parcel;
}

int carry_out(const Asked& asked) {
  require_trust(asked);
  const parcel::Source source = parcel::source_from(asked.url);
  const auto history = history_file(own_environment());
  if (!history) throw Error("there is no place to remember what was pulled: neither XDG_STATE_HOME nor HOME is set");
  parcel::Pulled pulled(history->parent_path(), asked.url);
  if (!pulled.take()) {
    std::cerr << report::diagnostic(Error("another 'agent pull' of this address is under way"));
    return static_cast<int>(ExitCode::busy);
  }
  parcel::Memory memory = pulled.memory();
  // A file that was lost is fetched again.
  const bool has_file = std::filesystem::exists(pulled.file());
  const parcel::Fetched fetched = parcel::fetch(source, pulled.folder(), has_file ? memory.tag : "");
  const parcel::Parcel parcel = opened(asked, fetched.file.value_or(pulled.file()), memory);
  const bool is_new = parcel.sha256() != memory.sha256;
  if (asked.only_if_changed && !is_new && memory.ended == static_cast<int>(ExitCode::fine))
    return static_cast<int>(ExitCode::fine);
  if (asked.insecure_unsigned && asked.run.public_key.empty() && asked.sha256.empty())
    std::cerr << report::diagnostic(
        Error("nobody vouches for what '" + asked.url + "' hands out (--insecure-unsigned)"), "warning");
  if (asked.run.check) {
    const int code = run_carried(parcel, asked.run);
    if (std::error_code ignored; fetched.file) std::filesystem::remove(*fetched.file, ignored);
    return code;
  }
  if (fetched.file && ::rename(fetched.file->c_str(), pulled.file().c_str()) != 0)
    throw Error("'" + pulled.file().string() + "' cannot be written: " + std::strerror(errno));
  memory.tag = fetched.tag;
  memory.sha256 = parcel.sha256();
  memory.number = parcel.manifest().number;
  memory.ended.reset();
  // Before it runs: whatever becomes of the run, nothing older comes after it.
  pulled.remember(memory);
  const int code = run_carried(parcel, asked.run);
  memory.ended = code;
  pulled.remember(memory);
  return code;
}

}  // namespace

void add_pull(const Program& program) {
  program.add("pull", "Fetches such a file from a web server or a git repository, and does its plays on this machine.",
              [](CLI::App& command) {
                auto asked = std::make_shared<Asked>();
                command
                    .add_option("url", asked->url,
                                "https://HOST/FILE, or git+https://HOST/REPOSITORY[@BRANCH]#FILE (git+ssh, git+file)")
                    ->required()
                    ->type_name("URL");
                asked->run.add_to(command);
                command.add_option("--sha256", asked->sha256, "run only the file with this sum")->type_name("SUM");
                command.add_flag("--insecure-unsigned", asked->insecure_unsigned, "run what nobody has signed");
                command.add_flag("--only-if-changed", asked->only_if_changed,
                                 "run nothing, and say nothing, when the last run of this very file went well");
                command.add_flag("--allow-older", asked->allow_older, "run a file that is older than the last one");
                return [asked] { return carry_out(*asked); };
              });
}

}  // namespace agent::cli
