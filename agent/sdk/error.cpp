#include <algorithm>
#include <numeric>

#include <agent/sdk/codec.hpp>
#include <agent/sdk/error.hpp>

namespace agent {

namespace {

Value place(const Where& where) {
  if (!where) return {};
  return Map{{"file", *where.file}, {"line", where.line}, {"column", where.column}};
}

Where place(const Value& value) {
  if (!value.is_map()) return {};
  return {std::make_shared<const std::string>(value["file"].string()), static_cast<int>(value["line"].integer()),
          static_cast<int>(value["column"].integer())};
}

// Damerau-Levenshtein with adjacent transpositions: the typos people make.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> older(b.size() + 1), old(b.size() + 1), now(b.size() + 1);
  std::iota(old.begin(), old.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    now[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      now[j] = std::min({old[j] + 1, now[j - 1] + 1, old[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) now[j] = std::min(now[j], older[j - 2] + 1);
    }
    older.swap(old);
    old.swap(now);
  }
  return old[b.size()];
}

}  // namespace

Error::Error(std::string message) : message_(std::move(message)) {}

Error& Error::at(const Where& where) & {
  if (!where_) where_ = where;
  return *this;
}
Error&& Error::at(const Where& where) && {
  return std::move(at(where));
}
Error&& Error::spanning(int width) && {
  return width_ = width, std::move(*this);
}
Error& Error::hint(std::string text) & {
  return hints_.push_back(std::move(text)), *this;
}
Error&& Error::hint(std::string text) && {
  return std::move(hint(std::move(text)));
}
Error& Error::during(std::string what, const Where& where) & {
  return trail_.push_back({std::move(what), where}), *this;
}
Error&& Error::about(std::string argument) && {
  if (argument_.empty()) argument_ = std::move(argument);
  return std::move(*this);
}
Error& Error::with(Map result) & {
  return result_.merge(result), *this;
}
Error&& Error::with(Map result) && {
  return std::move(with(std::move(result)));
}

Value Error::to_value() const {
  List trail;
  for (const Trail& step : trail_) trail.push_back(Map{{"what", step.what}, {"where", place(step.where)}});
  return Map{{"message", message_}, {"where", place(where_)}, {"width", width_},  {"hints", hints_},
             {"trail", trail},      {"argument", argument_},  {"result", result_}};
}

Error Error::from_value(const Value& value) {
  Error error(value["message"].is_string() ? value["message"].string() : "an error without a message");
  error.where_ = place(value["where"]);
  if (value["width"].is_integer()) error.width_ = static_cast<int>(value["width"].integer());
  error.hints_ = strings_from(value["hints"]);
  if (value["trail"].is_list())
    for (const Value& step : value["trail"].list())
      error.trail_.push_back({step["what"].string(), place(step["where"])});
  if (value["argument"].is_string()) error.argument_ = value["argument"].string();
  if (value["result"].is_map()) error.result_ = value["result"].map();
  return error;
}

Strings nearest(std::string_view word, const Strings& candidates, std::size_t most) {
  std::vector<std::pair<std::size_t, std::string>> near;
  const std::size_t limit = std::max<std::size_t>(1, word.size() / 3);
  for (const std::string& candidate : candidates) {
    if (candidate.size() > word.size() + limit || word.size() > candidate.size() + limit) continue;
    if (const std::size_t far = distance(word, candidate); far <= limit) near.emplace_back(far, candidate);
  }
  std::sort(near.begin(), near.end());
  Strings names;
  for (std::size_t i = 0; i < near.size() && i < most; ++i) names.push_back(near[i].second);
  return names;
}

std::optional<std::string> did_you_mean(std::string_view word, const Strings& candidates) {
  const Strings near = nearest(word, candidates);
  if (near.empty()) return std::nullopt;
  return "did you mean '" + near.front() + "'?";
}

}  // namespace agent
