#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <agent/resolver/request.hpp>
#include <agent/resolver/tables.hpp>

namespace agent::resolver {

/// A sentence, and who says it: a place in a table with its sources, or "asked for".
struct Fact {
  std::string text;
  Where where;
  Strings sources;
  std::string said;  ///< "asked for", "the machine's facts"; empty for a fact of the tables
  bool verified = true;
};

/// A framework as it is to be installed.
struct Installable {
  std::string framework, version, label;
  std::string cuda;  ///< that it was built with; empty: for the CPU
  std::string cudnn;
  Strings packages;  ///< for pip
  std::string index_url, extra_index_url, find_links;
  std::string numpy;
  std::string torchvision, torchaudio;
  bool needs_toolkit = false;
};

/// The driver that a stack needs, and the package that brings it.
struct DriverAdvice {
  std::string least;        ///< oldest with which it starts
  std::string full;         ///< oldest with which nothing is missing
  int branch = 0;           ///< the one to install; 0: none is known
  std::string from;         ///< "distro", "rpmfusion", "cuda_repo"
  Strings packages;         ///< to install, the one that is to be pinned first
  std::string package;      ///< the one that brings the driver
  bool open = false;        ///< with the open kernel modules
  bool is_enough = false;   ///< the driver that is there is enough
  bool is_refused = false;  ///< a driver is there, and does not serve
};

/// One consistent answer.
struct Stack {
  Strings gpus;          ///< "GeForce RTX 3070 (8.6)"
  Strings capabilities;  ///< "8.6"
  bool for_cpu = false;
  std::string distro;       ///< "ubuntu 22.04"
  std::string python;       ///< "3.10"
  std::string python_from;  ///< "asked", "distro", "package", "elsewhere", "any"
  std::string python_package;
  std::string cuda;  ///< of the frameworks, else of the toolkit; empty: for the CPU
  std::string cudnn;
  std::string toolkit;          ///< version of CUDA on the machine itself; empty: none is needed
  std::string toolkit_package;  ///< "cuda-toolkit-12-4"
  std::string repository;       ///< NVIDIA's, "ubuntu2204"
  Strings cudnn_packages;       ///< with their pins, where a cuDNN is needed on the machine
  DriverAdvice driver;
  std::vector<Installable> frameworks;
  Strings add_ons;  ///< "cupy-cuda12x"
  Strings warnings;
  std::vector<Fact> facts;

  /// As the module registers it and `--format json` prints it.
  Value to_value() const;
};

/// One thing less to ask for, and what would be had then.
struct WayOut {
  std::string text;   ///< "use Python 3.9"
  std::string gives;  ///< "torch 1.7.1+cu110"
};

/// Facts that cannot hold together: without any one of them there would be an answer.
struct Conflict {
  std::vector<Fact> facts;
  std::vector<WayOut> ways;

  Value to_value() const;
  /// One sentence.
  std::string summary() const;
};

/// "pytorch.yml:412" for a row of our own tables, the whole path for a site's; "" for what stands in no table.
std::string shown_place(const Where& where);

/// The one stack that the tables give for the request, or why there is none. Throws Error for names that no table has.
std::variant<Stack, Conflict> resolve(const Tables& tables, const Request& request);

}  // namespace agent::resolver
