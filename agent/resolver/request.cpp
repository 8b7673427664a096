#include <algorithm>
#include <array>
#include <cctype>

#include <agent/resolver/request.hpp>
#include <agent/sdk/error.hpp>
#include <agent/sdk/text.hpp>

namespace agent::resolver {
namespace {

struct Name {
  const char *name, *framework, *companion;
};
constexpr std::array names = {
    Name{"torch", "torch", ""},
    Name{"pytorch", "torch", ""},
    Name{"torchvision", "torch", "torchvision"},
    Name{"torchaudio", "torch", "torchaudio"},
    Name{"tensorflow", "tensorflow", ""},
    Name{"tf", "tensorflow", ""},
    Name{"jax", "jax", ""},
};

std::string normal(std::string name) {
  for (char& c : name) c = c == '_' || c == '.' ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return name;
}

[[noreturn]] void refuse_name(const std::string& name, const Tables& tables) {
  if (name == "tensorflow-gpu")
    throw Error("'tensorflow-gpu' is a dead name: since TensorFlow 2.1 the plain package holds the code for GPUs")
        .hint("ask for 'tensorflow'");
  Strings known = {"cuda"};
  for (const Name& one : names) known.emplace_back(one.name);
  for (const AddOn& one : tables.add_ons) known.push_back(one.name);
  Error error("there is no table for '" + name + "'");
  if (auto hint = did_you_mean(name, known)) error.hint(*hint);
  std::string all;
  for (const std::string& one : known) all += (all.empty() ? "" : ", ") + one;
  throw error.hint("known are: " + all);
}

}  // namespace

pep440::SpecifierSet versions_from(const std::string& text, const std::string& what) {
  const std::string plain = text::trimmed(text);
  const bool is_bare = !plain.empty() && std::isdigit(static_cast<unsigned char>(plain[0])) != 0;
  const bool is_prefix = plain.ends_with(".*") || std::count(plain.begin(), plain.end(), '.') >= 2;
  const std::string clause = !is_bare ? plain : "==" + plain + (is_prefix ? "" : ".*");
  if (auto versions = pep440::SpecifierSet::parse(clause); versions && !plain.empty()) return *versions;
  throw Error("'" + text + "' is no version of " + what)
      .hint("write one version (\"12.4\"), a series (\"12.*\") or limits (\">=12.1,<13\")");
}

void add_requirement(Request& request, const std::string& text, const Tables& tables) {
  const std::string all = text::trimmed(text);
  const auto end = std::min(all.find_first_of("<>=!~ ["), all.size());
  const std::string name = normal(all.substr(0, end));
  std::string rest = text::trimmed(std::string_view(all).substr(end));
  if (rest.starts_with("["))
    rest = rest.find(']') == std::string::npos ? rest : text::trimmed(rest.substr(rest.find(']') + 1));
  if (name == "cuda") {
    request.toolkit = true;
    // As with --cuda: "cuda==12.4" is any 12.4, and not its first release 12.4.0 alone.
    if (rest.starts_with("==") && !rest.starts_with("===")) rest = text::trimmed(std::string_view(rest).substr(2));
    if (!rest.empty()) request.cuda = rest;
    return;
  }
  const auto add_on =
      std::find_if(tables.add_ons.begin(), tables.add_ons.end(), [&](const AddOn& one) { return one.name == name; });
  if (add_on != tables.add_ons.end()) {
    if (!rest.empty())
      throw Error("the versions of '" + name + "' are in no table: '" + rest + "' cannot be checked")
          .hint("ask for '" + name + "' alone: the answer names the package that goes with the CUDA of the stack");
    request.add_ons.push_back(name);
    return;
  }
  const auto known = std::find_if(names.begin(), names.end(), [&](const Name& one) { return name == one.name; });
  if (known == names.end()) refuse_name(name, tables);
  const auto allowed = pep440::SpecifierSet::parse(
      !rest.empty() && std::isdigit(static_cast<unsigned char>(rest[0])) != 0 ? "==" + rest : rest);
  if (!allowed)
    throw Error("'" + text + "' is no requirement: '" + rest + "' is no condition on versions")
        .hint("write " + name + "==2.4.*, " + name + ">=2.1,<2.5 or just " + name);
  request.requirements.push_back({all, known->framework, known->companion, *allowed});
}

}  // namespace agent::resolver
