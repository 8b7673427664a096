#include <map>

#include <agent/cli/bundle_signature.hpp>
#include <agent/cli/expected.hpp>
#include <agent/cli/output_file.hpp>
#include <agent/cli/seen_agents.hpp>
#include <agent/report/signature.hpp>
#include <agent/sdk/codec.hpp>
#include <agent/sdk/error.hpp>

namespace agent::cli {
namespace {

constexpr const char* manifest_name = "bundle.json";
constexpr const char* signature_name = "bundle.json.sig";

/// What of the files is not as it was signed.
std::string difference(const Value& is, const Value& was) {
  std::map<std::string, Value> signed_files;
  for (const auto& file : was["files"].list()) signed_files.emplace(file["path"].string(), file);
  for (const auto& file : is["files"].list()) {
    const std::string path = file["path"].string();
    const auto found = signed_files.find(path);
    if (found == signed_files.end()) return "'" + path + "' was not there";
    if (!(found->second == file)) return "'" + path + "' was another";
    signed_files.erase(found);
  }
  if (!signed_files.empty()) return "'" + signed_files.begin()->first + "' is missing";
  return "it is of another version";
}

std::string signed_text(const fleet::Bundle& bundle, std::int64_t number) {
  Map whole = bundle.manifest().map();
  whole.set("number", number);
  return Value(whole).json() + "\n";
}

}  // namespace

void sign_bundle(const fleet::Bundle& bundle, const Path& share, const Path& signing_key, std::int64_t number) {
  const std::string text = signed_text(bundle, number);
  const std::string signature = report::signature(text, signing_key);
  OutputFile(share / manifest_name).write(text);
  OutputFile(share / signature_name).write(signature);
}

Signed require_signed(const fleet::Bundle& bundle, const Path& share, const Path& public_key) {
  std::error_code none;
  if (!std::filesystem::exists(share / signature_name, none))
    throw Error("this agent is not signed, and only one that '" + public_key.string() + "' signed may be sent")
        .hint("'agent bundle --sign KEY' signs it, where it is built");
  const std::string text = file_text(share / manifest_name);
  if (!report::is_signed(text, file_text(share / signature_name), public_key))
    throw Error("the signature of this agent is not right: '" + (share / manifest_name).string() +
                "' was changed, or signed with another key than that of '" + public_key.string() + "'");
  const Value was = parse_json(text, manifest_name);
  if (!was["number"].is_integer())
    throw Error("this agent was signed without a number, so nobody can tell whether it is older than another")
        .hint("'agent bundle --sign KEY' signs it anew, where it is built");
  const std::int64_t number = was["number"].integer();
  if (text != signed_text(bundle, number))
    throw Error("this agent is not the one that was signed: " + difference(bundle.manifest(), was))
        .hint("install it again");
  return {report::key_id(public_key), number};
}

void require_signed_and_no_older(const fleet::Bundle& bundle, const Path& share, const Path& public_key,
                                 bool allow_older) {
  const Signed found = require_signed(bundle, share, public_key);
  SeenAgents::of_this_user().admit(found.key, found.number, allow_older);
}

}  // namespace agent::cli
