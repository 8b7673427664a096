#include <cstdio>
#include <fstream>
#include <string>

#include <agent/host/ancestors.hpp>

namespace agent {

pid_t parent_of(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string line;
  std::getline(file, line);
  // The name, in brackets, may hold anything.
  const auto end = line.rfind(") ");
  int parent = 0;
  if (end != std::string::npos) std::sscanf(line.c_str() + end + 2, "%*c %d", &parent);
  return parent;
}

bool descends_from(pid_t process, pid_t ancestor) {
  while (process > 1 && process != ancestor) process = parent_of(process);
  return process == ancestor;
}

}  // namespace agent
