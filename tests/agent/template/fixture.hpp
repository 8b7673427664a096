#pragma once

#include <map>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <agent/template/engine.hpp>

namespace agent::jinja {

/// A controller made of a map: the templates it has, and lookups that answer with their own terms.
class FakeServices : public LocalServices {
 public:
  std::optional<Source> source(const std::string& name, const Strings&) const override {
    const auto found = templates.find(name);
    return found == templates.end() ? std::nullopt : std::optional(Source{found->second, name});
  }
  std::chrono::system_clock::time_point now() const override {
    return std::chrono::system_clock::time_point(std::chrono::seconds(86'400));
  }
  std::uint64_t random() const override { return 7; }

  std::map<std::string, std::string> templates;
};

/// An engine and variables to try templates on.
class TemplateTest : public testing::Test {
 public:
  /// What a playbook says: text that may be rendered, at line 3 column 7 of play.yml.
  static Value written(const std::string& text) {
    return Value::template_text(text, {std::make_shared<const std::string>("play.yml"), 3, 7});
  }
  Value render(const std::string& text, Map variables = {}) const {
    return engine.render(written(text), MapScope(std::move(variables)));
  }
  std::string file(const std::string& text, Map variables = {}) const {
    return engine.render_file(text, {std::make_shared<const std::string>("a.j2"), 1, 1},
                              MapScope(std::move(variables)));
  }
  Truth test(const std::string& text, Map variables = {}) const {
    return engine.test(written(text), MapScope(std::move(variables)));
  }
  /// "place: message; hint" of what goes wrong.
  std::string failure(const std::string& text, Map variables = {}) const {
    try {
      return "no failure, but " + render(text, std::move(variables)).json();
    } catch (const Error& error) {
      return described(error);
    }
  }
  static std::string described(const Error& error) {
    std::string text = error.where().text() + ": " + error.message();
    for (const std::string& hint : error.hints()) text += "; " + hint;
    return text;
  }

  FakeServices services;
  Engine engine{services, [] {
                  Options options;
                  options.do_statement = options.loop_controls = true;
                  return options;
                }()};
};

}  // namespace agent::jinja
