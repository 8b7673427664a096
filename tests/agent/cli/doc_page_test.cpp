#include <gtest/gtest.h>

#include <agent/cli/doc_page.hpp>

namespace agent::cli {
namespace {

Spec spec() {
  Spec out;
  out.name = "package";
  out.summary = "Installs and removes packages.";
  Argument name;
  name.name = "name";
  name.type = Type::list;
  name.help = "one package, or a list";
  name.required = true;
  name.aliases = {"pkg"};
  Argument state;
  state.name = "state";
  state.help = "present | absent";
  state.choices = {"present", "absent"};
  state.default_text = "present";
  out.arguments = {name, state};
  out.returns = {{"rc", "integer", "exit code"}};
  out.examples = {{"One", "- package: {name: vim}"}};
  return out;
}

TEST(ADocPage, IsReadableOnATerminal) {
  EXPECT_EQ(text_page(spec(), {"debian"}),
            "package\n\n  Installs and removes packages.\n\n  for: debian\n\narguments\n"
            "  name  (list, required, also pkg)\n      one package, or a list\n"
            "  state  (text, one of present, absent, default present)\n      present | absent\n\n"
            "results\n  rc  (integer)\n      exit code\n\nexamples\n  # One\n  - package: {name: vim}\n\n");
}

TEST(ADocPage, IsATableInMarkdown) {
  EXPECT_EQ(markdown_page(spec(), {}),
            "# package\n\nInstalls and removes packages.\n\n## Arguments\n\n"
            "| argument | type | default | |\n|---|---|---|---|\n"
            "| `name` | list | **required** | one package, or a list; also `pkg` |\n"
            "| `state` | text | `present` | present \\| absent; one of `present`, `absent` |\n\n"
            "## Results\n\n| name | type | |\n|---|---|---|\n| `rc` | integer | exit code |\n\n"
            "## Examples\n\nOne:\n\n```yaml\n- package: {name: vim}\n```\n");
}

}  // namespace
}  // namespace agent::cli
