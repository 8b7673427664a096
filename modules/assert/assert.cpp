#include <agent/sdk/module.hpp>

namespace agent::assertion {
namespace {

struct Want {
  Value that;
  Value fail_msg = "Assertion failed", success_msg = "All assertions passed";
  bool quiet = false;
};

const SpecOf<Want>& arguments() {
  static const auto spec = SpecOf<Want>("assert", "Fails unless all conditions hold.")
                               .required("that", &Want::that, "a condition, or a list of them; without braces")
                               .as(Type::conditions)
                               .optional("fail_msg", &Want::fail_msg, "what to say where one does not hold")
                               .alias("msg")
                               .optional("success_msg", &Want::success_msg, "what to say where all hold")
                               .optional("quiet", &Want::quiet, "say little")
                               .plain()
                               .example("Requirements of a play",
                                        "- assert:\n    that:\n      - ansible_facts.memtotal_mb > 16000\n"
                                        "      - cuda_version is version('12.1', '>=')\n"
                                        "    fail_msg: this play needs 16 GB and CUDA 12.1")
                               .returns("assertion", "text", "the condition that does not hold")
                               .returns("evaluated_to", "boolean", "false, where one does not hold")
                               .returns("msg", "text", "what was said");
  return spec;
}

// As Python and the playbook language take a value for true or false.
bool holds(const Value& value) {
  switch (value.kind()) {
    case Kind::boolean:
      return value.boolean();
    case Kind::integer:
    case Kind::real:
      return value.real() != 0;
    case Kind::string:
      return !value.string().empty();
    case Kind::list:
      return !value.list().empty();
    case Kind::map:
      return !value.map().empty();
    default:
      return false;
  }
}

std::string failure_text(const Value& message) {
  if (message.is_string()) return message.string();
  if (!message.is_list()) return message.json();
  std::string text;
  for (const Value& line : message.list())
    text += (text.empty() ? "" : "\n") + (line.is_string() ? line.string() : line.json());
  return text;
}

class Assert : public Module {
 public:
  Plan check(const Args& args, const Host&) const override {
    const Want want = arguments().read(args);
    for (const Value& condition : want.that.is_list() ? want.that.list() : List{want.that}) {
      const Value& value = condition["value"];
      if (value.is_unknown()) throw Unknown(value.reasons());
      if (const Value& reasons = condition["unknown"]; reasons.is_list()) throw Unknown(Field<Strings>::read(reasons));
      if (holds(value)) continue;
      const Value& text = condition["text"];
      throw Error(failure_text(want.fail_msg))
          .at(text.where())
          .with({{"assertion", text}, {"evaluated_to", false}, {"msg", want.fail_msg}});
    }
    return {.steps = {}, .result = {{"msg", want.success_msg}}};
  }
};

constexpr Variant variants[] = {{"any", variant<Assert>}};

}  // namespace

Manifest manifest() {
  return {[]() -> const Spec& { return arguments(); }, variants};
}

}  // namespace agent::assertion

AGENT_MODULE(agent::assertion::arguments, agent::assertion::variants)
