#include <agent/cli/main.hpp>

int main(int argc, char** argv) {
  return agent::cli::main(argc, argv);
}
