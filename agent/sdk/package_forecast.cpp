#include <algorithm>

#include <agent/sdk/package_forecast.hpp>

namespace agent {

namespace {

std::string_view word(std::string_view& line) {
  const auto begin = line.find_first_not_of(' ');
  if (begin == std::string_view::npos) return line = {}, line;
  line.remove_prefix(begin);
  const std::string_view first = line.substr(0, line.find(' '));
  line.remove_prefix(first.size());
  return first;
}

// "Inst vim [2:8.2] (2:9.0 Debian:12/stable [amd64]) []", "Remv vim [2:8.2]"
std::optional<PackageMove> move_from(std::string_view line) {
  const std::string_view verb = word(line);
  if (verb != "Inst" && verb != "Remv" && verb != "Purg") return std::nullopt;
  PackageMove move;
  move.package.name = word(line);
  if (const auto colon = move.package.name.find(':'); colon != std::string::npos) {
    move.package.architecture = move.package.name.substr(colon + 1);
    move.package.name.resize(colon);
  }
  const auto open = line.find('(');
  if (const auto before = line.find('['); before < open) {
    const auto end = line.find(']', before);
    if (end == std::string_view::npos) return std::nullopt;
    move.before = std::string(line.substr(before + 1, end - before - 1));
  }
  move.removed = verb != "Inst";
  if (move.removed) return move;
  if (open == std::string_view::npos) return std::nullopt;
  std::string_view offer = line.substr(open + 1);
  offer = offer.substr(0, offer.find(')'));
  move.package.version = std::string(offer.substr(0, offer.find(' ')));
  const auto bracket = offer.rfind('[');
  if (bracket != std::string_view::npos)
    move.package.architecture = std::string(offer.substr(bracket + 1, offer.rfind(']') - bracket - 1));
  return move;
}

bool names_what_is_not_there(const std::string& complaint) {
  return complaint.find("E: Unable to locate package") != std::string::npos ||
         complaint.find("was not found") != std::string::npos;
}

}  // namespace

const PackageMove* PackageForecast::find(const std::string& name) const {
  const auto colon = name.find(':');
  const auto found = std::find_if(moves.begin(), moves.end(), [&](const PackageMove& move) {
    return move.package.name == name.substr(0, colon) &&
           (colon == std::string::npos || move.package.architecture == name.substr(colon + 1));
  });
  return found == moves.end() ? nullptr : &*found;
}

Strings apt_words(const PackageOptions& options) {
  Strings words;
  for (const std::string& option : options.dpkg_options)
    words.insert(words.end(), {"-o", "Dpkg::Options::=" + (option.starts_with("--") ? option : "--" + option)});
  if (options.recommends)
    words.insert(words.end(), {"-o", std::string("APT::Install-Recommends=") + (*options.recommends ? "yes" : "no")});
  if (!options.default_release.empty()) words.insert(words.end(), {"-t", options.default_release});
  if (options.allow_downgrade) words.push_back("--allow-downgrades");
  if (options.allow_held) words.push_back("--allow-change-held-packages");
  if (options.allow_unauthenticated) words.push_back("--allow-unauthenticated");
  if (options.only_upgrade) words.push_back("--only-upgrade");
  if (options.autoremove) words.push_back("--auto-remove");
  if (options.purge) words.push_back("--purge");
  words.insert(words.end(), options.extra.begin(), options.extra.end());
  return words;
}

std::vector<PackageMove> parse_apt_simulation(std::string_view text) {
  std::vector<PackageMove> moves;
  while (!text.empty()) {
    const auto end = text.find('\n');
    if (auto move = move_from(text.substr(0, end))) moves.push_back(std::move(*move));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return moves;
}

PackageForecast forecast_apt(const Host& host, const std::string& verb, const PackageOptions& options,
                             const Strings& operands) {
  Strings argv = {"apt-get",
                  "-s",
                  "-q",
                  "-o",
                  "Dir::Cache::pkgcache=",
                  "-o",
                  "Dir::Cache::srcpkgcache=",
                  "-o",
                  "Dir::Log::Planner=/dev/null",  // else even a simulation by root leaves /var/log/apt/eipp.log.xz
                  "-o",
                  "APT::Cmd::Pattern-Only=true"};
  PackageOptions asked = options;
  asked.dpkg_options.clear();
  const Strings words = apt_words(asked);
  argv.insert(argv.end(), words.begin(), words.end());
  argv.push_back(verb);
  if (verb == "upgrade") argv.push_back("--with-new-pkgs");
  if (!operands.empty()) argv.push_back("--");
  argv.insert(argv.end(), operands.begin(), operands.end());
  PackageForecast forecast;
  Query question{.argv = argv, .deadline = std::chrono::seconds(120)};
  Output output = host.query(question);
  const bool adds = verb == "install" || verb == "build-dep" || verb.ends_with("upgrade");
  question.as_it_is = adds && !output.unknown.empty();
  if (question.as_it_is) output = host.query(question);
  if (!output.unknown.empty())
    forecast.unknown = true;
  else if (output.rc != 0 && question.as_it_is && !names_what_is_not_there(output.err))
    forecast.unknown = true;  // what is in the way now may be gone by then
  else if (output.rc != 0)
    forecast.refusal = output.out + "\n" + output.err;
  else
    forecast.moves = parse_apt_simulation(output.out);
  return forecast;
}

}  // namespace agent
