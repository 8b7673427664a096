#include <agent/cli/stack_text.hpp>
#include <agent/sdk/text.hpp>

namespace agent::cli {
namespace {

constexpr std::size_t column = 14;

std::string row(const std::string& name, const std::string& value) {
  if (value.empty()) return "";
  return "  " + name + std::string(name.size() < column ? column - name.size() : 1, ' ') + value + "\n";
}

std::string python_of(const resolver::Stack& stack) {
  if (stack.python_from == "distro") return stack.python + " (of " + stack.distro + ")";
  if (stack.python_from == "machine") return stack.python + " (of this machine)";
  if (stack.python_from == "package") return stack.python + " (package " + stack.python_package + ")";
  if (stack.python_from == "elsewhere") return stack.python + " (from conda or uv)";
  return stack.python;
}

std::string driver_of(const resolver::Stack& stack) {
  const resolver::DriverAdvice& driver = stack.driver;
  if (driver.least.empty()) return "";
  std::string text = driver.least + " or newer";
  if (driver.full != driver.least) text += ", all features from " + driver.full;
  return text;
}

std::string driver_package_of(const resolver::Stack& stack) {
  const resolver::DriverAdvice& driver = stack.driver;
  if (driver.package.empty()) return "";
  const std::string from = driver.from == "distro"      ? stack.distro
                           : driver.from == "rpmfusion" ? "RPM Fusion"
                                                        : "NVIDIA's repository";
  return text::joined(driver.packages, " ") + " (branch " + std::to_string(driver.branch) + ", from " + from + ")";
}

/// A word for the shell: in quotes where it holds anything but the usual characters.
std::string quoted(const std::string& word) {
  const bool is_plain = word.find_first_of("[]<>*;&|$ ") == std::string::npos;
  return is_plain ? word : "'" + word + "'";
}

std::string pip_of(const resolver::Installable& made) {
  std::string text = "pip install";
  if (!made.index_url.empty()) text += " --index-url " + made.index_url;
  if (!made.extra_index_url.empty()) text += " --extra-index-url " + made.extra_index_url;
  if (!made.find_links.empty()) text += " -f " + made.find_links;
  for (const std::string& package : made.packages) text += " " + quoted(package);
  if (!made.numpy.empty()) text += " " + quoted("numpy" + made.numpy);
  return text;
}

std::string title_of(const resolver::Stack& stack) {
  Strings names;
  for (const auto& made : stack.frameworks)
    names.push_back(made.framework + " " + made.version + (made.label.empty() ? "" : "+" + made.label));
  if (names.empty() && !stack.toolkit.empty()) names.push_back("CUDA " + stack.toolkit);
  return text::joined(names);
}

std::string facts_text(const std::vector<resolver::Fact>& facts, bool with_sources) {
  std::string text;
  for (const resolver::Fact& fact : facts) {
    text += "  - " + fact.text;
    if (!fact.said.empty()) text += " (" + fact.said + ")";
    const std::string place = resolver::shown_place(fact.where);
    if (!place.empty()) text += "  [" + place + (fact.verified ? "" : ", not confirmed") + "]";
    text += "\n";
    if (with_sources)
      for (const std::string& source : fact.sources) text += "      " + source + "\n";
  }
  return text;
}

}  // namespace

std::string stack_text(const resolver::Stack& stack, bool explain) {
  std::string text = title_of(stack) + "\n\n";
  Strings cards;
  for (std::size_t i = 0; i < stack.gpus.size(); ++i)
    cards.push_back(stack.gpus[i] + " (" + stack.capabilities[i] + ")");
  text += row("GPU", stack.for_cpu ? "none: for the CPU" : text::joined(cards));
  text += row("system", stack.distro);
  text += row("Python", python_of(stack));
  text += row("driver", driver_of(stack));
  text += row("", driver_package_of(stack));
  text += row("CUDA", stack.cuda);
  text += row("cuDNN", stack.cudnn);
  if (!stack.toolkit.empty())
    text += row("toolkit", stack.toolkit + ", package " + stack.toolkit_package +
                               (stack.repository.empty() ? "" : " (NVIDIA's repository " + stack.repository + ")"));
  if (!stack.toolkit.empty()) text += row("", text::joined(stack.cudnn_packages, " "));
  for (const auto& made : stack.frameworks) {
    text += row("torchvision", made.torchvision);
    text += row("torchaudio", made.torchaudio);
  }
  text += row("add-ons", text::joined(stack.add_ons));
  if (!stack.frameworks.empty()) text += "\n";
  for (const auto& made : stack.frameworks) text += "  " + pip_of(made) + "\n";
  if (explain) text += "\nbecause\n" + facts_text(stack.facts, true);
  if (!stack.warnings.empty()) text += "\n";
  for (const std::string& warning : stack.warnings) text += "warning: " + warning + "\n";
  return text;
}

std::string conflict_text(const resolver::Conflict& conflict, bool explain) {
  std::string text =
      "error: there is no such stack: these cannot hold together\n" + facts_text(conflict.facts, explain);
  if (!conflict.ways.empty()) text += "ways out\n";
  for (const resolver::WayOut& way : conflict.ways)
    text += "  - " + way.text + (way.gives.empty() ? "" : ": " + way.gives) + "\n";
  return text;
}

}  // namespace agent::cli
