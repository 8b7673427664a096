#include <ostream>
#include <set>

#include <agent/cli/lint_output.hpp>
#include <agent/report/diagnostic.hpp>
#include <agent/report/shown_text.hpp>

namespace agent::cli {
namespace {

std::string_view name_of(Problem::Severity severity) {
  return severity == Problem::Severity::error ? "error" : "warning";
}

Value sarif_result(const Problem& problem) {
  std::string text = problem.error.message();
  for (const auto& hint : problem.error.hints()) text += "\n" + hint;
  Map result{{"ruleId", problem.rule}, {"level", name_of(problem.severity)}, {"message", Map{{"text", text}}}};
  if (const auto& where = problem.error.where()) {
    const Map region{{"startLine", where.line},
                     {"startColumn", where.column},
                     {"endColumn", where.column + std::max(1, problem.error.width())}};
    result.set(
        "locations",
        List{Map{{"physicalLocation", Map{{"artifactLocation", Map{{"uri", *where.file}}}, {"region", region}}}}});
  }
  return result;
}

}  // namespace

void write_text(std::ostream& out, const Problems& problems) {
  for (const auto& problem : problems.all()) out << report::diagnostic(problem.error, name_of(problem.severity));
}

void write_json(std::ostream& out, const Problems& problems) {
  List list;
  for (const auto& problem : problems.all()) {
    const auto& where = problem.error.where();
    list.push_back(Map{{"rule", problem.rule},
                       {"severity", name_of(problem.severity)},
                       {"message", problem.error.message()},
                       {"path", where ? Value(*where.file) : Value()},
                       {"line", where.line},
                       {"column", where.column},
                       {"width", problem.error.width()},
                       {"hints", problem.error.hints()}});
  }
  out << report::json_shown(Value(list), 2) << "\n";
}

void write_sarif(std::ostream& out, const Problems& problems, const std::string& version) {
  List results, rules;
  std::set<std::string> names;
  for (const auto& problem : problems.all()) {
    results.push_back(sarif_result(problem));
    names.insert(problem.rule);
  }
  for (const auto& name : names) rules.push_back(Map{{"id", name}});
  const Map driver{{"name", "agent"}, {"version", version}, {"rules", rules}};
  const Map sarif{{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                  {"version", "2.1.0"},
                  {"runs", List{Map{{"tool", Map{{"driver", driver}}}, {"results", results}}}}};
  out << report::json_shown(Value(sarif), 2) << "\n";
}

}  // namespace agent::cli
