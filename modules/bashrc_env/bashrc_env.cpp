#include "bashrc_env.hpp"

#include <algorithm>

#include <agent/sdk/managed_file.hpp>

#include "simulation.hpp"

namespace agent::bashrc_env {
namespace {

struct Want {
  std::string name;
  std::optional<std::string> value, user, file;
  Value prepend, append;
  std::string state = "present", comment;
};

const SpecOf<Want>& arguments() {
  static const auto spec =
      SpecOf<Want>("bashrc_env", "Sets an environment variable for a user's new shells, in ~/.bashrc.")
          .description(
              "`value` sets the variable; `prepend` and `append` put entries into a list with colons, such as PATH, "
              "and keep "
              "what is in it. An entry is never there twice, also not in a shell that was started from a shell.\n\n"
              "`$NAME`, `${NAME}` and a leading `~/` mean what they mean in the shell; every other character is "
              "itself, and "
              "`\\$` is a dollar.\n\n"
              "A line that a person wrote and that says the same is left alone and counts. A person's `export "
              "PATH=...` gets "
              "the entry put in. Else a line is added at the end (before a `return` or `exit` that every shell runs "
              "into), "
              "marked with `# agent:`; `state: absent` takes out exactly what carries that mark.\n\n"
              "It is for interactive shells: the `~/.bashrc` of Debian and Ubuntu ends at its top for all others. On "
              "Fedora "
              "the lines go to `~/.bashrc.d/agent.sh` where `~/.bashrc` reads that directory.")
          .required("name", &Want::name, "the variable")
          .optional("value", &Want::value, "what it shall be")
          .optional("prepend", &Want::prepend, "an entry, or a list of them, to put before the others")
          .optional("append", &Want::append, "an entry, or a list of them, to put behind the others")
          .optional("user", &Want::user, "whose shells; by default those of the user that the task runs as")
          .optional("file", &Want::file, "another file than the user's own")
          .as(Type::path)
          .optional("state", &Want::state, "present, or absent: take out what this module wrote")
          .choices({"present", "absent"})
          .optional("comment", &Want::comment, "a remark behind the line")
          .exclusive({"value", "prepend", "append"})
          .exclusive({"user", "file"})
          .example("Where the models are", "- bashrc_env: {name: ML_PATH, value: \"$HOME/ml\", user: alice}")
          .example("Programs of pip --user", "- bashrc_env: {name: PATH, prepend: \"$HOME/.local/bin\"}")
          .example("CUDA's libraries behind the others",
                   "- bashrc_env: {name: LD_LIBRARY_PATH, append: /usr/local/cuda/lib64, comment: for old binaries}")
          .returns("file", "text", "the file that sets it")
          .returns("name", "text", "the variable")
          .returns("value", "text", "what a new shell sees; null where only running the file would tell");
  return spec;
}

void expect_printable(const std::string& text, const char* argument) {
  for (const char c : text)
    if ((static_cast<unsigned char>(c) < 32 && c != '\n' && c != '\t') || c == 127)
      throw Error(std::string("'") + argument + "' holds a control character, which no environment variable should")
          .about(argument);
}

// One entry, a list of them, or text with colons as it would stand in the variable.
Strings entries_of(const Value& value, const char* argument) {
  Strings entries;
  for (const Value& item : value.is_list() ? value.list() : List{value}) {
    if (!item.is_string()) throw Error(std::string("'") + argument + "' takes text or a list of texts").about(argument);
    expect_printable(item.string(), argument);
    if (item.string().find('\n') != std::string::npos)
      throw Error("an entry of a list cannot hold a newline").about(argument);
    for (const std::string& entry : list_of(item.string()))
      if (!entry.empty() && std::find(entries.begin(), entries.end(), entry) == entries.end()) entries.push_back(entry);
  }
  if (entries.empty())
    throw Error(std::string("'") + argument + "' is empty, so there is nothing to put in").about(argument);
  return entries;
}

Wish wish_of(const Want& want) {
  if (!is_name(want.name))
    throw Error("'" + want.name + "' is not a name for a variable")
        .hint("it starts with a letter or '_', and then takes letters, digits and '_'")
        .about("name");
  expect_printable(want.comment, "comment");
  Wish wish{.name = want.name, .comment = want.comment};
  if (want.value) {
    expect_printable(*want.value, "value");
    wish.value = *want.value;
  } else if (!want.prepend.is_null()) {
    wish.kind = Wish::Kind::prepend;
    wish.entries = entries_of(want.prepend, "prepend");
  } else if (!want.append.is_null()) {
    wish.kind = Wish::Kind::append;
    wish.entries = entries_of(want.append, "append");
  } else if (want.state == "absent") {
    wish.kind = Wish::Kind::any;
  } else {
    throw Error("bashrc_env needs 'value', 'prepend' or 'append': what the variable shall be");
  }
  return wish;
}

User owner_of(const Want& want, const Host& host) {
  if (!want.user) return host.self();
  if (auto user = host.user(*want.user)) return *user;
  throw Error("there is no user '" + *want.user + "' on this machine")
      .hint("make the user in an earlier task")
      .about("user");
}

// A link in the home of somebody else is followed only inside that home: it might lead to /etc.
Path followed(const Path& file, const User& owner, const Host& host) {
  const Path target = resolve_links(file, host);
  const bool own = host.self().uid != 0 || owner.uid == 0;
  if (own || is_within(target, resolve_links(owner.home, host))) return resolve_links_to_write(file, host);
  throw Error("'" + file.string() + "' is a link that leads out of the home of '" + owner.name + "', to '" +
              target.string() + "'")
      .hint("run the task as that user: 'become: true' with 'become_user: " + owner.name + "'");
}

// What a shell of this user surely or probably starts with.
Surroundings surroundings(const Want& want, const Place& place, const User& owner, const Host& host) {
  Surroundings around{.prelude = place.prelude, .home = owner.home, .user = owner.name};
  const char* usual = want.name == "PATH" ? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" : "";
  around.inherited = list_of(usual);
  for (const std::string& entry : list_of(host.environment(want.name).value_or(""))) around.inherited.push_back(entry);
  for (const char* file : {".profile", ".bash_profile", ".bash_login"})
    around.login += host.read(Path(owner.home) / file).value_or("");
  return around;
}

std::string shown_file(const Path& file, const Path& home) {
  return is_within(file, home) ? "~/" + file.lexically_relative(home).string() : file.string();
}

void note_kept_lines(const Want& want, const Wish& wish, const std::string& text, const Path& file, Plan& plan) {
  const int line = line_of_person(text, want.name);
  if (line == 0) return;
  const std::string where = "line " + std::to_string(line) + " of " + file.string();
  if (want.state == "absent") {
    plan.notes.push_back(where + " sets " + want.name + " and was written by a person: it is kept");
    return;
  }
  const auto without_own =
      seen_value(text, want.name, {}, [](const std::string& name) { return std::optional("\x1f" + name); });
  if (wish.kind != Wish::Kind::value && want.name == "PATH" && without_own &&
      without_own->find('\x1f') == std::string::npos)
    plan.notes.push_back(where + " replaces the whole PATH; to keep what was in it, it should end in \":$PATH\"");
}

}  // namespace

Place BashrcEnv::place(const Path& home, const Host&) const {
  return {.file = home / ".bashrc"};
}

Plan BashrcEnv::check(const Args& args, const Host& host) const {
  const Want want = arguments().read(args);
  const Wish wish = wish_of(want);
  const User owner = owner_of(want, host);
  if (!want.file && !host.stat(owner.home))
    throw Error("the home directory '" + owner.home + "' of '" + owner.name + "' does not exist");
  const Place place = want.file ? Place{.file = path_argument(*want.file, host)} : this->place(owner.home, host);
  const Path file = followed(place.file, owner, host);
  const std::string before = host.read(file).value_or("");
  const Surroundings around = surroundings(want, place, owner, host);
  const std::string after =
      want.state == "present" ? with_wish(before, wish, around) : without_wish(before, wish, around);

  Plan plan;
  if (after != before) {
    const bool is_new = !host.stat(file).has_value();
    const FileAttributes attributes =
        is_new && !want.file ? FileAttributes{"0644", owner.name, std::to_string(owner.gid)} : FileAttributes{};
    const Path directory = file.parent_path();
    const bool makes = place.makes_directory && !host.stat(directory);
    plan = plan_file({.path = file, .content = after, .attributes = attributes, .parent_is_planned = makes}, host);
    if (makes)
      plan.steps.insert(plan.steps.begin(),
                        {.changes = {{directory.string(), std::nullopt, "directory"}},
                         .actions = {MakeDirectory{directory, {0755, owner.name, std::to_string(owner.gid)}}}});
  }
  note_kept_lines(want, wish, after, shown_file(file, owner.home), plan);
  const auto value =
      seen_value(after, want.name, around, [&](const std::string& name) { return host.environment(name); });
  plan.result = {{"file", file.string()}, {"name", want.name}, {"value", value ? Value(*value) : Value()}};
  return plan;
}

std::unique_ptr<Module> any() {
  return std::make_unique<BashrcEnv>();
}

namespace {
constexpr Variant variants[] = {{"debian", any}, {"ubuntu", any}, {"fedora", fedora}, {"any", any}};
}

}  // namespace agent::bashrc_env

AGENT_MODULE(agent::bashrc_env::arguments, agent::bashrc_env::variants)
