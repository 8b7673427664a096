#include <map>

#include <agent/cli/bundle_signature.hpp>
#include <agent/cli/expected.hpp>
#include <agent/cli/output_file.hpp>
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

}  // namespace

void sign_bundle(const fleet::Bundle& bundle, const Path& share, const Path& signing_key) {
  const std::string text = bundle.manifest().json() + "\n";
  const std::string signature = report::signature(text, signing_key);
  OutputFile(share / manifest_name).write(text);
  OutputFile(share / signature_name).write(signature);
}

void require_signed(const fleet::Bundle& bundle, const Path& share, const Path& public_key) {
  std::error_code none;
  if (!std::filesystem::exists(share / signature_name, none))
    throw Error("this agent is not signed, and only one that '" + public_key.string() + "' signed may be sent")
        .hint("'agent bundle --sign KEY' signs it, where it is built");
  const std::string text = file_text(share / manifest_name);
  if (!report::is_signed(text, file_text(share / signature_name), public_key))
    throw Error("the signature of this agent is not right: '" + (share / manifest_name).string() +
                "' was changed, or signed with another key than that of '" + public_key.string() + "'");
  if (text != bundle.manifest().json() + "\n")
    throw Error("this agent is not the one that was signed: " +
                difference(bundle.manifest(), parse_json(text, manifest_name)))
        .hint("install it again");
}

}  // namespace agent::cli
