// What the module promises is what a real bash does, so here a real bash is asked, over many generated files.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/fake_host.hpp>

#include <agent/sdk/shell_words.hpp>

#include "bashrc_env.hpp"
#include "simulation.hpp"

namespace agent::bashrc_env {
namespace {

using namespace agent::test;

/// A home directory on this machine, gone with the object.
class Home {
 public:
  Home() {
    std::string name = ::testing::TempDir() + "bashrc_env_XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) throw Error("no temporary directory");
    path_ = name;
  }
  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;
  ~Home() { std::filesystem::remove_all(path_); }

  const Path& path() const { return path_; }
  Path bashrc() const { return path_ / ".bashrc"; }
  void write(const std::string& text) const { std::ofstream(bashrc(), std::ios::binary) << text; }

  /// What a new interactive bash prints for `command`.
  std::string asks(const std::string& command) const {
    const std::string line = "env -i HOME=" + quoted_word(path_.string()) +
                             " USER=alice PATH=/usr/bin:/bin INHERITED=in:herited bash -ic " + quoted_word(command) +
                             " </dev/null 2>/dev/null";
    FILE* pipe = ::popen(line.c_str(), "r");
    std::string out;
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) out += static_cast<char>(c);
    ::pclose(pipe);
    return out;
  }
  /// The variable as a child of that bash gets it; "<unset>" where it gets none.
  std::string sees(const std::string& name) const { return asks("sh -c 'printf %s \"${" + name + "-<unset>}\"'"); }

