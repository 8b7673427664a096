#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iostream>

#include <unistd.h>

#include <agent/cli/reports.hpp>
#include <agent/cli/terminal.hpp>
#include <agent/report/json_report.hpp>
#include <agent/report/text_report.hpp>

namespace agent::cli {
namespace {

std::string format_of(const std::string& file) {
  const auto dot = file.rfind('.');
  const std::string extension = dot == std::string::npos ? "" : file.substr(dot + 1);
  return extension == "json" || extension == "jsonl" ? extension : "text";
}

}  // namespace

Reports::Reports(const Wanted& wanted) {
  for (std::size_t i = 0; i < wanted.outputs.size(); ++i) {
    const std::string& name = wanted.outputs[i];
    auto file = std::make_unique<std::ofstream>(name, std::ios::binary | std::ios::trunc);
    if (!*file) throw Error("the report cannot be written to '" + name + "': " + std::strerror(errno));
    add(i < wanted.formats.size() ? wanted.formats[i] : format_of(name), *file, false, wanted);
    files_.push_back(std::move(file));
  }
  const std::size_t next = wanted.outputs.size();
  const std::string format = next < wanted.formats.size() ? wanted.formats[next] : "text";
  for_programs_ = format != "text";
  add(format, std::cout, true, wanted);
}

void Reports::add(const std::string& format, std::ostream& out, bool is_terminal, const Wanted& wanted) {
  if (format == "jsonl") return tee_.add(std::make_unique<report::JsonLinesReport>(out));
  if (format == "json") return tee_.add(std::make_unique<report::JsonReport>(out));
  report::TextStyle style;
  style.verbosity = wanted.verbosity;
  style.diff = wanted.diff;
  if (is_terminal) {
    style.colour = wants_colour(STDOUT_FILENO);
    style.terminal = cli::is_terminal(STDOUT_FILENO);
    style.width = std::max<std::size_t>(79, terminal_columns(STDOUT_FILENO) - 1);
  }
  tee_.add(std::make_unique<report::TextReport>(out, std::cerr, style));
}

}  // namespace agent::cli
