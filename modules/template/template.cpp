#include <agent/sdk/module.hpp>
#include <agent/sdk/placed_file.hpp>

namespace agent::templates {
namespace {

struct Want : FileAttributes {
  std::string src, dest;
  std::optional<std::string> directory_mode;
  bool force = true, backup = false, follow = false;
  std::string validate;
  std::string newline_sequence = "\n", output_encoding = "utf-8";
  std::string block_start_string = "{%", block_end_string = "%}", variable_start_string = "{{",
              variable_end_string = "}}";
  std::string comment_start_string = "{#", comment_end_string = "#}";
  bool trim_blocks = true, lstrip_blocks = false;
};

// The engine reads these before it renders the template; here they are only known.
SpecOf<Want> with_syntax(SpecOf<Want> spec) {
  return std::move(spec)
      .optional("trim_blocks", &Want::trim_blocks, "drop the newline after a block")
      .optional("lstrip_blocks", &Want::lstrip_blocks, "drop the blanks before a block")
      .optional("newline_sequence", &Want::newline_sequence, "how lines end in the file")
      .choices({"\n", "\r", "\r\n"})
      .optional("output_encoding", &Want::output_encoding, "encoding of the file")
      .choices({"utf-8"})
      .optional("block_start_string", &Want::block_start_string, "what starts a block")
      .optional("block_end_string", &Want::block_end_string, "what ends a block")
      .optional("variable_start_string", &Want::variable_start_string, "what starts an expression")
      .optional("variable_end_string", &Want::variable_end_string, "what ends an expression")
      .optional("comment_start_string", &Want::comment_start_string, "what starts a comment")
      .optional("comment_end_string", &Want::comment_end_string, "what ends a comment");
}

const SpecOf<Want>& arguments() {
  static const auto spec =
      with_syntax(
          with_file_attributes(
              SpecOf<Want>("template", "Renders a template and puts the result on the machine.")
                  .description("The template is looked for in `templates/` beside the playbook or in the role, and is "
                               "rendered with the variables of the machine. What comes out is put in place as `copy` "
                               "does it.")
                  .required("src", &Want::src, "the template")
                  .from_controller("templates")
                  .required("dest", &Want::dest, "where to: a file, or a directory (it ends in a slash, or is there)")
                  .as(Type::path)
                  .optional("force", &Want::force, "replace a file that differs; otherwise only a missing one is made")
                  .optional("backup", &Want::backup, "keep the old file beside the new one")
                  .optional("validate", &Want::validate,
                            "a command that must accept the new file first; %s is the file")
                  .optional("follow", &Want::follow, "where `dest` is a link, write the file that it leads to")))
          .example("A configuration that the program itself has checked",
                   "- template: {src: nginx.conf.j2, dest: /etc/nginx/nginx.conf, validate: \"nginx -t -c %s\"}\n"
                   "  notify: reload nginx")
          .returns("dest", "text", "the file that was written")
          .returns("src", "text", "the template")
          .returns("checksum", "text", "sha1 of the content")
          .returns("backup_file", "text", "the old file, where one was kept")
          .returns("mode", "text", "permission bits, as \"0644\"")
          .returns("owner", "text", "name of the owner; `uid` is the number")
          .returns("group", "text", "name of the group; `gid` is the number")
          .returns("size", "integer", "in bytes");
  return spec;
}

std::string with_line_ends(const std::string& text, const std::string& newline) {
  if (newline == "\n") return text;
  std::string result;
  for (const char c : text) {
    if (c == '\n')
      result += newline;
    else
      result += c;
  }
  return result;
}

// A template's name in a directory is the name without ".j2".
std::string name_of(const std::string& src) {
  const Path file = Path(src).filename();
  return file.extension() == ".j2" ? file.stem().string() : file.string();
}

class Template : public FileModule {
 public:
  Plan check(const Args& args, const Host& host) const override {
    Want want = arguments().read(args);
    const Value* content = args.find("src_content");
    if (content != nullptr && content->is_unknown()) throw Unknown(content->reasons());
    if (content == nullptr || !content->is_string())
      throw Error("the rendered text of '" + want.src + "' did not arrive with the task").about("src");
    if (want.mode == "preserve") {
      const Value* mode = args.find("src_mode");
      if (mode == nullptr || mode->is_null()) throw Error("the mode of the template is not known").about("mode");
      want.mode = mode->is_integer() ? FileMode::text(static_cast<unsigned>(mode->integer())) : mode->string();
    }
    Plan plan = plan_placed_file({.dest = want.dest,
                                  .name = name_of(want.src),
                                  .content = with_line_ends(content->string(), want.newline_sequence),
                                  .attributes = want,
                                  .force = want.force,
                                  .backup = want.backup,
                                  .follow = want.follow,
                                  .validate = want.validate},
                                 host);
    plan.result.set("src", want.src);
    return plan;
  }
};

constexpr Variant variants[] = {{"any", variant<Template>}};

}  // namespace

Manifest manifest() {
  return {[]() -> const Spec& { return arguments(); }, variants};
}

}  // namespace agent::templates

AGENT_MODULE(agent::templates::arguments, agent::templates::variants)
