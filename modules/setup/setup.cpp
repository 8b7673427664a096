#include <algorithm>

#include <fnmatch.h>

#include <agent/sdk/local_facts.hpp>
#include <agent/sdk/module.hpp>

namespace agent::setup {
namespace {

struct Want {
  Strings gather_subset = {"all"};
  std::int64_t gather_timeout = 10;
  Strings filter;
  std::string fact_path = "/etc/ansible/facts.d";
};

const SpecOf<Want>& arguments() {
  static const auto spec =
      SpecOf<Want>("setup", "Gathers facts of the machine.")
          .description(
              "What is gathered stands in `ansible_facts`, and each fact also as a variable `ansible_NAME`. A play "
              "does "
              "this by itself unless it says `gather_facts: false`.")
          .optional("gather_subset", &Want::gather_subset,
                    "which facts: all, min, hardware, network, ...; `!x` takes x out")
          .optional("gather_timeout", &Want::gather_timeout, "seconds that one kind of facts may take")
          .optional("filter", &Want::filter, "only facts whose names match one of these patterns (`ansible_mem*`)")
          .optional("fact_path", &Want::fact_path, "directory of the machine's own facts: `*.fact` files")
          .as(Type::path)
          .reads_network()
          .example("Only what says which system it is", "- setup: {gather_subset: [\"!all\", min]}")
          .returns("ansible_facts", "map", "the facts, by names that start with `ansible_`");
  return spec;
}

constexpr std::string_view prefix = "ansible_";

bool is_wanted(const std::string& name, const Strings& patterns) {
  if (patterns.empty()) return true;
  for (const std::string& pattern : patterns)
    if (pattern.empty() || ::fnmatch(pattern.c_str(), name.c_str(), 0) == 0 ||
        ::fnmatch(pattern.c_str(), name.c_str() + prefix.size(), 0) == 0)
      return true;
  return false;
}

// The machine's own facts belong to the smallest subset, which is always gathered unless it is taken out.
bool wants_local(const Strings& subsets) {
  const auto names = [&](const char* name) { return std::find(subsets.begin(), subsets.end(), name) != subsets.end(); };
  return !names("!local") && (!names("!min") || names("local") || names("all"));
}

class Setup : public Module {
 public:
  Plan check(const Args& args, const Host& host) const override {
    const Want want = arguments().read(args);
    const Value gathered = host.facts(want.gather_subset);
    if (gathered.is_unknown()) throw Unknown(gathered.reasons());
    Map facts;
    const auto put = [&](const std::string& name, const Value& value) {
      const std::string full = name.rfind(prefix, 0) == 0 ? name : std::string(prefix) + name;
      if (is_wanted(full, want.filter)) facts.set(full, value);
    };
    for (const auto& [name, value] : gathered.map()) put(name, value);
    const bool has_local = gathered.find("local") != nullptr && !args.contains("fact_path");
    if (!has_local && wants_local(want.gather_subset)) put("local", local_facts(want.fact_path, host));
    return {.steps = {}, .result = {{"ansible_facts", facts}}};
  }
};

constexpr Variant variants[] = {{"any", variant<Setup>}};

}  // namespace

Manifest manifest() {
  return {[]() -> const Spec& { return arguments(); }, variants};
}

}  // namespace agent::setup

AGENT_MODULE(agent::setup::arguments, agent::setup::variants)
