#include <gtest/gtest.h>
#include <tests/agent/resolver/tables_for_tests.hpp>

#include <agent/sdk/gpu_machine.hpp>

namespace agent::resolver {
namespace {

// The diagnosis of torch_verify and its kind runs in modules, which may not read the tables: it knows this much by
// heart.
TEST(TheOldestDriverOfADiagnosis, IsThatOfTheTables) {
  for (const Toolkit& toolkit : shipped().toolkits) {
    if (!toolkit.compatible_driver) continue;  // before CUDA 11 there is no minor-version compatibility
    EXPECT_EQ(oldest_driver(toolkit.version.text()), toolkit.compatible_driver->text()) << toolkit.version.text();
  }
}

}  // namespace
}  // namespace agent::resolver
