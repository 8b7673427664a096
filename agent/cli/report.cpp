#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <memory>

#include <agent/cli/exit_code.hpp>
#include <agent/cli/expected.hpp>
#include <agent/cli/past_runs.hpp>
#include <agent/cli/program.hpp>
#include <agent/cli/reports.hpp>
#include <agent/report/gathered.hpp>
#include <agent/report/signature.hpp>

namespace agent::cli {
namespace {

struct Asked {
  std::string run = "last";
  Strings from;  ///< instead: files of JSON lines
  Reports::Wanted reports;
};

std::vector<report::Telling> tellings_in(const Strings& files) {
  std::vector<report::Telling> out;
  for (const auto& file : files) {
    std::ifstream opened;
    if (file != "-") opened.open(file);
    if (file != "-" && !opened) throw Error("'" + file + "' cannot be read: " + std::strerror(errno));
    const auto found = report::tellings(file == "-" ? std::cin : opened, file);
    if (found.empty()) throw Error("there is no run in '" + file + "'").hint("it takes what '--format jsonl' writes");
    out.insert(out.end(), found.begin(), found.end());
  }
  return out;
}

/// As the runs would have ended, were they one.
ExitCode ending(const std::vector<report::Telling>& all, const event::Recap& recap) {
  const auto any = [&](auto&& holds) {
    return std::any_of(recap.hosts.begin(), recap.hosts.end(), [&](const auto& one) { return holds(one.second); });
  };
  if (recap.interrupted) return ExitCode::interrupted;
  const bool is_whole = std::all_of(all.begin(), all.end(), [](const auto& one) { return one.is_whole(); });
  if (!is_whole || any([](const Counts& of) { return of.failed > 0; })) return ExitCode::failed;
  if (any([](const Counts& of) { return of.unreachable > 0; })) return ExitCode::unreachable;
  const bool drifts = recap.check && any([](const Counts& of) { return of.changed > 0 || of.unknown > 0; });
  return drifts ? ExitCode::drift : ExitCode::fine;
}

/// Says again what was said in a run of the past, or in many on other machines, with the times of then.
int tell(Asked& asked) {
  std::vector<history::Said> said;
  ExitCode code = ExitCode::fine;
  if (asked.from.empty()) {
    said = past_runs().find(asked.run).events;
  } else {
    const auto all = tellings_in(asked.from);
    said = report::gathered(all);
    code = ending(all, std::get<event::Recap>(said.back().second));
  }
  report::Time then;
  asked.reports.clock = [&then] { return then; };
  Reports reports(asked.reports);
  for (const auto& [when, event] : said) {
    then = when;
    reports.sink().on(event);
  }
  reports.finish();
  return static_cast<int>(code);
}

struct Signed {
  std::string file, signature, key;
};

int verify(const Signed& asked) {
  const std::string beside = asked.signature.empty() ? asked.file + ".sig" : asked.signature;
  if (!report::is_signed(file_text(asked.file), file_text(beside), asked.key))
    throw Error("the signature of '" + asked.file + "' is not right: it was changed, or signed with another key");
  std::cout << asked.file << ": the signature is right\n";
  return static_cast<int>(ExitCode::fine);
}

}  // namespace

void add_report(const Program& program) {
  program.add(
      "report", "Tells a run of the past again, in any format, or verifies a signed report.", [](CLI::App& command) {
        auto asked = std::make_shared<Asked>();
        auto is_verify = std::make_shared<bool>(false);
        auto file = std::make_shared<Signed>();
        command.add_option("run", asked->run, "its number or name in 'agent history'; 'last' is the newest")
            ->capture_default_str();
        command
            .add_option("--from", asked->from,
                        "tell what these files of JSON lines say, as one run ('-': the standard input; lines may carry "
                        "the labels of clush and srun); exit code as of a run")
            ->type_name("FILE...");
        command.add_option("--format", asked->reports.formats, "text, jsonl, json, junit, html or prometheus")
            ->allow_extra_args(false)
            ->check(CLI::IsMember(report_formats()));
        command
            .add_option("--output", asked->reports.outputs, "write the report of the --format before it to this file")
            ->allow_extra_args(false);
        command.add_option("--sign", asked->reports.signing_key, "sign each --output with this Ed25519 key")
            ->type_name("KEY");
        command.add_flag("-D,--diff", asked->reports.diff, "show how texts change, JSON, YAML and INI key by key");
        command.add_option("--diff-lines", asked->reports.diff_lines, "of a change shown by --diff; 0: all")
            ->capture_default_str();
        command.add_flag("-v,--verbose", asked->reports.verbosity, "say more; up to -vvvv");
        command.require_subcommand(0, 1);
        CLI::App* check = command.add_subcommand("verify", "Whether a report is as it was when this key signed it.");
        check->add_option("file", file->file, "the report")->required();
        check->add_option("--key", file->key, "the public key, in PEM")->required();
        check->add_option("--signature", file->signature, "the signature, where it is not FILE.sig");
        check->callback([is_verify] { *is_verify = true; });
        return [asked, is_verify, file] { return *is_verify ? verify(*file) : tell(*asked); };
      });
}

}  // namespace agent::cli
