#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <agent/resolver/row.hpp>
#include <agent/resolver/tables.hpp>

namespace agent::resolver {

/// A list of rows in one of the files: how its rows are told apart, and what is made of each.
struct ListOf {
  std::string file, name;                  ///< "gpus", "architectures"
  std::string what;                        ///< "an architecture"
  Strings identity;                        ///< the fields whose texts tell rows apart
  void (*read)(Tables& tables, Row& row);  ///< null: for other readers
};

/// All lists of all files.
const std::vector<ListOf>& lists();

// Parts of it, by subject.
void read_toolkit(Tables& tables, Row& row);
void read_branch(Tables& tables, Row& row);
void read_compiler(Tables& tables, Row& row);
void read_architecture(Tables& tables, Row& row);
void read_exception(Tables& tables, Row& row);
void read_gpu(Tables& tables, Row& row);
void read_torch(Tables& tables, Row& row);
void read_tensorflow(Tables& tables, Row& row);
void read_jax(Tables& tables, Row& row);
void read_cudnn(Tables& tables, Row& row);
void read_repository(Tables& tables, Row& row);
void read_distribution(Tables& tables, Row& row);
void read_driver_package(Tables& tables, Row& row);
void read_network_driver(Tables& tables, Row& row);
void read_add_on(Tables& tables, Row& row);

}  // namespace agent::resolver
