#include <algorithm>

#include <agent/resolver/lookup.hpp>
#include <agent/resolver/machine.hpp>
#include <agent/sdk/error.hpp>

namespace agent::resolver {
namespace {

/// The capability that nvidia-smi gives for the card, where it does.
std::string capability_from_smi(const Value& gpu, std::size_t index) {
  const Value& gpus = gpu["smi"]["gpus"];
  if (!gpus.is_list() || index >= gpus.list().size()) return "";
  const Value& capability = gpus.list()[index]["capability"];
  return capability.is_string() ? capability.string() : "";
}

Strings cards_of(const Value& gpu, const Tables& tables) {
  Strings cards;
  if (!gpu["devices"].is_list()) return {"none"};
  const List& devices = gpu["devices"].list();
  for (std::size_t i = 0; i < devices.size(); ++i) {
    const Value &name = devices[i]["name"], &id = devices[i]["id"], &capability = devices[i]["capability"];
    const std::string device = id.is_string() && id.string().starts_with("10de:") ? id.string().substr(5) : "";
    const std::string from_smi = capability_from_smi(gpu, i);
    if (gpu_of_device(device, tables))
      cards.push_back(id.string());
    else if (name.is_string() && gpu_of_name(name.string(), tables))
      cards.push_back(name.string());
    else if (capability.is_string())
      cards.push_back(capability.string());
    else if (!from_smi.empty())
      cards.push_back(from_smi);
    else
      throw Error("the GPU " +
                  (name.is_string() ? "'" + name.string() + "'"
                   : id.is_string() ? id.string()
                                    : "at hand") +
                  " is in no table")
          .hint("say which it is like: gpu: \"RTX 4090\", or give its compute capability: gpu: \"8.9\"")
          .hint("a row in /etc/agent/compat/gpus.yml makes it known to this site");
  }
  return cards.empty() ? Strings{"none"} : cards;
}

}  // namespace

std::variant<Stack, Conflict> resolve_on(const Tables& tables, Request request, const Machine& machine) {
  const auto fill = [&](const char* key, auto& field, auto value) {
    field = std::move(value);
    request.said_by[key] = "this machine's";
  };
  if (request.gpus.empty()) fill("gpu", request.gpus, cards_of(machine.gpu, tables));
  if (!request.distro && !machine.distro.empty()) fill("distro", request.distro, machine.distro);
  if (!request.python && !machine.python.empty()) request.own_python = machine.python;
  const Value& loaded = machine.gpu["driver"]["loaded"];
  if (request.driver || !loaded.is_string()) return resolve(tables, request);

  Request with_driver = request;
  with_driver.driver = loaded.string();
  with_driver.said_by["driver"] = "this machine's";
  auto answer = resolve(tables, with_driver);
  if (std::holds_alternative<Stack>(answer)) return answer;
  auto other = resolve(tables, request);
  if (auto* stack = std::get_if<Stack>(&other)) {
    stack->driver.is_refused = true;
    stack->warnings.push_back("driver " + loaded.string() + ", which is loaded, does not serve this stack: it takes " +
                              stack->driver.least + " or newer" +
                              (stack->driver.package.empty() ? "" : ", from " + stack->driver.package));
    return other;
  }
  return answer;
}

}  // namespace agent::resolver
