#include <cmath>
#include <fstream>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <agent/yaml/yaml.hpp>

namespace agent::yaml {
namespace {

std::string shown(const Value& value) {
  if (value.is_null()) return "null\t";
  if (value.is_boolean()) return std::string("boolean\t") + (value.boolean() ? "true" : "false");
  if (value.is_integer()) return "integer\t" + std::to_string(value.integer());
  if (value.is_real()) return "real\t";
  return "text\t" + value.string();
}

bool same_real(double a, double b) {
  return (std::isnan(a) && std::isnan(b)) || a == b;
}

// The file is what PyYAML said (record_scalars.py): the literals of the language, and every word of up to four letters
// out of those that numbers are made of.
TEST(PlainScalar, IsWhatPyYamlMakesOfIt) {
  std::ifstream table(AGENT_SOURCE_DIR "/tests/agent/yaml/pyyaml_scalars.tsv");
  ASSERT_TRUE(table);
  int count = 0;
  for (std::string line; std::getline(table, line); ++count) {
    std::istringstream cells(line);
    std::string word, kind, value;
    std::getline(cells, word, '\t');
    std::getline(cells, kind, '\t');
    std::getline(cells, value, '\t');
    const Value found = plain_scalar(word);
    if (kind == "real" && found.is_real())
      EXPECT_TRUE(same_real(found.real(), std::strtod(value.c_str(), nullptr))) << word << " is " << found.real();
    else
      EXPECT_EQ(shown(found), kind + "\t" + value) << word;
  }
  EXPECT_GT(count, 16000);
}

TEST(PlainScalar, KeepsTheDigitsOfAnIntegerThatDoesNotFit) {
  EXPECT_EQ(plain_scalar("123456789012345678901234567890").string(), "123456789012345678901234567890");
}

TEST(PlainScalar, KeepsTheTextOfADate) {
  EXPECT_EQ(plain_scalar("2024-05-01").string(), "2024-05-01");
}

}  // namespace
}  // namespace agent::yaml
