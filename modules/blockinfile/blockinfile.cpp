#include <algorithm>

#include <agent/sdk/file_edit.hpp>
#include <agent/sdk/regex.hpp>

namespace agent::blockinfile {
namespace {

struct Want : FileEdit {
  std::string state = "present", block;
  std::string marker = "# {mark} ANSIBLE MANAGED BLOCK", marker_begin = "BEGIN", marker_end = "END";
  std::optional<std::string> insertafter, insertbefore;
  bool append_newline = false, prepend_newline = false;
};

const SpecOf<Want>& arguments() {
  static const auto spec =
      with_edit_options(
          edit_spec<Want>("blockinfile", "Keeps a block of lines in a text file, between two marker lines.")
              .description(
                  "The markers are how the block is found again: two blocks in one file need two `marker` texts, each "
                  "with `{mark}` in it.")
              .optional("block", &Want::block, "the lines; none at all takes the block out")
              .alias("content")
              .optional("state", &Want::state, "whether the block shall be there")
              .choices({"present", "absent"})
              .optional("marker", &Want::marker, "the marker line; {mark} becomes BEGIN and END")
              .optional("marker_begin", &Want::marker_begin, "what {mark} becomes above the block")
              .optional("marker_end", &Want::marker_end, "what {mark} becomes below the block")
              .optional("insertafter", &Want::insertafter,
                        "where to add it: behind the last line that matches this pattern, or at the end (EOF)")
              .optional("insertbefore", &Want::insertbefore,
                        "where to add it: before the last line that matches this pattern, or at the beginning (BOF)")
              .optional("append_newline", &Want::append_newline, "keep an empty line below the block")
              .optional("prepend_newline", &Want::prepend_newline, "keep an empty line above the block")
              .optional("create", static_cast<bool Want::*>(&Want::create), "make the file where it does not exist"))
          .exclusive({"insertbefore", "insertafter"})
          .example("Names of the cluster's machines",
                   "- blockinfile:\n    path: /etc/hosts\n    marker: \"# {mark} gpu cluster\"\n    block: |\n"
                   "      10.0.0.11 gpu1\n      10.0.0.12 gpu2")
          .returns("msg", "text", "\"Block inserted\", \"Block removed\", \"File created\", or nothing")
          .returns("backup_file", "text", "the old file, where one was kept");
  return spec;
}

std::string marker_line(const Want& want, const std::string& mark) {
  std::string line = want.marker;
  for (std::size_t at = line.find("{mark}"); at != std::string::npos; at = line.find("{mark}", at + mark.size()))
    line.replace(at, 6, mark);
  return line + "\n";
}

// A text as Python's bytes.splitlines(keepends=True) has it: also a lone carriage return ends a line.
Strings lines_of(const std::string& text) {
  Strings lines;
  std::string line;
  for (std::size_t i = 0; i < text.size(); ++i) {
    line += text[i];
    if (text[i] == '\n' || (text[i] == '\r' && (i + 1 == text.size() || text[i + 1] != '\n'))) {
      lines.push_back(std::move(line));
      line.clear();
    }
  }
  if (!line.empty()) lines.push_back(std::move(line));
  return lines;
}

// The number of the line that a new block goes before.
std::size_t place_of(const Want& want, const Strings& lines, const std::string& text) {
  const bool after = want.insertafter && *want.insertafter != "EOF";
  const bool before = want.insertbefore && *want.insertbefore != "BOF";
  if (!after && !before) return want.insertbefore ? 0 : lines.size();
  const std::string& place = after ? *want.insertafter : *want.insertbefore;
  std::optional<std::size_t> found;
  try {
    const Regex expression(place, {.bytes = true});
    if (expression.is_multiline()) {
      if (const auto match = expression.search(text)) {
        const auto end = text.begin() + static_cast<std::ptrdiff_t>(after ? match->end() : match->begin());
        found = static_cast<std::size_t>(std::count(text.begin(), end, '\n'));
      }
    } else {
      for (std::size_t i = 0; i < lines.size(); ++i)
        if (expression.search(lines[i])) found = i;
    }
  } catch (const Error& error) {
    throw Error(error.message()).about(after ? "insertafter" : "insertbefore");
  }
  if (!found) return lines.size();
  return std::min(after ? *found + 1 : *found, lines.size());
}

// Takes the old block out; the number of the line it started on, or nothing.
std::optional<std::size_t> take_out(Strings& lines, const std::string& begin, const std::string& end) {
  std::optional<std::size_t> first, last;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i] == begin) first = i;
    if (lines[i] == end) last = i;
  }
  if (!first || !last) return std::nullopt;
  if (*last < *first) std::swap(first, last);
  const auto at = [&](std::size_t i) { return lines.begin() + static_cast<std::ptrdiff_t>(i); };
  lines.erase(at(*first), at(*last + 1));
  return first;
}

Edited edited(const Want& want, const std::optional<std::string>& before) {
  const bool present = want.state == "present";
  const std::string text = before.value_or("");
  Strings lines = lines_of(text);
  const std::string begin = marker_line(want, want.marker_begin), end = marker_line(want, want.marker_end);
  Strings block;
  if (present && !want.block.empty()) {
    block = lines_of(want.block.back() == '\n' ? want.block : want.block + "\n");
    block.insert(block.begin(), begin);
    block.push_back(end);
  }
  const auto old = take_out(lines, begin, end);
  std::size_t at = old ? *old : place_of(want, lines, text);
  const auto insert = [&](std::size_t where, const std::string& line) {
    lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(where), line);
  };
  if (at > 0 && lines[at - 1].back() != '\n') lines[at - 1] += '\n';
  if (want.prepend_newline && present && at != 0 && lines[at - 1] != "\n") insert(at++, "\n");
  lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(at), block.begin(), block.end());
  const std::size_t below = at + block.size();
  if (want.append_newline && present && below < lines.size() && lines[below] != "\n") insert(below, "\n");

  Edited result;
  result.text.emplace();
  for (const std::string& line : lines) *result.text += line;
  if (before == result.text) return result;
  result.message = !before ? "File created" : block.empty() ? "Block removed" : "Block inserted";
  return result;
}

class BlockInFile : public FileModule {
 public:
  Plan check(const Args& args, const Host& host) const override {
    const Want want = arguments().read(args);
    if (want.state == "absent" && want.create && !host.stat(edited_file(want, host)))
      return {.steps = {}, .result = {{"msg", "File " + want.path + " not present"}}};
    if (want.marker.find("{mark}") == std::string::npos && want.marker_begin != want.marker_end)
      throw Error("the marker '" + want.marker + "' has no {mark}, so the block's end could not be told from its start")
          .hint("for example: marker: \"# {mark} of my block\"")
          .about("marker");
    return plan_edit(
        want, [&](const auto& before) { return edited(want, before); }, host);
  }
};

constexpr Variant variants[] = {{"any", variant<BlockInFile>}};

}  // namespace

Manifest manifest() {
  return {[]() -> const Spec& { return arguments(); }, variants};
}

}  // namespace agent::blockinfile

AGENT_MODULE(agent::blockinfile::arguments, agent::blockinfile::variants)
