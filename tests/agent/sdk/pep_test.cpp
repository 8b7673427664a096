#include <algorithm>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <agent/sdk/error.hpp>
#include <agent/sdk/pep440.hpp>
#include <agent/sdk/pep508.hpp>

namespace agent {
namespace {

using pep440::Specifier;
using pep440::SpecifierSet;
using pep440::Version;
using pep508::Marker;
using pep508::Requirement;

/// The rows of one kind that pep_cases.py wrote, without the kind.
std::vector<Strings> cases(const std::string& kind) {
  std::ifstream file(AGENT_SOURCE_DIR "/tests/agent/sdk/pep_cases.tsv");
  std::vector<Strings> rows;
  for (std::string line; std::getline(file, line);) {
    Strings fields{""};
    for (const char c : line)
      if (c == '\t')
        fields.emplace_back();
      else
        fields.back() += c;
    if (fields.front() == kind) rows.emplace_back(fields.begin() + 1, fields.end());
  }
  return rows;
}

std::string joined(Strings words) {
  std::sort(words.begin(), words.end());
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ",") + word;
  return text;
}

pep508::MarkerValues debian_with_cpython() {
  return {{"python_version", "3.11"},
          {"python_full_version", "3.11.2"},
          {"os_name", "posix"},
          {"sys_platform", "linux"},
          {"platform_system", "Linux"},
          {"platform_version", "#1 SMP Debian"},
          {"platform_machine", "x86_64"},
          {"implementation_name", "cpython"},
          {"platform_release", "6.1.0-18-amd64"},
          {"implementation_version", "3.11.2"},
          {"platform_python_implementation", "CPython"}};
}

pep508::MarkerValues arm_with_pypy() {
  return {{"python_version", "3.9"},
          {"python_full_version", "3.9.18"},
          {"os_name", "posix"},
          {"sys_platform", "linux"},
          {"platform_system", "Linux"},
          {"platform_version", "#1"},
          {"platform_machine", "aarch64"},
          {"implementation_name", "pypy"},
          {"platform_release", "5.15.0"},
          {"implementation_version", "7.3.9"},
          {"platform_python_implementation", "PyPy"}};
}

bool allows(const std::string& specifiers, const std::string& version) {
  return SpecifierSet::parse(specifiers).value().contains(version);
}

TEST(VersionAgainstPackaging, ReadsAndSpellsAlike) {
  const auto rows = cases("version");
  ASSERT_GE(rows.size(), 900u);
  for (const auto& row : rows) {
    const auto version = Version::parse(row[0]);
    EXPECT_EQ(version ? version->text() : "-", row[1]) << row[0];
  }
}

TEST(VersionAgainstPackaging, OrdersAlike) {
  const auto rows = cases("order");
  ASSERT_GE(rows.size(), 900u);
  for (const auto& row : rows) {
    const auto a = Version::parse(row[0]), b = Version::parse(row[1]);
    if (row[2] == "-") {
      EXPECT_FALSE(a && b) << row[0] << " " << row[1];
      continue;
    }
    ASSERT_TRUE(a && b) << row[0] << " " << row[1];
    const auto order = *a <=> *b;
    EXPECT_EQ(order < 0 ? "-1" : order > 0 ? "1" : "0", row[2]) << row[0] << " " << row[1];
  }
}

TEST(SpecifierAgainstPackaging, DecidesAlike) {
  const auto rows = cases("specifier");
  ASSERT_GE(rows.size(), 900u);
  for (const auto& row : rows) {
    const auto specifier = Specifier::parse(row[0]);
    const std::string found = !specifier ? "-" : specifier->contains(row[1]) ? "1" : "0";
    // What packaging reads as no version at all is an error there and "not contained" here.
    if (row[2] == "-" && !Version::parse(row[1])) continue;
    EXPECT_EQ(found, row[2]) << row[0] << " contains " << row[1];
  }
}

TEST(MarkerAgainstPackaging, DecidesAlike) {
  const auto rows = cases("marker");
  ASSERT_GE(rows.size(), 800u);
  for (const auto& row : rows) {
    std::string found = "-";
    try {
      const auto values = row[1] == "0" ? debian_with_cpython() : arm_with_pypy();
      found = Marker::parse(row[0]).holds(values, row[2]) ? "1" : "0";
    } catch (const Error&) {
    }
    // packaging refuses "~=" between texts that are no versions; for us nothing is compatible with such a text.
    if (row[3] == "-" && row[0].find("~=") != std::string::npos) continue;
    EXPECT_EQ(found, row[3]) << row[0] << " (" << row[1] << ", " << row[2] << ")";
  }
}

TEST(RequirementAgainstPackaging, ReadsAlike) {
  const auto rows = cases("requirement");
  ASSERT_GE(rows.size(), 800u);
  for (const auto& row : rows) {
    std::string found = "-";
    try {
      const auto requirement = Requirement::parse(row[0]);
      Strings clauses, extras = requirement.extras;
      extras.erase(std::unique(extras.begin(), extras.end()), extras.end());
      for (const auto& clause : requirement.versions.clauses()) clauses.push_back(clause.text());
      std::sort(clauses.begin(), clauses.end());
      clauses.erase(std::unique(clauses.begin(), clauses.end()), clauses.end());
      found = requirement.name + "|" + joined(extras) + "|" + joined(clauses) + "|" + requirement.url + "|" +
              (requirement.marker ? "marker" : "");
    } catch (const Error&) {
    }
    EXPECT_EQ(found, row[1]) << row[0];
  }
}

TEST(SpecifierWithLocalVersions, TreatsLabelsAsPipDoes) {
  EXPECT_TRUE(allows("==1.7.1", "1.7.1+cu110"));
  EXPECT_TRUE(allows("==1.7.1+cu110", "1.7.1+cu110"));
  EXPECT_FALSE(allows("==1.7.1+cu110", "1.7.1"));
  EXPECT_FALSE(allows("===1.7.1", "1.7.1+cu110"));
  EXPECT_FALSE(allows(">1.7.1", "1.7.1+cu110"));
  EXPECT_TRUE(allows("==2.5.*", "2.5.1+cu124"));
  EXPECT_FALSE(SpecifierSet::parse(">=1.7.1+cu110").has_value());
  EXPECT_LT(Version::parse("1.7.1").value(), Version::parse("1.7.1+cu110").value());
}

TEST(NewestVersion, IsNoPreReleaseUnlessAskedForOrAlone) {
  const Strings offered{"2.0rc1", "1.9", "1.10", "nonsense"};
  EXPECT_EQ(pep440::newest(offered, {}), "1.10");
  EXPECT_EQ(pep440::newest(offered, {}, true), "2.0rc1");
  EXPECT_EQ(pep440::newest(offered, SpecifierSet::parse(">=2.0rc1").value()), "2.0rc1");
  EXPECT_EQ(pep440::newest(offered, SpecifierSet::parse(">1.10").value()), "2.0rc1");
  EXPECT_EQ(pep440::newest(offered, SpecifierSet::parse(">3").value()), std::nullopt);
}

TEST(RequirementThatIsWrong, SaysWhatWasExpectedWhere) {
  const auto message = [](const std::string& text) {
    try {
      Requirement::parse(text);
    } catch (const Error& error) {
      return error.message();
    }
    return std::string("accepted");
  };
  EXPECT_EQ(message("torch=1.7"),
            "cannot read 'torch=1.7': expected a version comparison such as '>=1.2', found '=1.7'");
  EXPECT_EQ(message("torch[cuda"), "cannot read 'torch[cuda': expected ',' or ']', found the end");
  EXPECT_EQ(message("torch; python_versio < '3'"),
            "cannot read ' python_versio < '3'': expected a marker name such as 'python_version', found 'python_versio "
            "< '3''");
}

TEST(RequirementText, LeavesTheMarkerOut) {
  EXPECT_EQ(Requirement::parse("Pandas[SQL,excel] >=2.1, <3 ; python_version > '3'").text(),
            "Pandas[sql,excel]>=2.1,<3");
  EXPECT_EQ(Requirement::parse("Ruamel.Yaml_clib").key(), "ruamel-yaml-clib");
}

}  // namespace
}  // namespace agent
