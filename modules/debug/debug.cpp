#include <agent/sdk/module.hpp>

namespace agent::debug {
namespace {

struct Want {
  Value msg = "Hello world!";
  Value var;
  std::int64_t verbosity = 0;
};

const SpecOf<Want>& arguments() {
  static const auto spec =
      SpecOf<Want>("debug", "Prints a text, or the value of an expression.")
          .optional("msg", &Want::msg, "what to print: text, a list, anything")
          .optional("var", &Want::var, "an expression, without braces, whose value is printed")
          .as(Type::expression)
          .optional("verbosity", &Want::verbosity, "print only where -v is given this often")
          .exclusive({"msg", "var"})
          .plain()
          .example("A sentence", "- debug: {msg: \"CUDA is at {{ cuda_home }}\"}")
          .example("A value as it is", "- debug: {var: result.stdout_lines}")
          .returns("msg", "any", "what was printed; with `var`, the value is under the expression's text");
  return spec;
}

class Debug : public Module {
 public:
  // Reads its arguments by hand: a value that is unknown is printed as such, and is no reason not to print.
  Plan check(const Args& args, const Host&) const override {
    if (const Value* var = args.find("var"); var != nullptr && var->is_map()) {
      const Value* value = var->find("value");
      const std::string text = (*var)["text"].is_string() ? (*var)["text"].string() : "var";
      return {.steps = {}, .result = {{text, value != nullptr ? *value : Value("VARIABLE IS NOT DEFINED!")}}};
    }
    const Value* msg = args.find("msg");
    return {.steps = {}, .result = {{"msg", msg != nullptr ? *msg : Want().msg}}};
  }
};

constexpr Variant variants[] = {{"any", variant<Debug>}};

}  // namespace

Manifest manifest() {
  return {[]() -> const Spec& { return arguments(); }, variants};
}

}  // namespace agent::debug

AGENT_MODULE(agent::debug::arguments, agent::debug::variants)
