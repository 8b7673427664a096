#include <set>

#include <agent/playbook/loader.hpp>
#include <agent/playbook/loader_state.hpp>
#include <agent/playbook/settings.hpp>
#include <agent/sdk/checksum.hpp>

namespace agent {

PlaybookLoader::PlaybookLoader(Options options) : state_(std::make_unique<State>(std::move(options))) {}
PlaybookLoader::~PlaybookLoader() = default;

Playbook PlaybookLoader::load(const Path& file, Problems& problems) {
  return state_->playbook(file, problems);
}

Playbook PlaybookLoader::load(const Path& file) {
  Problems problems;
  Playbook playbook = load(file, problems);
  problems.raise();
  return playbook;
}

namespace {

/// `apply:` is a mapping of block keywords that the included tasks inherit.
Settings applied(const Map& apply, Problems& problems) {
  static const SourceFile nowhere;
  const Reading reading(nowhere, problems);
  Settings settings;
  for (const auto& [key, value] : apply)
    if (!read_setting(reading, key, value, settings))
      problems.error("unknown-keyword", Error("'apply' has no keyword '" + key + "'").at(value.where()));
  return settings;
}

std::shared_ptr<Scope> include_scope(const ScopePtr& parent, const Map& params, Settings settings,
                                     const Path& directory) {
  auto scope = std::make_shared<Scope>();
  scope->kind = Scope::Kind::include;
  scope->parent = parent;
  scope->params = params;
  scope->settings = std::move(settings);
  scope->directory = directory;
  return scope;
}

}  // namespace

Items PlaybookLoader::tasks(const TaskFile& request) {
  Problems problems;
  Items items = tasks(request, problems);
  problems.raise();
  return items;
}

Items PlaybookLoader::tasks(const TaskFile& request, Problems& problems) {
  State::Context context{problems, {}, state_->options().extra_vars, {}, {}, request.as_handlers};
  auto scope =
      include_scope(request.parent, request.params, applied(request.apply, problems), request.file.parent_path());
  return state_->task_file(request.file, {}, scope, context);
}

Path PlaybookLoader::find_tasks(const std::string& name, const Scope& scope, const Path& playbook_directory) const {
  return state_->find_tasks(name, scope, playbook_directory, scope.where);
}

PlaybookLoader::LoadedRole PlaybookLoader::role(const RoleRequest& request) {
  Problems problems;
  LoadedRole loaded = role(request, problems);
  problems.raise();
  return loaded;
}

PlaybookLoader::LoadedRole PlaybookLoader::role(const RoleRequest& request, Problems& problems) {
  State::Context context{problems, request.playbook_directory, state_->options().extra_vars, {}, {}, false};
  State::RoleUse use{request.name,
                     request.where,
                     request.tasks_from,
                     request.vars_from,
                     request.defaults_from,
                     request.handlers_from,
                     include_scope(request.parent, {}, applied(request.apply, problems),
                                   request.parent ? request.parent->directory : Path()),
                     {},
                     request.params,
                     request.allow_duplicates,
                     request.validate};
  LoadedRole loaded;
  state_->role(use, loaded, context);
  return loaded;
}

Map PlaybookLoader::variables(const Path& file) {
  Problems problems;
  Map map = state_->variables(file, {}, problems);
  problems.raise();
  return map;
}

const Files& PlaybookLoader::files() const {
  return state_->files();
}

const std::vector<Path>& PlaybookLoader::roles_path() const {
  return state_->options().roles_path;
}

Strings PlaybookLoader::files_read() const {
  return state_->files_read();
}

const std::string* PlaybookLoader::text_of(const std::string& file) const {
  const SourceFile* source = state_->source(file);
  return source ? &source->text : nullptr;
}

std::string PlaybookLoader::fingerprint() const {
  return state_->fingerprint();
}

std::string_view PlaybookLoader::line_of(const Where& where) const {
  const SourceFile* source = where ? state_->source(*where.file) : nullptr;
  const std::string_view rest = source ? source->from_line(where.line) : std::string_view();
  return rest.substr(0, rest.find('\n'));
}

const SourceFile* PlaybookLoader::State::open(const Path& file, const Where& asked_at, Problems& problems) {
  const std::string name = file.lexically_normal().string();
  if (const auto found = files_.find(name); found != files_.end()) return found->second.get();
  auto source = std::make_unique<SourceFile>();
  source->path = file.lexically_normal();
  try {
    source->text = files().text(file);
    source->lines.push_back(0);
    for (std::size_t at = source->text.find('\n'); at != std::string::npos; at = source->text.find('\n', at + 1))
      source->lines.push_back(static_cast<std::uint32_t>(at + 1));
  } catch (Error& failure) {
    problems.error("missing-file", std::move(failure.at(asked_at)));
    return nullptr;
  }
  // The text is kept even when it is not YAML: the line of the mistake is shown from it.
  SourceFile& kept = *(files_[name] = std::move(source));
  try {
    kept.document = yaml::read(kept.text, name);
  } catch (Error& failure) {
    problems.error("yaml", failure);
    return nullptr;
  }
  for (const Error& warning : kept.document.warnings) problems.warning("duplicate-key", warning);
  return &kept;
}

// The names are left out: the same playbook is called otherwise from another folder.
std::string PlaybookLoader::State::fingerprint() const {
  std::set<std::string> contents;
  for (const auto& [name, file] : files_) contents.insert(checksum(Digest::sha256, file->text));
  std::string all;
  for (const auto& one : contents) all += one + '\n';
  return "sha256:" + checksum(Digest::sha256, all);
}

Strings PlaybookLoader::State::files_read() const {
  Strings out;
  for (const auto& [name, file] : files_) out.push_back(name);
  return out;
}

const SourceFile* PlaybookLoader::State::source(const std::string& name) const {
  const auto found = files_.find(name);
  return found == files_.end() ? nullptr : found->second.get();
}

Map PlaybookLoader::State::variables(const Path& file, const Where& asked_at, Problems& problems) {
  const SourceFile* source = open(file, asked_at, problems);
  if (!source || source->document.root.is_null()) return {};
  const Value& root = source->document.root;
  if (root.is_map()) return root.map();
  problems.error("variables", Error("a file of variables holds a mapping, not " + std::string(name_of(root.kind())))
                                  .at(root.where())
                                  .hint("write 'name: value' lines"));
  return {};
}

Map PlaybookLoader::State::known_variables(const Scope* scope, const Context& context) const {
  std::vector<const Scope*> levels;
  for (; scope; scope = scope->parent.get()) levels.insert(levels.begin(), scope);
  const auto whole = [this](const Path& path) {
    const std::string text = (files().working_directory() / path).lexically_normal().string();
    return text.size() > 1 && text.back() == '/' ? text.substr(0, text.size() - 1) : text;
  };
  Map known{{"playbook_dir", whole(context.playbook_directory)}};
  for (const Scope* level : levels)
    if (level->role) known.merge(level->role->defaults);
  known.merge(context.variables);
  for (const Scope* level : levels) {
    if (level->role) {
      known.merge(level->role->vars);
      known.set("role_path", whole(level->role->path));
      known.set("role_name", level->role->name);
    }
    known.merge(level->settings.vars);
    known.merge(level->params);
  }
  known.merge(options_.extra_vars);
  return known;
}

std::optional<std::string> PlaybookLoader::State::render_name(const Value& text, Context& context) {
  if (!has_braces(text)) return scalar_text(text);
  try {
    if (!options_.render) throw Error("'" + text.string() + "' needs a variable, and none is known here");
    const Value rendered = options_.render(text, context.variables);
    if (auto name = scalar_text(rendered)) return name;
    throw Error("'" + text.string() + "' gives no name");
  } catch (Error& failure) {
    failure.at(text.where())
        .hint(
            "imports are read before any host is asked: only extra vars and the play's vars are known; "
            "an include_* can use every variable");
    context.problems.error("import-name", failure);
    return {};
  }
}

}  // namespace agent
