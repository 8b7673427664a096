#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <agent/sdk/error.hpp>
#include <agent/sdk/gpu_machine.hpp>

namespace agent {

/// The links from the card to a framework that computes on it, in the order in which one carries the next.
enum class GpuLink { card, module, driver, userland, devices, framework, build, capability, compute, cudnn, speed };
std::string_view name_of(GpuLink link);

/// One way in which a link can be broken. `id` is stable: playbooks and monitoring may compare it.
struct GpuDiagnosis {
  std::string_view id;
  GpuLink link;
  std::string_view meaning;
  std::string_view remedy;  ///< what a person does about it
  std::string_view task;    ///< the task to add, where there is one; {} stands for what the case at hand names
};

/// All of them, in the order of their links.
std::span<const GpuDiagnosis> gpu_diagnoses();
/// The one of that id; the program is wrong where there is none.
const GpuDiagnosis& gpu_diagnosis(std::string_view id);
/// The list as a Markdown table, for the pages of the modules.
std::string gpu_diagnoses_table();

/// A diagnosis of the case at hand: the sentence with its numbers, and the way out. What is not given is taken from the
/// list.
struct GpuFinding {
  std::string id;
  std::string message;
  Strings remedies = {};           ///< in place of the list's remedy
  std::string task = {};           ///< in place of the list's task; "-": none
  std::string said = {};           ///< the words of the tool it was read from
  std::optional<GpuLink> at = {};  ///< where it broke, if not at the list's link
  GpuLink link() const;
};
/// The Error of a finding; its result has `diagnosis`, `remedy` and `task`.
Error error_of(const GpuFinding& finding);
/// The task to add, or nothing.
std::optional<std::string> task_of(const GpuFinding& finding);
Strings remedies_of(const GpuFinding& finding);

/// The first broken link below the framework, from the card to its device nodes; nothing where all of them look well.
/// `cuda` is the CUDA that the framework was built with, for the driver that it needs; empty: not known.
std::optional<GpuFinding> diagnose_machine(const GpuMachine& machine, const std::string& cuda,
                                           const std::string& build);

/// What a text of CUDA, of the loader or of a framework means; nothing where it is not known. `framework` is the pip
/// name.
std::optional<GpuFinding> diagnose_text(const std::string& said, const std::string& framework);

}  // namespace agent
