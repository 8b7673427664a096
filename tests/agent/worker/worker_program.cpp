// `worker_program worker`, as the pool starts the agent.
#include <agent/worker/worker.hpp>

int main(int argc, char** argv) {
  return agent::worker_main(argc - 1, argv + 1);
}
