#include <algorithm>
#include <cmath>

#include <agent/sdk/checksum.hpp>
#include <agent/sdk/file_mode.hpp>
#include <agent/sdk/module.hpp>
#include <agent/sdk/paths.hpp>
#include <agent/sdk/text.hpp>

namespace agent::stat {
namespace {

struct Want {
  std::string path, checksum_algorithm = "sha1";
  bool follow = false, get_checksum = true, get_mime = true, get_attributes = true;
};

constexpr std::uint64_t largest_in_memory = 64ULL << 20U;  // what Host::read takes

const SpecOf<Want>& arguments() {
  static const auto spec =
      SpecOf<Want>("stat", "Tells what is known of a file or directory.")
          .required("path", &Want::path, "the file or directory")
          .as(Type::path)
          .alias("dest")
          .alias("name")
          .optional("follow", &Want::follow, "tell of what a link leads to, not of the link")
          .optional("get_checksum", &Want::get_checksum, "tell its checksum, which takes reading it")
          .optional("checksum_algorithm", &Want::checksum_algorithm, "which checksum")
          .choices({"md5", "sha1", "sha224", "sha256", "sha384", "sha512"})
          .alias("checksum")
          .alias("checksum_algo")
          .optional("get_mime", &Want::get_mime, "tell what kind of data it holds, which takes the program `file`")
          .alias("mime")
          .alias("mime_type")
          .alias("mime-type")
          .optional("get_attributes", &Want::get_attributes, "tell its flags, which takes the program `lsattr`")
          .alias("attr")
          .alias("attributes")
          .example(
              "Whether it is there",
              "- stat: {path: /dev/nvidia0}\n  register: gpu\n- debug: {msg: \"no GPU\"}\n  when: not gpu.stat.exists")
          .returns(
              "stat", "map",
              "exists, and where it does: path, mode, isdir, isreg, islnk, ..., uid, gid, pw_name, gr_name, size, "
              "inode, "
              "dev, nlink, atime, mtime, ctime, readable, writeable, executable, lnk_target, lnk_source, checksum, "
              "mimetype, charset, attributes");
  return spec;
}

void put_types(const FileInfo& info, Map& result) {
  using Type = FileInfo::Type;
  for (const auto& [name, type] : std::initializer_list<std::pair<const char*, Type>>{{"isdir", Type::directory},
                                                                                      {"ischr", Type::character},
                                                                                      {"isblk", Type::block},
                                                                                      {"isreg", Type::file},
                                                                                      {"isfifo", Type::fifo},
                                                                                      {"islnk", Type::link},
                                                                                      {"issock", Type::socket}})
    result.set(name, info.type == type);
}

void put_bits(unsigned mode, Map& result) {
  for (const auto& [name, bit] : std::initializer_list<std::pair<const char*, unsigned>>{{"wusr", 0200U},
                                                                                         {"rusr", 0400U},
                                                                                         {"xusr", 0100U},
                                                                                         {"wgrp", 020U},
                                                                                         {"rgrp", 040U},
                                                                                         {"xgrp", 010U},
                                                                                         {"woth", 02U},
                                                                                         {"roth", 04U},
                                                                                         {"xoth", 01U},
                                                                                         {"isuid", 04000U},
                                                                                         {"isgid", 02000U}})
    result.set(name, (mode & bit) != 0);
}

// What access(2) would say, from owner, group and mode: the worker's user is not always the one that looks.
unsigned access_bits(const FileInfo& info, const Host& host) {
  const User& self = host.self();
  if (self.uid == 0) return 06U | (info.is_directory() || (info.mode & 0111U) != 0 ? 01U : 0U);
  if (info.uid == self.uid) return info.mode >> 6U & 7U;
  const auto group = host.group(std::to_string(info.gid));
  const bool member = info.gid == self.gid || (group && std::find(group->members.begin(), group->members.end(),
                                                                  self.name) != group->members.end());
  return member ? info.mode >> 3U & 7U : info.mode & 7U;
}

void put_access(const Path& path, const FileInfo& info, const Host& host, Map& result) {
  const auto target = info.is_link() ? host.stat(path) : std::optional(info);
  const unsigned bits = target ? access_bits(*target, host) : 0;
  result.set("readable", (bits & 4U) != 0);
  result.set("writeable", (bits & 2U) != 0);
  result.set("executable", (bits & 1U) != 0);
}

// "/etc/motd: text/plain; charset=us-ascii"
void put_mime(const Path& path, const Host& host, Map& result) {
  result.set("mimetype", "unknown");
  result.set("charset", "unknown");
  const Output output = host.query({.argv = {"file", "--mime-type", "--mime-encoding", "--", path.string()}});
  if (!output.unknown.empty()) {
    for (const char* key : {"mimetype", "charset"}) result.set(key, Value::unknown(output.unknown));
    return;
  }
  const Strings words = text::words_of(output.out.substr(std::min(output.out.rfind(": "), output.out.size() - 1) + 1));
  if (output.rc != 0 || words.size() < 2) return;
  result.set("mimetype", words[0].substr(0, words[0].find(';')));
  result.set("charset", words[1].substr(words[1].find('=') + 1));
}

Strings attribute_names(const std::string& flags) {
  static const std::pair<char, const char*> names[] = {
      {'a', "append"},     {'A', "noatime"},    {'s', "zero"},          {'t', "notail"},
      {'T', "blockroot"},  {'u', "undelete"},   {'X', "compressedraw"}, {'Z', "compresseddirty"},
      {'c', "compressed"}, {'C', "nocow"},      {'d', "nodump"},        {'D', "dirsync"},
      {'e', "extents"},    {'E', "encrypted"},  {'h', "blocksize"},     {'i', "immutable"},
      {'I', "indexed"},    {'j', "journalled"}, {'N', "inline"},        {'S', "synchronous"}};
  Strings words;
  for (const char flag : flags)
    for (const auto& [letter, name] : names)
      if (letter == flag) words.emplace_back(name);
  return words;
}

// "1234567 --------------e------- /etc/motd"
void put_flags(const Path& path, const Host& host, Map& result) {
  result.merge({{"version", nullptr}, {"attributes", List{}}, {"attr_flags", ""}});
  const Output output = host.query({.argv = {"lsattr", "-vd", "--", path.string()}});
  if (!output.unknown.empty()) {
    for (const char* key : {"version", "attributes", "attr_flags"}) result.set(key, Value::unknown(output.unknown));
    return;
  }
  const Strings words = text::words_of(output.out);
  if (output.rc != 0 || words.size() < 2) return;
  std::string flags = words[1];
  std::erase(flags, '-');
  result.merge({{"version", words[0]}, {"attributes", attribute_names(flags)}, {"attr_flags", flags}});
}

std::optional<std::string> content_checksum(const Want& want, const Path& path, const FileInfo& info,
                                            const Host& host) {
  if (info.size <= largest_in_memory) {
    const auto content = host.read(path);
    return content ? std::optional(checksum(*digest_from(want.checksum_algorithm), *content)) : std::nullopt;
  }
  const Output output = host.query(
      {.argv = {want.checksum_algorithm + "sum", "--", path.string()}, .deadline = std::chrono::minutes(10)});
  const Strings words = text::words_of(output.out);
  return output.rc == 0 && !words.empty() ? std::optional(words.front()) : std::nullopt;
}

void put_names(const FileInfo& info, const Host& host, Map& result) {
  if (const auto user = host.user(std::to_string(info.uid))) result.set("pw_name", user->name);
  if (const auto group = host.group(std::to_string(info.gid))) result.set("gr_name", group->name);
}

Map described(const Want& want, const Path& path, const FileInfo& info, const Host& host) {
  Map result = {{"exists", true}, {"path", want.path}, {"mode", FileMode::text(info.mode)}};
  put_types(info, result);
  result.merge({{"uid", info.uid},
                {"gid", info.gid},
                {"size", info.size},
                {"inode", info.inode},
                {"dev", info.device},
                {"nlink", info.links},
                {"atime", info.access_time},
                {"mtime", info.modification_time},
                {"ctime", info.change_time}});
  put_bits(info.mode, result);
  put_access(path, info, host, result);
  put_names(info, host, result);
  if (info.is_link()) result.merge({{"lnk_source", resolve_links(path, host).string()}, {"lnk_target", info.target}});
  const bool readable = result.find("readable")->boolean();
  if (want.get_checksum && info.is_file() && readable) {
    if (const auto digest = content_checksum(want, path, info, host)) result.set("checksum", *digest);
  }
  if (want.get_mime) put_mime(path, host, result);
  if (want.get_attributes) put_flags(path, host, result);
  return result;
}

class Stat : public Module {
 public:
  Plan check(const Args& args, const Host& host) const override {
    Want want = arguments().read(args);
    const Path path = path_argument(want.path, host);
    want.path = expand_user_and_variables(want.path, host);
    const auto info = host.stat(path, want.follow);
    return {.steps = {}, .result = {{"stat", info ? described(want, path, *info, host) : Map{{"exists", false}}}}};
  }
};

constexpr Variant variants[] = {{"any", variant<Stat>}};

}  // namespace

Manifest manifest() {
  return {[]() -> const Spec& { return arguments(); }, variants};
}

}  // namespace agent::stat

AGENT_MODULE(agent::stat::arguments, agent::stat::variants)
