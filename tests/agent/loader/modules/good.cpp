// A whole module that keeps one file: what the loader must carry across, both ways.
#include <agent/sdk/module.hpp>

namespace {

using namespace agent;

struct Want {
  std::string text;
};

const SpecOf<Want>& arguments() {
  static const auto spec =
      SpecOf<Want>("good", "Keeps a text in /good.").required("text", &Want::text, "what the file is to hold");
  return spec;
}

class Good : public Module {
 public:
  Plan check(const Args& args, const Host& host) const override {
    const Want want = arguments().read(args);
    if (want.text == "throw") throw Error("the module refuses").hint("ask for something else").about("text");
    if (want.text == "wonder") throw Unknown("nobody ran the probe");
    if (want.text == "crash") throw 42;
    const auto now = host.read("/good");
    if (now == want.text) return {};
    return {{{{{"/good", now, want.text}}, {WriteFile{"/good", want.text}}}}, {{"seen_on", host.system().id}}};
  }
};

constexpr Variant variants[] = {{"debian", variant<Good>}};

}  // namespace

AGENT_MODULE(arguments, variants)
