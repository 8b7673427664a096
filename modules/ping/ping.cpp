#include <agent/sdk/module.hpp>

namespace agent::ping {
namespace {

struct Want {
  std::string data = "pong";
};

const SpecOf<Want>& arguments() {
  static const auto spec =
      SpecOf<Want>("ping", "Answers, which shows that the machine is reached and a module can run there.")
          .optional("data", &Want::data, "what to answer; 'crash' fails")
          .example("Reach every machine", "- ping:")
          .returns("ping", "text", "the answer");
  return spec;
}

class Ping : public Module {
 public:
  Plan check(const Args& args, const Host&) const override {
    const Want want = arguments().read(args);
    if (want.data == "crash") throw Error("boom").hint("'data: crash' asks for this failure").about("data");
    return {.steps = {}, .result = {{"ping", want.data}}};
  }
};

constexpr Variant variants[] = {{"any", variant<Ping>}};

}  // namespace

Manifest manifest() {
  return {[]() -> const Spec& { return arguments(); }, variants};
}

}  // namespace agent::ping

AGENT_MODULE(agent::ping::arguments, agent::ping::variants)
