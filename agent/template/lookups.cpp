#include <algorithm>
#include <map>

#include <agent/template/coerce.hpp>
#include <agent/template/compare.hpp>
#include <agent/template/interpreter.hpp>
#include <agent/template/lookup_names.hpp>
#include <agent/template/lookups.hpp>
#include <agent/template/operators.hpp>
#include <agent/template/printing.hpp>
#include <agent/template/python_random.hpp>
#include <agent/template/regex.hpp>
#include <agent/template/unicode.hpp>

namespace agent::jinja {

namespace {

using Lookup = List (*)(Context&, const List& terms, Arguments& options);

constexpr std::size_t most_items = 1'000'000;

// One level of lists opened: what with_items does.
List items(Context&, const List& terms, Arguments&) {
  List flat;
  for (const Value& term : terms) {
    if (const List* inner = as_list(term))
      flat.insert(flat.end(), inner->begin(), inner->end());
    else
      flat.push_back(term);
  }
  return flat;
}

List list(Context&, const List& terms, Arguments&) {
  return terms;
}

List indexed_items(Context& context, const List& terms, Arguments& options) {
  List pairs;
  for (const Value& item : items(context, terms, options)) pairs.push_back(tuple({pairs.size(), item}));
  return pairs;
}

List dict(Context&, const List& terms, Arguments&) {
  List pairs;
  for (const Value& term : terms)
    for (const auto& [key, value] : map_of(term)) pairs.emplace_back(Map{{"key", key}, {"value", value}});
  return pairs;
}

void flatten_into(List& flat, const Value& value, int depth) {
  if (depth > 200) throw Error("the list is nested too deeply");
  const List* inner = as_list(value);
  if (!inner) {
    if (!value.is_null() && !(value.is_string() && (value.string() == "None" || value.string() == "null")))
      flat.push_back(value);
    return;
  }
  for (const Value& item : *inner) flatten_into(flat, item, depth + 1);
}

List flattened(Context&, const List& terms, Arguments&) {
  List flat;
  for (const Value& term : terms) flatten_into(flat, term, 0);
  return flat;
}

List as_row(const Value& value) {
  const List* several = as_list(value);
  return several ? *several : List{value};
}

// Every combination; the last list turns fastest. Lists as the reference gives them.
List nested(Context& context, const List& terms, Arguments& options) {
  if (terms.empty()) throw Error("'nested' needs at least one list");
  List rows = {Value(List())};
  for (const Value& term : terms) {
    const List choices = as_row(term);
    if (!choices.empty() && rows.size() > most_items / choices.size() / terms.size())
      throw Error("the result is too large");
    List longer;
    for (const Value& row : rows)
      for (const Value& choice : choices) {
        List cells = row.list();
        // A list among the choices is opened, one level.
        const List more = as_row(choice);
        cells.insert(cells.end(), more.begin(), more.end());
        longer.emplace_back(std::move(cells));
      }
    rows = std::move(longer);
  }
  // Once more, as the reference does in the end.
  for (Value& row : rows) row = Value(items(context, row.list(), options));
  return rows;
}

List together(Context&, const List& terms, Arguments&) {
  std::size_t rows = 0;
  for (const Value& term : terms) rows = std::max(rows, as_row(term).size());
  if (terms.empty()) throw Error("'together' needs at least one list");
  List result;
  for (std::size_t row = 0; row < rows; ++row) {
    List cells;
    for (const Value& term : terms) {
      const List column = as_row(term);
      cells.push_back(row < column.size() ? column[row] : Value());
    }
    result.emplace_back(std::move(cells));
  }
  return result;
}

// The mapping without the member that a path of names leads to.
Value without_member(const Value& value, const Strings& path, std::size_t at) {
  Map left;
  for (const auto& [key, member] : value.map()) {
    if (key != path[at])
      left.set(key, member);
    else if (at + 1 < path.size())
      left.set(key, without_member(member, path, at + 1));
  }
  return Value(std::move(left)).at(value.where());
}

// Unlike the filter of that name, the lookup takes the list out of the mapping beside which it puts each of its items.
List subelements(Context& context, const List& terms, Arguments&) {
  if (terms.size() < 2) throw Error("'subelements' needs a list and the name of a member");
  Arguments given;
  given.positional.push_back(terms[1]);
  if (terms.size() > 2 && terms[2].is_map())
    if (const Value* skip = terms[2].map().find("skip_missing")) given.positional.push_back(*skip);
  const Strings path = split(print(terms[1]), ".");
  List rows;
  const Value whole = context.filtered("subelements", terms[0], std::move(given));
  for (const Value& row : whole.list()) {
    const List& pair = as_tuple(row)->items();
    rows.push_back(tuple({without_member(pair[0], path, 0), pair[1]}));
  }
  return rows;
}

List variables(Context& context, const List& terms, Arguments& options) {
  auto otherwise = options.take("default");
  if (otherwise && otherwise->is_null()) otherwise.reset();
  List values;
  for (const Value& term : terms) {
    auto found = context.variable(print(term));
    if (!found && !otherwise) {
      Error error("there is no variable '" + print(term) + "'");
      if (auto hint = did_you_mean(print(term), context.variable_names())) error.hint(*std::move(hint));
      throw error;
    }
    values.push_back(found ? *std::move(found) : *otherwise);
  }
  return values;
}

List variable_names(Context& context, const List& terms, Arguments&) {
  List names;
  for (const Value& term : terms)
    for (const std::string& name : context.variable_names())
      if (regex_finds(print(term), name)) names.emplace_back(name);
  return names;
}

List random_choice(Context& context, const List& terms, Arguments&) {
  if (terms.empty()) return {};
  PythonRandom random(context.services().random());
  return {terms[random.below(terms.size())]};
}

struct Sequence {
  std::int64_t start = 1, stride = 1;
  std::optional<std::int64_t> end, count;
  std::string format = "%d";
};

std::int64_t number(const Value& value) {
  if (is_whole(value)) return whole(value);
  const std::string text = print(value);
  const bool hexadecimal = text.rfind("0x", 0) == 0, octal = !hexadecimal && text.size() > 1 && text.front() == '0';
  const auto found = parse_integer(text, hexadecimal ? 16 : octal ? 8 : 10);
  if (!found) throw Error("'sequence' needs whole numbers, and this is " + repr(value));
  return *found;
}

void set(Sequence& sequence, const std::string& name, const Value& value) {
  if (name == "start")
    sequence.start = number(value);
  else if (name == "end")
    sequence.end = number(value);
  else if (name == "count")
    sequence.count = number(value);
  else if (name == "stride")
    sequence.stride = number(value);
  else if (name == "format")
    sequence.format = print(value);
  else
    throw Error("'sequence' has no argument '" + name + "'").hint("it takes start, end, count, stride and format");
}

// "5", "5-8", "2-10/2", "4:host%02d"
bool read_short_form(Sequence& sequence, std::string text) {
  if (text.empty() || text.find('=') != text.npos) return false;
  if (const auto colon = text.find(':'); colon != text.npos) {
    sequence.format = text.substr(colon + 1);
    text.erase(colon);
  }
  if (const auto slash = text.find('/'); slash != text.npos) {
    sequence.stride = number(Value(text.substr(slash + 1)));
    text.erase(slash);
  }
  if (const auto dash = text.find('-', 1); dash != text.npos) {
    sequence.start = number(Value(text.substr(0, dash)));
    text.erase(0, dash + 1);
  }
  sequence.end = number(Value(text));
  return true;
}

void run(const Sequence& sequence, Context& context, List& result) {
  if (!sequence.end && !sequence.count) throw Error("'sequence' needs 'end' or 'count'");
  if (sequence.end && sequence.count) throw Error("'sequence' takes either 'end' or 'count'");
  const std::int64_t start = sequence.start, stride = sequence.stride;
  std::int64_t end = sequence.end.value_or(0);
  if (sequence.count) {
    if (*sequence.count == 0) return;
    std::int64_t way = 0;
    // As Ansible computes it, which is right only for a stride that counts up.
    if (__builtin_mul_overflow(*sequence.count, stride, &way) || __builtin_add_overflow(start, way, &end) ||
        __builtin_sub_overflow(end, 1, &end))
      throw Error("'sequence' goes beyond 64 bits");
  }
  if (stride > 0 && end < start)
    throw Error("'sequence' counts up, but its end is below its start").hint("a negative 'stride' counts down");
  if (stride < 0 && end > start) throw Error("'sequence' counts down, but its end is above its start");
  if (stride == 0) return;
  // Unsigned, where nothing overflows: from one end of the numbers to the other is further than an int64_t holds.
  const auto first = static_cast<std::uint64_t>(start), last = static_cast<std::uint64_t>(end);
  const auto step = static_cast<std::uint64_t>(stride);
  const std::uint64_t steps = stride < 0 ? (first - last) / (0 - step) : (last - first) / step;
  if (steps >= most_items || result.size() + steps >= most_items)
    throw Error("'sequence' is too long").hint("the limit is " + std::to_string(most_items));
  for (std::uint64_t i = 0; i <= steps; ++i) {
    std::string text = percent_format(sequence.format, Value(static_cast<std::int64_t>(first + i * step)));
    context.spend(text.size());
    result.emplace_back(std::move(text));
  }
}

List sequence(Context& context, const List& terms, Arguments& options) {
  List result;
  Strings texts;
  for (const Value& term : terms) texts.push_back(print(term));
  if (texts.empty()) texts.emplace_back();
  for (const std::string& text : texts) {
    Sequence one;
    if (!read_short_form(one, text))
      for (const std::string& word : split(text)) {
        const auto equals = word.find('=');
        if (equals == word.npos)
          throw Error("'sequence' does not understand '" + word + "'").hint("expected start=1 end=5, or 1-5");
        set(one, word.substr(0, equals), Value(word.substr(equals + 1)));
      }
    for (const auto& [name, value] : options.named) set(one, name, value);
    run(one, context, result);
  }
  return result;
}

List template_(Context& context, const List& terms, Arguments& options) {
  Map more;
  if (const auto given = options.take("template_vars")) more = map_of(*given);
  List texts;
  for (const Value& term : terms) {
    const auto source = context.services().source(print(term), context.search_path());
    if (!source) throw Error("there is no template '" + print(term) + "'");
    texts.push_back(context.render_source(*source, more));
  }
  return texts;
}

const std::map<std::string_view, Lookup>& known() {
  static const std::map<std::string_view, Lookup> lookups = {{"items", items},
                                                             {"list", list},
                                                             {"indexed_items", indexed_items},
                                                             {"dict", dict},
                                                             {"flattened", flattened},
                                                             {"nested", nested},
                                                             {"cartesian", nested},
                                                             {"together", together},
                                                             {"subelements", subelements},
                                                             {"vars", variables},
                                                             {"varnames", variable_names},
                                                             {"random_choice", random_choice},
                                                             {"sequence", sequence},
                                                             {"template", template_}};
  return lookups;
}

Value joined(const List& found, bool want_list) {
  if (want_list) return found;
  if (!std::all_of(found.begin(), found.end(), [](const Value& value) { return value.is_string(); }))
    return found.size() == 1 ? found.front() : Value(found);
  if (found.empty()) return List();
  std::string text;
  for (std::size_t i = 0; i < found.size(); ++i) text += (i > 0 ? "," : "") + found[i].string();
  return text;
}

}  // namespace

const Strings& inner_lookups() {
  static const Strings names = [] {
    Strings all;
    for (const auto& entry : known()) all.emplace_back(entry.first);
    return all;
  }();
  return names;
}

std::optional<List> inner_lookup(Context& context, std::string_view name, const List& terms, Arguments& options) {
  const auto found = known().find(name);
  if (found == known().end()) return std::nullopt;
  return found->second(context, terms, options);
}

// `errors='ignore'` and 'warn' make nothing of a lookup that fails.
Value Interpreter::lookup(const std::string& full_name, List terms, Arguments options, bool want_list) {
  const Run::Level level(run_);
  const auto dot = full_name.rfind('.');
  const std::string name = dot == full_name.npos ? full_name : full_name.substr(dot + 1);
  const auto errors = options.take("errors");
  const bool forgiving = errors && errors->is_string() && errors->string() != "strict";
  for (Value& term : terms) {
    if (const Undefined* missing = as_undefined(term)) throw UndefinedError(missing->error());
    if (term.is_unknown()) return term;
    term = opened(term);
  }
  try {
    if (const auto found = inner_lookup(*this, name, terms, options)) return joined(*found, want_list);
    LookupCall call{name, std::move(terms), {}, search_path()};
    for (Value& term : call.terms) term = plain(term);
    for (auto& [key, value] : options.named) {
      if (value.is_unknown()) return value;
      if (!is_undefined(value)) call.options.set(key, plain(value));
    }
    if (const auto found = services().lookup(call)) return joined(*found, want_list);
  } catch (const Error&) {
    if (!forgiving) throw;
    return want_list ? Value(List()) : Value();
  }
  Error error("there is no lookup '" + full_name + "'");
  if (auto hint = did_you_mean(name, lookup_names())) error.hint(*std::move(hint));
  throw error;
}

Value Interpreter::render_source(const Source& source, const Map& more) {
  const Run::Level level(run_);
  Syntax syntax;
  syntax.trim_blocks = run_.options().trim_blocks;
  syntax.lstrip_blocks = run_.options().lstrip_blocks;
  const Where start{std::make_shared<const std::string>(source.path), 1, 1};
  const ProgramPtr program = parse_template(source.text, syntax, run_.registry());
  Interpreter inner(run_, variables_, program, start);
  for (const auto& [name, value] : more) inner.frame_->set(name, value);
  Collected output;
  inner.run(output);
  const Value result = output.value(program->final_newlines);
  if (result.is_unknown()) throw Unknown(result.reasons());
  return result;
}

Strings lookup_names() {
  Strings names = inner_lookups();
  names.insert(names.end(), outside_lookups().begin(), outside_lookups().end());
  return names;
}

}  // namespace agent::jinja
