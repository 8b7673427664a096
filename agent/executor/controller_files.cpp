#include <agent/executor/controller_files.hpp>
#include <agent/executor/task_settings.hpp>

namespace agent::executor {
namespace {

bool flag_of(const Map& args, std::string_view name, bool otherwise) {
  const Value* value = args.find(name);
  return value ? as_flag(*value).value_or(otherwise) : otherwise;
}

jinja::TemplateFileOptions template_options(const Map& args) {
  jinja::TemplateFileOptions out;
  const auto text = [&](std::string_view name, std::string& into) {
    if (const Value* value = args.find(name); value && value->is_string()) into = value->string();
  };
  out.trim_blocks = flag_of(args, "trim_blocks", true);
  out.lstrip_blocks = flag_of(args, "lstrip_blocks", false);
  text("newline_sequence", out.newline_sequence);
  text("block_start_string", out.block_start);
  text("block_end_string", out.block_end);
  text("variable_start_string", out.variable_start);
  text("variable_end_string", out.variable_end);
  text("comment_start_string", out.comment_start);
  text("comment_end_string", out.comment_end);
  return out;
}

Value rendered(const Path& file, const Map& args, const World& world, const VariableView& view) {
  const Where start{std::make_shared<const std::string>(file.string()), 1, 1};
  VariableView inner = view;
  inner.set("template_path", file.string());
  inner.set("template_fullpath", file.string());
  try {
    return Value(world.engine.render_file(world.loader.files().content(file), start, inner, template_options(args)));
  } catch (const Unknown& unknown) {
    return Value::unknown(unknown.reasons());
  }
}

/// The file's name of `script: run.sh --fast`: the first word.
std::string first_word(const std::string& text) {
  if (!text.empty() && (text[0] == '"' || text[0] == '\''))
    if (const auto end = text.find(text[0], 1); end != std::string::npos) return text.substr(1, end - 1);
  return text.substr(0, text.find_first_of(" \t\n"));
}

}  // namespace

Path find_on_controller(const std::string& name, std::string_view kind, const VariableView& view, const Where& where) {
  const Files& files = view.world().loader.files();
  Path path(name);
  if (name.size() > 1 && name[0] == '~' && name[1] == '/')
    if (const char* home = std::getenv("HOME")) path = Path(home) / name.substr(2);
  if (path.is_absolute()) {
    if (files.kind(path) != Files::Kind::none) return path;
    throw Error("there is no '" + name + "' on the controller").at(where);
  }
  Strings places;
  if (view.scope() && view.play())
    for (const auto& directory : search_path(*view.scope(), kind, view.play()->playbook_directory)) {
      const Path candidate = directory / path;
      if (files.kind(candidate) != Files::Kind::none) return (files.working_directory() / candidate).lexically_normal();
      places.push_back(candidate.lexically_normal().string());
    }
  Error missing("there is no file '" + name + "' to take");
  missing.at(where);
  std::string hint = "looked for";
  for (const auto& place : places) hint += "\n    " + place;
  throw std::move(missing).hint(hint).hint("for a file that is on the machine already, say 'remote_src: true'");
}

void bring_files(Map& args, const Spec& spec, const World& world, const VariableView& view) {
  for (const auto& argument : spec.arguments) {
    const Value* value = argument.source.empty() ? nullptr : args.find(argument.name);
    if (!value || !value->is_string() || flag_of(args, "remote_src", false)) continue;
    const bool is_free_text = argument.name == spec.free_text;
    const std::string name = is_free_text ? first_word(value->string()) : value->string();
    const Files& files = world.loader.files();
    try {
      const Path path = find_on_controller(name, argument.source, view, value->where());
      if (files.is_directory(path)) {
        args.set(argument.name + "_tree", files.tree(path, flag_of(args, "local_follow", true)));
        continue;
      }
      args.set(argument.name + "_mode", files.mode(path));
      args.set(argument.name + "_content",
               argument.source == "templates" ? rendered(path, args, world, view) : Value(files.content(path)));
    } catch (const std::filesystem::filesystem_error& error) {
      throw Error("'" + name + "' cannot be read: " + error.code().message()).at(value->where());
    }
  }
}

}  // namespace agent::executor
