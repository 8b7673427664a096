#include <agent/report/json_stream.hpp>
#include <agent/report/shown_text.hpp>

namespace agent::report {

void JsonStream::open(char bracket, char closing) {
  out_ << bracket;
  levels_.push_back({closing});
}

void JsonStream::close() {
  const Level level = levels_.back();
  levels_.pop_back();
  if (!level.is_empty) line();
  out_ << level.closing;
}

void JsonStream::item() {
  if (!levels_.back().is_empty) out_ << (indent_ > 0 ? "," : ", ");
  levels_.back().is_empty = false;
  line();
}

void JsonStream::name(std::string_view name) {
  item();
  out_ << json_shown(Value(std::string(name))) << ": ";
}

void JsonStream::put(const Value& value) {
  out_ << json_shown(value, indent_, static_cast<int>(levels_.size()));
}

void JsonStream::line() {
  if (indent_ == 0) return;
  out_ << '\n';
  for (std::size_t i = 0; i < levels_.size() * static_cast<std::size_t>(indent_); ++i) out_ << ' ';
}

}  // namespace agent::report
