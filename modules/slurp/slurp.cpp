#include <agent/sdk/checksum.hpp>
#include <agent/sdk/module.hpp>
#include <agent/sdk/paths.hpp>

namespace agent::slurp {
namespace {

struct Want {
  std::string src;
};

const SpecOf<Want>& arguments() {
  static const auto spec = SpecOf<Want>("slurp", "Reads a file of the machine into a variable.")
                               .required("src", &Want::src, "the file")
                               .as(Type::path)
                               .alias("path")
                               .example("A key",
                                        "- slurp: {src: /etc/ssh/ssh_host_ed25519_key.pub}\n  register: key\n"
                                        "- debug: {msg: \"{{ key.content | b64decode }}\"}")
                               .returns("content", "text", "the file's bytes in base64; `b64decode` makes them text")
                               .returns("source", "text", "the file")
                               .returns("encoding", "text", "base64");
  return spec;
}

class Slurp : public Module {
 public:
  Plan check(const Args& args, const Host& host) const override {
    const Want want = arguments().read(args);
    const Path file = path_argument(want.src, host);
    const auto info = host.stat(file);
    if (!info) throw Error("there is no file '" + file.string() + "' to read").about("src");
    if (info->is_directory()) throw Error("'" + file.string() + "' is a directory, not a file").about("src");
    const auto content = host.read(file);
    return {.steps = {},
            .result = {{"content", base64(content.value_or(""))}, {"source", file.string()}, {"encoding", "base64"}}};
  }
};

constexpr Variant variants[] = {{"any", variant<Slurp>}};

}  // namespace

Manifest manifest() {
  return {[]() -> const Spec& { return arguments(); }, variants};
}

}  // namespace agent::slurp

AGENT_MODULE(agent::slurp::arguments, agent::slurp::variants)
