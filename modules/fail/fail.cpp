#include <agent/sdk/module.hpp>

namespace agent::fail {
namespace {

struct Want {
  Value msg = "Failed as requested from task";
};

const SpecOf<Want>& arguments() {
  static const auto spec =
      SpecOf<Want>("fail", "Fails, with a message of your own.")
          .optional("msg", &Want::msg, "what to say")
          .plain()
          .example("With a condition",
                   "- fail: {msg: \"this play needs an NVIDIA GPU\"}\n  when: gpus.stdout | length == 0");
  return spec;
}

class Fail : public Module {
 public:
  Plan check(const Args& args, const Host&) const override {
    const Want want = arguments().read(args);
    throw Error(want.msg.is_string() ? want.msg.string() : want.msg.json()).at(want.msg.where());
  }
};

constexpr Variant variants[] = {{"any", variant<Fail>}};

}  // namespace

Manifest manifest() {
  return {[]() -> const Spec& { return arguments(); }, variants};
}

}  // namespace agent::fail

AGENT_MODULE(agent::fail::arguments, agent::fail::variants)
