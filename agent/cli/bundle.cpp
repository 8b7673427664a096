#include <chrono>
#include <fstream>
#include <iostream>
#include <memory>

#include <agent/cli/bundle_signature.hpp>
#include <agent/cli/installation.hpp>
#include <agent/cli/program.hpp>
#include <agent/fleet/bundle.hpp>
#include <agent/sdk/checksum.hpp>

namespace agent::cli {
namespace {

struct Options {
  std::string output;
  std::string sign, verify;
  bool manifest = false;
};

int make(const Options& options) {
  const Installation installation = Installation::find();
  fleet::Bundle bundle(installation.executable, fleet::bundle_cache());
  if (!options.sign.empty()) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    sign_bundle(bundle, installation.share, options.sign,
                std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
  }
  if (!options.verify.empty()) {
    const Signed found = require_signed(bundle, installation.share, options.verify);
    std::cout << bundle.id() << ": the signature is right, number " << found.number << "\n";
    return 0;
  }
  if (options.manifest) {
    std::cout << bundle.manifest().json() << "\n";
    return 0;
  }
  const auto& archive = bundle.archive();
  if (!options.output.empty()) {
    std::ofstream out(options.output, std::ios::binary);
    out.write(archive.packed.data(), static_cast<std::streamsize>(archive.packed.size()));
    if (!out.flush()) throw Error("'" + options.output + "' cannot be written");
  }
  const std::size_t tenths = (archive.packed.size() + 52'428) / 104'858;  // of a MiB
  std::cout << "bundle   " << bundle.id() << "\n"
            << "runs on  " << bundle.machine() << ", glibc " << bundle.least_libc() << " or newer\n"
            << "files    " << bundle.files().size() << "\n"
            << "size     " << tenths / 10 << "." << tenths % 10 << " MiB packed\n"
            << "sha256   " << checksum(Digest::sha256, archive.packed) << "\n";
  return 0;
}

}  // namespace

void add_bundle(const Program& program) {
  program.add("bundle", "Packs the agent as it is sent to other machines.", [](CLI::App& command) {
    auto options = std::make_shared<Options>();
    command.add_option("-o,--output", options->output, "write the archive (a tar in Zstandard) to this file");
    command.add_flag("--manifest", options->manifest, "print what is in it, as JSON, and pack nothing");
    command.add_option("--sign", options->sign, "sign it with this Ed25519 key: bundle.json.sig in share/agent")
        ->type_name("KEY");
    command.add_option("--verify", options->verify, "whether this agent is the one that this public key signed")
        ->type_name("KEY");
    return [options] { return make(*options); };
  });
}

}  // namespace agent::cli
