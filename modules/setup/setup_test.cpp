#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/laws.hpp>
#include <tests/support/tested_module.hpp>

namespace agent::setup {

Manifest manifest();

namespace {

using namespace agent::test;

const TestedModule tested(manifest());

FakeHost with_facts() {
  FakeHost host;
  host.with_facts({{"distribution", "Debian"}, {"memtotal_mb", 1000}, {"memfree_mb", 500}, {"local", Map{}}});
  return host;
}

Value facts_of(const Args& args, const FakeHost& host) {
  return *tested.check(args, host).result.find("ansible_facts");
}

TEST(Setup, GivesEachFactItsPrefix) {
  EXPECT_EQ(facts_of({}, with_facts()), Value(Map{{"ansible_distribution", "Debian"},
                                                  {"ansible_memtotal_mb", 1000},
                                                  {"ansible_memfree_mb", 500},
                                                  {"ansible_local", Map{}}}));
}

TEST(Setup, KeepsWhatTheFilterNamesWithAndWithoutThePrefix) {
  for (const char* filter : {"ansible_mem*_mb", "mem*"})
    EXPECT_EQ(facts_of({{"filter", filter}}, with_facts()),
              Value(Map{{"ansible_memtotal_mb", 1000}, {"ansible_memfree_mb", 500}}))
        << filter;
}

TEST(Setup, ReadsTheMachinesOwnFacts) {
  FakeHost host = with_facts();
  host.with_file("/facts/a.fact", "{\"x\": 1}")
      .with_file("/facts/b.fact", "[s]\nKey = v # kept\n")
      .with_file("/facts/c.fact", "?")
      .with_file("/facts/d.fact", "", 0755)
      .with_file("/facts/e.txt", "{}")
      .answers({"/facts/d.fact"}, {.out = "{\"run\": true}"});
  EXPECT_EQ(
      facts_of({{"fact_path", "/facts"}, {"filter", "local"}}, host),
      Value(Map{{"ansible_local", Map{{"a", Map{{"x", 1}}},
                                      {"b", Map{{"s", Map{{"key", "v # kept"}}}}},
                                      {"c", "error loading facts as JSON or ini - please check content: /facts/c.fact"},
                                      {"d", Map{{"run", true}}}}}}));
}

}  // namespace
}  // namespace agent::setup
