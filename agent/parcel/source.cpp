#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>

#include <agent/host/process.hpp>
#include <agent/parcel/source.hpp>
#include <agent/sdk/error.hpp>

namespace agent::parcel {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::minutes patience{30};

bool consists_of(const std::string& text, std::string_view signs) {
  return !text.empty() && text.front() != '-' && std::all_of(text.begin(), text.end(), [&](unsigned char c) {
    return (c < 128 && std::isalnum(c)) || signs.find(static_cast<char>(c)) != std::string_view::npos;
  });
}

std::string last_line(std::string text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.pop_back();
  const auto begin = text.find_last_of('\n');
  return begin == std::string::npos ? text : text.substr(begin + 1);
}

Output run_or_throw(Command command, const std::string& what) {
  command.deadline = patience;
  const Finished done = run(command);
  if (done.output.rc == 127)
    throw Error("'" + command.argv.front() + "' is not on this machine, and it is what fetches the file")
        .hint("install the package '" + command.argv.front() + "'");
  if (done.timed_out) throw Error(what + " took too long");
  if (done.output.rc != 0) throw Error(what + " failed: " + last_line(done.output.err));
  return done.output;
}

std::string first_line_of(const Path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  while (!line.empty() && std::iscntrl(static_cast<unsigned char>(line.back()))) line.pop_back();
  return line;
}

Fetched fetch_with_curl(const Source& source, const Path& folder, const std::string& known_tag) {
  const Path file = folder / "fetched", tag = folder / "fetched.etag";
  std::error_code ignored;
  fs::remove(file, ignored);
  fs::remove(tag, ignored);
  const bool is_secure = source.address.starts_with("https://");
  Command command;
  command.environment = own_environment();
  // What is fetched is judged by its signature; that nobody may lead us from https to http is on top of that.
  command.argv = {"curl",
                  "--disable",
                  "--silent",
                  "--show-error",
                  "--fail",
                  "--location",
                  "--max-redirs",
                  "5",
                  "--proto",
                  is_secure ? "=https" : "=http,https",
                  "--netrc-optional",
                  "--connect-timeout",
                  "20",
                  "--speed-limit",
                  "1000",
                  "--speed-time",
                  "30",
                  "--max-filesize",
                  "1073741824",
                  "--etag-save",
                  tag.string(),
                  "--output",
                  file.string(),
                  "--write-out",
                  "%{http_code}"};
  if (!known_tag.empty()) command.argv.insert(command.argv.end(), {"--header", "If-None-Match: " + known_tag});
  command.argv.insert(command.argv.end(), {"--", source.address});
  const Output said = run_or_throw(std::move(command), "fetching '" + source.address + "'");
  if (said.out == "304" && !known_tag.empty()) return {known_tag, std::nullopt};
  if (!fs::is_regular_file(file, ignored)) throw Error("fetching '" + source.address + "' brought no file");
  return {first_line_of(tag), file};
}

Fetched fetch_with_git(const Source& source, const Path& folder, const std::string& known_tag) {
  const std::string repository = (folder / "git").string();
  const Path out = folder / "checkout";
  Environment environment = own_environment();
  environment["GIT_TERMINAL_PROMPT"] = "0";
  environment["GIT_ALLOW_PROTOCOL"] = source.address.substr(0, source.address.find(':'));
  environment.emplace("GIT_SSH_COMMAND", "ssh -o BatchMode=yes");
  const auto git = [&](Strings words, const std::string& what) {
    Command command;
    command.environment = environment;
    command.argv = {"git", "--git-dir", repository};
    command.argv.insert(command.argv.end(), words.begin(), words.end());
    return run_or_throw(std::move(command), what);
  };
  const std::string what = "fetching '" + source.revision + "' of '" + source.address + "'";
  if (!fs::exists(repository)) git({"init", "--quiet", "--bare", "--", repository}, "making '" + repository + "'");
  git({"fetch", "--quiet", "--depth", "1", "--no-tags", "--no-write-fetch-head", "--", source.address,
       "+" + source.revision + ":refs/pulled"},
      what);
  const std::string name = "refs/pulled:" + source.path;
  const std::string tag =
      last_line(git({"rev-parse", "--verify", "--quiet", "--end-of-options", name},
                    "looking for '" + source.path + "' in '" + source.address + "' at '" + source.revision + "'")
                    .out);
  if (tag == known_tag) return {tag, std::nullopt};
  fs::create_directories(out);
  Strings checkout{"--work-tree", out.string(), "checkout", "--quiet", "--force", "refs/pulled", "--", source.path};
  git(std::move(checkout), "taking '" + source.path + "' out of '" + source.address + "'");
  const Path file = out / source.path;
  if (!fs::is_regular_file(fs::symlink_status(file)))
    throw Error("'" + source.path + "' in '" + source.address + "' is no file");
  return {tag, file};
}

}  // namespace

Source source_from(const std::string& url) {
  Source out;
  out.is_git = url.starts_with("git+");
  out.address = out.is_git ? url.substr(4) : url;
  const auto scheme = out.address.substr(0, std::min(out.address.find("://"), out.address.size()));
  static const Strings web{"http", "https"}, git{"http", "https", "ssh", "file"};
  const Strings& schemes = out.is_git ? git : web;
  if (std::find(schemes.begin(), schemes.end(), scheme) == schemes.end())
    throw Error("'" + url + "' is no address to pull from")
        .hint("https://HOST/PATH, http://HOST/PATH, or git+https://, git+ssh:// or git+file:// with #PATH at its end");
  if (out.is_git) {
    const auto hash = out.address.find('#');
    if (hash == std::string::npos || hash + 1 == out.address.size())
      throw Error("'" + url + "' does not say which file of the repository is meant").hint("#PATH at its end does");
    out.path = out.address.substr(hash + 1);
    out.address.resize(hash);
    out.revision = "HEAD";
    // A user's name stands before an '@', too, but never behind the last slash.
    const auto slash = out.address.rfind('/'), at = out.address.rfind('@');
    if (at != std::string::npos && slash != std::string::npos && at > slash) {
      out.revision = out.address.substr(at + 1);
      out.address.resize(at);
    }
    if (!consists_of(out.revision, "._-/")) throw Error("'" + out.revision + "' is no name of a branch or tag");
    const bool leaves = ("/" + out.path + "/").find("/../") != std::string::npos || out.path.front() == '/';
    if (leaves || !consists_of(out.path, "._-/+@ ")) throw Error("'" + out.path + "' is no path in a repository");
  }
  const bool is_plain =
      std::all_of(out.address.begin(), out.address.end(), [](unsigned char c) { return c > 32 && c != 127; });
  if (!is_plain) throw Error("the address to pull from holds a blank or a control character");
  const auto host = out.address.find("://") + 3;
  const std::string authority = out.address.substr(host, out.address.find('/', host) - host);
  if (authority.starts_with('-') || (authority.empty() && scheme != "file")) throw Error("'" + url + "' names no host");
  if (const auto at = authority.find('@'); at != std::string::npos && authority.find(':') < at)
    throw Error("the address to pull from holds a password, which everybody on the machine could see")
        .hint("put it into ~/.netrc, or into git's credential helper");
  return out;
}

Fetched fetch(const Source& source, const Path& folder, const std::string& known_tag) {
  return source.is_git ? fetch_with_git(source, folder, known_tag) : fetch_with_curl(source, folder, known_tag);
}

}  // namespace agent::parcel
