#include <agent/host/fact_groups.hpp>
#include <agent/sdk/local_facts.hpp>

namespace agent::facts {

void local(Map& facts, const Host& host) {
  facts.set("local", local_facts("/etc/ansible/facts.d", host));
}

}  // namespace agent::facts
