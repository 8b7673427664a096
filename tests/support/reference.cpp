#include "reference.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include <agent/sdk/codec.hpp>
#include <agent/sdk/file_mode.hpp>

#include "printing.hpp"

namespace agent::test {
namespace {

const Path root_directory = "/d", edited = "/d/file";

Value read_reference(const Path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error("there is no file '" + path.string() + "'");
  std::ostringstream text;
  text << file.rdbuf();
  return parse_json(text.str(), path.string());
}

/// How one run went.
struct Ran {
  bool failed = false, changed = false, event = false;
  Map result;
  std::string error;
};

Ran run(const TestedModule& module, const Args& args, FakeHost& host) {
  try {
    const Plan plan = module.check(args, host);
    module.apply(plan, host);
    const bool event = std::any_of(plan.steps.begin(), plan.steps.end(), [](const Step& step) { return step.event; });
    return {.changed = !plan.empty(), .event = event, .result = plan.result};
  } catch (const Error& error) {
    return {.failed = true, .error = error.message()};
  }
}

Value content(const FakeHost& host) {
  const auto text = host.read(edited);
  return text ? Value(*text) : Value();
}

void expect_edit(const TestedModule& module, const Value& given) {
  FakeHost host;
  host.with_directory(root_directory);
  if (given["before"].is_string()) host.with_file(edited, given["before"].string());
  Args args = given["args"].map();
  args.set("path", edited.string());
  const Ran first = run(module, args, host);
  EXPECT_EQ(Value(first.failed), given["failed"]) << first.error;
  EXPECT_EQ(content(host), given["after"]);
  if (first.failed || given["failed"].boolean()) return;
  EXPECT_EQ(Value(first.changed), given["changed"]);
  EXPECT_EQ(first.result.contains("msg") ? *first.result.find("msg") : Value(""), given["msg"]);
  const Ran second = run(module, args, host);
  EXPECT_EQ(content(host), given["again"]) << "of the second run";
  EXPECT_FALSE(second.changed && !first.event) << "a second run changes something, which the first did not say";
}

FakeHost host_with_tree(const Value& tree) {
  FakeHost host;
  host.with_directory(root_directory);
  for (const Value& entry : tree.list()) {
    const Path path = root_directory / entry.list()[0].string();
    const std::string kind = entry.list()[1].string(), text = entry.list()[3].string();
    const auto mode = static_cast<unsigned>(entry.list()[2].integer());
    if (kind == "link") host.with_link(path, text);
    if (kind == "directory") host.with_directory(path, mode);
    if (kind == "file") host.with_file(path, text, mode);
  }
  return host;
}

void list_below(const FakeHost& host, const Path& directory, List& found) {
  for (const std::string& name : host.list(directory)) {
    const Path path = directory / name;
    const auto info = host.stat(path, false);
    const std::string shown = path.lexically_relative(root_directory).string();
    if (info->is_link()) {
      found.push_back(List{shown, "link", "", info->target});
    } else if (info->is_directory()) {
      found.push_back(List{shown, "directory", FileMode::text(info->mode), ""});
      list_below(host, path, found);
    } else {
      found.push_back(List{shown, "file", FileMode::text(info->mode), host.content(path)});
    }
  }
}

Value tree_of(const FakeHost& host) {
  List found;
  list_below(host, root_directory, found);
  std::sort(found.begin(), found.end(),
            [](const Value& a, const Value& b) { return a.list()[0].string() < b.list()[0].string(); });
  return found;
}

// The reference keeps the slash at the end of a path where it was given one.
std::string without_slash(std::string text) {
  if (text.size() > 1 && text.back() == '/') text.pop_back();
  return text;
}

void expect_tree(const TestedModule& module, const Value& given, const Value& trees) {
  FakeHost host = host_with_tree(trees[given["tree"].string()]);
  const Args args = given["args"].map();
  const Ran first = run(module, args, host);
  EXPECT_EQ(Value(first.failed), given["failed"]) << first.error;
  if (first.failed || given["failed"].boolean()) return;
  EXPECT_EQ(tree_of(host), given["after"]);
  EXPECT_EQ(Value(first.changed), given["changed"]);
  const Map again = run(module, args, host).result;
  for (const auto& [key, value] : given["result"].map()) {
    const Value* ours = first.result.find(key);
    if (const Value* settled = again.find(key)) ours = settled;  // what the engine registers: the second look's
    EXPECT_TRUE(ours) << "nothing is registered as '" << key << "'";
    if (ours) {
      EXPECT_EQ(without_slash(ours->is_string() ? ours->string() : ours->json()), without_slash(value.string()))
          << "registered as '" << key << "'";
    }
  }
}

template <class Expect>
void expect_all(const Value& cases, const Deviation& differs, Expect&& expect) {
  for (const Value& given : cases.list()) {
    if (differs && differs(given)) continue;
    SCOPED_TRACE(given.json());
    expect(given);
  }
}

}  // namespace

void expect_edits_of_reference(const TestedModule& module, const Path& file, const Deviation& differs) {
  expect_all(read_reference(file), differs, [&](const Value& given) { expect_edit(module, given); });
}

void expect_trees_of_reference(const TestedModule& module, const Path& file, const Deviation& differs) {
  const Value all = read_reference(file);
  expect_all(all["cases"], differs, [&](const Value& given) { expect_tree(module, given, all["trees"]); });
}

}  // namespace agent::test
