#include <sstream>

#include <agent/sdk/module.hpp>

namespace agent::hosts_entry {
namespace {

// The arguments. Defaults live here, once.
struct Want {
  std::string name;
  std::string address;
  Path file = "/etc/hosts";
};

const SpecOf<Want>& arguments() {
  static const auto spec = SpecOf<Want>("hosts_entry", "Gives a name an address in /etc/hosts.")
                               .required("name", &Want::name, "the name, for example gpu1")
                               .required("address", &Want::address, "its address, for example 10.0.0.5")
                               .optional("file", &Want::file, "the file, where it is another one")
                               .example("A machine of the lab", "- hosts_entry: {name: gpu1, address: 10.0.0.5}")
                               .returns("previous", "text", "the address it had before, or nothing");
  return spec;
}

// Look: what the file says of the name, and the file as it shall be. Needs no host, so that it is easy to test.
struct Edit {
  std::optional<std::string> before;
  std::string text;
};

Edit edit(const std::string& text, const Want& want) {
  Edit result;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::string address, others;
    bool here = false;
    words >> address;
    for (std::string word; words >> word;) {
      if (word == want.name)
        here = true;
      else
        others += " " + word;
    }
    if (!here) {
      result.text += line + "\n";
      continue;
    }
    result.before = address;
    if (!others.empty()) result.text += address + others + "\n";  // the line's other names stay
  }
  result.text += want.address + " " + want.name + "\n";
  return result;
}

class HostsEntry : public Module {
 public:
  // Compares what is wanted with what is. The host is const: nothing can be changed here, and nothing has to be done
  // for check mode. An empty plan means that all is as it should be.
  Plan check(const Args& args, const Host& host) const override {
    const Want want = arguments().read(args);
    if (want.name.find_first_of(" \t#") != std::string::npos)
      throw Error("'" + want.name + "' is no host name").about("name").hint("a name has no spaces and no '#'");
    const auto [before, text] = edit(host.read(want.file).value_or(""), want);
    Plan plan{.result = {{"previous", before ? Value(*before) : Value()}}};
    if (before == want.address) return plan;
    plan.steps = {
        {.changes = {{.subject = want.file.string() + " " + want.name, .before = before, .after = want.address}},
         .actions = {WriteFile{.path = want.file, .content = text}}}};
    return plan;
  }
};

// By os-release ID; "any" serves every distribution.
constexpr Variant variants[] = {{"any", variant<HostsEntry>}};

}  // namespace

const Spec& specification() {
  return arguments();
}
std::unique_ptr<Module> module() {
  return variant<HostsEntry>();
}

}  // namespace agent::hosts_entry

AGENT_MODULE(agent::hosts_entry::specification, agent::hosts_entry::variants)
