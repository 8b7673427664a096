#include <algorithm>
#include <istream>
#include <optional>
#include <streambuf>
#include <string>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <agent/yaml/builder.hpp>
#include <agent/yaml/json.hpp>
#include <agent/yaml/mistakes.hpp>
#include <agent/yaml/source.hpp>
#include <agent/yaml/yaml.hpp>

namespace agent::yaml {
namespace {

/// The most marks that yaml-cpp may read ahead of what it has understood. It keeps tokens for them until the collection
/// ends, which would take gigabytes for a text of a few megabytes.
constexpr std::ptrdiff_t most_pending = 250'000;
/// The most bytes that one text may take, with its escapes and line breaks: reading on would only cost time.
constexpr std::streamsize longest_pending = std::streamsize{7} << 20;

bool makes_tokens(char c) {
  return c == '{' || c == '[' || c == ',' || c == '&' || c == '*' || c == '!';
}

/// A stream over bytes that are there already. The scanner reads it in small pieces, so it sees how far that runs
/// ahead.
class View : public std::streambuf {
 public:
  explicit View(const Source& source) : source_(source) {
    char* const begin = const_cast<char*>(source.text().data());  // never written: there is no put area
    setg(begin, begin, begin + source.text().size());
  }

  /// The scanner has understood what it read so far.
  void understood() { pending_ = 0, pending_bytes_ = 0; }

 protected:
  std::streamsize xsgetn(char* to, std::streamsize count) override {
    const std::streamsize size = std::min(count, static_cast<std::streamsize>(egptr() - gptr()));
    std::copy(gptr(), gptr() + size, to);
    pending_ += std::count_if(gptr(), gptr() + size, makes_tokens);
    setg(eback(), gptr() + size, egptr());
    pending_bytes_ += size;
    if (pending_ > most_pending || pending_bytes_ > longest_pending)
      throw Error("a list in brackets, or a text, is too large to be read")
          .at(source_.place(static_cast<std::size_t>(gptr() - eback())))
          .hint("write long lists one item a line, each with '- '");
    return size;
  }

 private:
  const Source& source_;
  std::ptrdiff_t pending_ = 0;
  std::streamsize pending_bytes_ = 0;
};

/// Hands yaml-cpp's events on, with marks turned into places and tags cleaned of its two stand-ins.
class Events : public YAML::EventHandler {
 public:
  Events(const Source& source, Builder& builder, View& view) : source_(source), builder_(builder), view_(view) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    builder_.scalar(place(mark), {}, anchor, {}, Builder::Style::plain);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override { builder_.alias(place(mark), anchor); }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    if (tag == "!") quoted_ = mark;
    const Where start = place(mark);
    // A tag that is wrong is pointed at itself, not at the text behind it.
    const bool has_other_tag = tag != "!" && tag != "?" && tag != "!unsafe" && tag != "!vault";
    const bool is_at_mark = has_other_tag || (tag == "?" && anchor == 0);
    builder_.scalar(is_at_mark ? start : source_.content(mark.line, mark.column, value), clean(tag), anchor, value,
                    tag == "?" ? Builder::Style::plain : Builder::Style::quoted);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    builder_.begin_list(place(mark), clean(tag), anchor);
  }
  void OnSequenceEnd() override { builder_.end(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    builder_.begin_map(place(mark), clean(tag), anchor);
  }
  void OnMapEnd() override { builder_.end(); }

  /// Where the last node began, in bytes.
  const YAML::Mark& last() const { return last_; }
  /// Where the last quoted or block scalar began; null mark when there is none.
  const YAML::Mark& last_quoted() const { return quoted_; }

 private:
  Where place(const YAML::Mark& mark) {
    last_ = mark;
    view_.understood();
    reject_tab_indentation(source_, mark.line, mark.column);
    return source_.place(mark.line, mark.column);
  }
  static std::string_view clean(const std::string& tag) {
    return tag == "!" || tag == "?" ? std::string_view() : std::string_view(tag);
  }
  const Source& source_;
  Builder& builder_;
  View& view_;
  YAML::Mark last_ = YAML::Mark::null_mark();
  YAML::Mark quoted_ = YAML::Mark::null_mark();
};

/// Only asks whether there is a second document, and where.
class Peek : public YAML::EventHandler {
 public:
  struct Found {
    YAML::Mark mark;
  };
  void OnDocumentStart(const YAML::Mark& mark) override { throw Found{mark}; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}
};

bool is_boundary(std::string_view line) {
  const std::string_view mark = line.substr(0, 3);
  return (mark == "---" || mark == "...") && (line.size() == 3 || line[3] == ' ' || line[3] == '\t');
}

/// yaml-cpp takes whatever follows the first node for a second document, `---` or not; what would be dropped without a
/// word is a mistake.
void reject_leftovers(const Source& source, YAML::Parser& parser, const YAML::Mark& last) {
  YAML::Mark next = YAML::Mark::null_mark();
  try {
    Peek peek;
    if (!parser.HandleNextDocument(peek)) return;
  } catch (const Peek::Found& found) {
    next = found.mark;
  } catch (const YAML::Exception& failure) {
    next = failure.mark;
  }
  if (next.is_null()) return;
  for (int line = std::max(last.line, 0); line <= next.line; ++line)
    if (is_boundary(source.line(static_cast<std::size_t>(line)))) return;
  throw leftover(source, next.line, next.column);
}

}  // namespace

Document read(std::string_view text, std::shared_ptr<const std::string> file, const Options& options) {
  if (text.size() > options.limits.file)
    throw Error("the text has " + std::to_string(text.size()) + " bytes, more than the limit of " +
                std::to_string(options.limits.file))
        .at({file, 1, 1});
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  if (text.substr(0, 14) == "$ANSIBLE_VAULT")
    throw Error("the file is encrypted, and encrypted files cannot be read yet")
        .at({file, 1, 1})
        .hint("decrypt it: ansible-vault decrypt " + (file ? *file : "FILE"));
  const Source source(text, file);
  if (std::optional<Document> document = read_json(source, options)) return std::move(*document);

  source.limit_lines(options.limits.line);
  Builder builder(source, options);
  View view(source);
  Events events(source, builder, view);
  std::istream stream(&view);
  try {
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(events)) return {};
    reject_open_quote(source, events.last_quoted().line, events.last_quoted().column);
    reject_leftovers(source, parser, events.last());
  } catch (const YAML::Exception& failure) {
    throw explain(source, failure.msg, failure.mark.line, failure.mark.column);
  }
  return builder.take();
}

Document read(std::string_view text, const std::string& file, const Options& options) {
  return read(text, std::make_shared<const std::string>(file), options);
}

}  // namespace agent::yaml
