#include <agent/sdk/module.hpp>

namespace agent::set_fact {
namespace {

struct Want {
  bool cacheable = false;
};

const SpecOf<Want>& arguments() {
  static const auto spec =
      SpecOf<Want>("set_fact", "Sets variables of the machine, for the rest of the run.")
          .description(
              "Each argument is a variable. It beats the variables of plays, roles and "
              "inventory; only parameters of roles and `-e` beat it.")
          .optional("cacheable", &Want::cacheable, "keep them in the fact cache, as facts")
          .open()
          .plain()
          .example("Two at once", "- set_fact:\n    cuda_home: /usr/local/cuda-{{ cuda_version }}\n    gpu_count: 2")
          .returns("ansible_facts", "map", "the variables and their values");
  return spec;
}

bool is_name(const std::string& text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  if (text.empty() || !letter(text[0])) return false;
  for (const char c : text)
    if (!letter(c) && (c < '0' || c > '9')) return false;
  return true;
}

class SetFact : public Module {
 public:
  // An unknown value is a value here: the tasks that use it will say so.
  Plan check(const Args& args, const Host&) const override {
    Map facts;
    for (const auto& [name, value] : args) {
      if (name == "cacheable") continue;
      if (!is_name(name))
        throw Error("'" + name + "' is not a name for a variable")
            .at(value.where())
            .hint("it starts with a letter or '_', and then takes letters, digits and '_'")
            .about(name);
      facts.set(name, value);
    }
    if (facts.empty())
      throw Error("set_fact needs at least one variable to set").hint("for example 'set_fact: {answer: 42}'");
    Plan plan{.steps = {}, .result = {{"ansible_facts", facts}}};
    if (arguments().read(args).cacheable) plan.result.set("_ansible_facts_cacheable", true);
    return plan;
  }
};

constexpr Variant variants[] = {{"any", variant<SetFact>}};

}  // namespace

Manifest manifest() {
  return {[]() -> const Spec& { return arguments(); }, variants};
}

}  // namespace agent::set_fact

AGENT_MODULE(agent::set_fact::arguments, agent::set_fact::variants)