 private:
  Path path_;
};

FakeHost host_of(const Home& home, const std::string& text) {
  FakeHost host;
  User user = alice();
  user.home = home.path().string();
  host.with_user(user).with_file(home.bashrc(), text, 0644, "alice").as(user);
  host.with_environment("PATH", "/usr/bin:/bin").with_environment("INHERITED", "in:herited");
  return host;
}

/// One run of the module: the file it leaves, and what it says a new shell will see.
struct Done {
  std::string text;
  Value value;
};

Done run(const Home& home, const std::string& text, const Args& args) {
  FakeHost host = host_of(home, text);
  const auto module = any();
  const Plan plan = module->check(args, host);
  module->apply(plan, host);
  const std::string after = host.content(home.bashrc());
  EXPECT_TRUE(module->check(args, host).empty()) << "did not converge on:\n" << text << "\n-- but left:\n" << after;
  return {after, *plan.result.find("value")};
}

/// Pieces of ~/.bashrc as people and tools leave them there, some of them deep in constructions.
std::string generated(std::mt19937& random) {
  static const Strings pieces = {"# a comment with 'one quote\n",
                                 "\n",
                                 "alias ll='ls -l'\n",
                                 "case $- in\n    *i*) ;;\n      *) return;;\nesac\n",
                                 "if [ -d \"$HOME/bin\" ] ; then\n    PATH=\"$HOME/bin:$PATH\"\nfi\n",
                                 "export EDITOR=vi # my choice\n",
                                 "f() {\n  local x=$1\n  case $x in a) echo a;; b|c) echo b;; esac\n}\n",
                                 "HISTSIZE=1000\n",
                                 "export PATH=/opt/a:$PATH\n",
                                 "export PATH=\"/opt/b b:$PATH\"\n",
                                 "PATH=$PATH:/opt/c\n",
                                 "export PATH=$PATH:'/opt/d'\n",
                                 "export X=old\n",
                                 "X=plain\n",
                                 "export X\n",
                                 "declare -x X=\"de$HOME\"\n",
                                 "unset X\n",
                                 "export X=$(echo from a command)\n",
                                 "if true; then export X=inside; fi\n",
                                 "if false; then export X=never; fi\n",
                                 "true && X=chained\n",
                                 "export X='single $HOME'\n",
                                 "g() { export X=function; }\n",
                                 "cat >/dev/null <<EOF\nexport X=heredoc ' \"\nEOF\n",
                                 "cat >/dev/null <<-'EOF'\n\tif\n\tEOF\n",
                                 "for d in /usr/bin /bin; do :; done\n",
                                 "while false; do X=loop; done\n",
                                 "(X=subshell)\n",
                                 "{ X=group; }\n",
                                 "[[ $TERM == @(a|b) ]] && echo \"no )\" >/dev/null\n",
                                 "echo \"a # b\" 'it'\\''s' >/dev/null\n",
                                 "x=$(( (1 + 2) * 3 ))\n",
                                 "((n++))\n",
                                 "export L=${L:+$L:}/lib\n",
                                 "export A=1 X=\"second word\" B=2\n",
                                 "X=one; export X\n",
                                 "X+=more\n",
                                 "export X=a\\ b\n",
                                 "export X=$'tab\\there'\n",
                                 "arr=(a b c)\n",
                                 "export X=~/tilde\n",
                                 "export X=\"multi\nline\"\n",
                                 ("# >>> conda initialize >>>\n__s=\"$('/nowhere/conda' 'shell.bash' 2> "
                                  "/dev/null)\"\nif [ $? -eq 0 ]; then\n    eval \"$__s\"\nelse\n"
                                  "    export PATH=\"/opt/conda/bin:$PATH\"\nfi\n# <<< conda initialize <<<\n"),
                                 "export PATH=\"/opt/e:$PATH\" X=both\n",
                                 "function h { echo; }\n",
                                 "! true\n",
                                 "export X=end;\n",
                                 "until true; do :; done\n",
                                 "select_=1; if_=2\n",
                                 "echo if then fi done >/dev/null\n",
                                 "export \"X=quoted whole\"\n",
                                 "typeset -x X='t'\n",
                                 "export -n X\n",
                                 "X=`echo back`\n",
                                 "true || { export X=braces; }\n",
                                 "time true 2>/dev/null\n",
                                 "export PATH=\"${PATH}:/opt/f\" # path\n"};
  std::uniform_int_distribution<std::size_t> which(0, pieces.size() - 1), how_many(0, 9), last(0, 5);
  std::string text;
  for (std::size_t n = how_many(random); n > 0; --n) text += pieces[which(random)];
  if (last(random) == 0) text += "return\nexport X=behind the return\nexport PATH=/behind\n";
  if (last(random) == 0) text += "\nif true; then\n  echo unfinished\n";
  if (last(random) == 0 && !text.empty()) text.pop_back();
  return text;
}

/// The text without the newline that an unfinished last line had to be given.
bool same_but_for_last_newline(const std::string& text, const std::string& original) {
  return text == original || text == original + "\n";
}

class GeneratedBashrc : public ::testing::TestWithParam<unsigned> {
 protected:
  Home home_;
};

TEST_P(GeneratedBashrc, HasTheValueInARealShell) {
  std::mt19937 random(GetParam());
  static const std::pair<const char*, const char*> values[] = {{"plain", "plain"},
                                                               {"$HOME/ml", "HOME/ml"},
                                                               {"~/x y", "HOME/x y"},
                                                               {"a\"b'c`d\\e$(f)#;&", "a\"b'c`d\\e$(f)#;&"},
                                                               {"", ""},
                                                               {"\\$HOME", "$HOME"},
                                                               {"${INHERITED}!", "in:herited!"},
                                                               {"two\nlines", "two\nlines"},
                                                               {"*", "*"}};
  const auto& [value, meaning] = values[random() % std::size(values)];
  std::string expected = meaning;
  if (expected.rfind("HOME", 0) == 0) expected.replace(0, 4, home_.path().string());

  const std::string before = generated(random);
  const Args args = {{"name", "X"}, {"value", value}};
  const Done done = run(home_, before, args);
  home_.write(done.text);
  EXPECT_EQ(home_.sees("X"), expected) << done.text;
  if (!done.value.is_null()) {
    EXPECT_EQ(done.value, Value(expected)) << done.text;
  }

  const Done undone = run(home_, done.text, {{"name", "X"}, {"state", "absent"}});
  EXPECT_TRUE(same_but_for_last_newline(undone.text, before) || before.find("\nreturn") != std::string::npos ||
              before.find("unfinished") != std::string::npos)
      << "was:\n"
      << before << "\n-- and is:\n"
      << undone.text;
}

TEST_P(GeneratedBashrc, HasTheEntryOnceInARealShellAndInAShellOfThat) {
  std::mt19937 random(GetParam() + 1000000);
  static const char* const entries[] = {"$HOME/.local/bin",    "/opt/a", "/opt/my tools", "~/bin",
                                        "/usr/local/cuda/bin", "/bin"};
  const std::string entry = entries[random() % std::size(entries)];
  std::string meaning = entry;
  if (meaning.rfind("$HOME", 0) == 0) meaning.replace(0, 5, home_.path().string());
  if (meaning.rfind("~", 0) == 0) meaning.replace(0, 1, home_.path().string());

  const std::string before = generated(random);
  home_.write(before);
  const Strings old = list_of(home_.sees("PATH"));
  const Args args = {{"name", "PATH"}, {random() % 2 == 0 ? "prepend" : "append", entry}};
  const Done done = run(home_, before, args);
  home_.write(done.text);
  const std::string path = home_.sees("PATH");
  const auto count = [&](const Strings& list) { return std::count(list.begin(), list.end(), meaning); };
  // What was doubled by the person's own lines is not ours to undo.
  EXPECT_EQ(count(list_of(path)), std::max<std::ptrdiff_t>(1, count(old))) << path << "\n" << done.text;
  Strings rest;
  for (const std::string& part : list_of(path))
    if (part != meaning) rest.push_back(part);
  Strings old_rest;
  for (const std::string& part : old)
    if (part != meaning) old_rest.push_back(part);
  EXPECT_EQ(rest, old_rest) << "something else changed in PATH by\n" << done.text;

  Args absent = args;
  absent.set("state", "absent");
  const Done undone = run(home_, done.text, absent);
  EXPECT_TRUE(same_but_for_last_newline(undone.text, before) || before.find("\nreturn") != std::string::npos ||
              before.find("unfinished") != std::string::npos)
      << "was:\n"
      << before << "\n-- and is:\n"
      << undone.text;
}

TEST_P(GeneratedBashrc, MeansToTheSimulationWhatItMeansToBash) {
  std::mt19937 random(GetParam() + 2000000);
  const std::string text = generated(random);
  home_.write(text);
  const Script script = parse_script(text);
  bool sure = true;
  for (const Statement& statement : script.statements)
    if (!statement.certain && statement.range.of(text).find("X=") != std::string_view::npos) sure = false;
  const auto seen = seen_value(text, "X", {"", home_.path().string(), "alice"},
                               [](const std::string&) { return std::optional<std::string>(); });
  if (!sure || !seen) return;
  EXPECT_EQ(home_.asks("printf %s \"${X-<unset>}\""), *seen) << text;
}

INSTANTIATE_TEST_SUITE_P(BashrcEnv, GeneratedBashrc, ::testing::Range(0U, 150U));

TEST(BashrcEnvInAShellOfAShell, HasTheEntryOnce) {
  const Home home;
  const Done done = run(home, "alias a=b\n", {{"name", "PATH"}, {"prepend", "$HOME/.local/bin"}});
  home.write(done.text);
  const std::string entry = home.path().string() + "/.local/bin";
  EXPECT_EQ(home.asks("bash -ic 'bash -ic \"printf %s \\\"\\$PATH\\\"\"'"), entry + ":/usr/bin:/bin");
}

}  // namespace
}  // namespace agent::bashrc_env
