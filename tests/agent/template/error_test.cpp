#include "fixture.hpp"

namespace agent::jinja {

using testing::HasSubstr;

struct Wrong {
  std::string text, message;
};

class WrongTemplate : public TemplateTest, public testing::WithParamInterface<Wrong> {};

TEST_P(WrongTemplate, IsExplainedAtItsPlace) {
  const Map variables{{"item", Map{{"name", "a"}}}, {"list", List{1, 2}}, {"text", "words"}};
  EXPECT_EQ(failure(GetParam().text, variables), GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Each, WrongTemplate,
    testing::Values(
        Wrong{"{{ itme }}", "play.yml:3:10: 'itme' is undefined; did you mean 'item'?"},
        Wrong{"ab {{ item.nmae }}",
              "play.yml:3:13: 'item.nmae' is undefined: there is no member 'nmae'; did you mean 'name'?"},
        Wrong{"a\nb {{ nope }}", "play.yml:4:12: 'nope' is undefined"},
        Wrong{"{{ list[5] }}", "play.yml:3:10: 'list[5]' is undefined: there is no item 5: the list has 2"},
        Wrong{"{{ text | lowr }}", "play.yml:3:17: there is no filter 'lowr'; did you mean 'lower'?"},
        Wrong{"{{ text is defind }}", "play.yml:3:18: there is no test 'defind'; did you mean 'defined'?"},
        Wrong{"{{ text | changed }}", "play.yml:3:17: there is no filter 'changed'"},
        Wrong{"{{ text is upperr }}", "play.yml:3:18: there is no test 'upperr'; did you mean 'upper'?"},
        Wrong{"{{ 'a' + 1 }}",
              "play.yml:3:10: cannot add text and a whole number; '| int' makes a number of text; 'a ~ b' joins both "
              "as text"},
        Wrong{"{{ 1 / 0 }}", "play.yml:3:10: division by zero"},
        Wrong{"{{ text | replace('a') }}", "play.yml:3:17: filter 'replace' needs its argument 'new'"},
        Wrong{"{{ text | replace('a', 'b', cuont=1) }}",
              "play.yml:3:17: filter 'replace' has no argument 'cuont'; did you mean 'count'?"},
        Wrong{"{{ text }", "play.yml:3:15: unexpected '}'"},
        Wrong{"{{ (1 }}", "play.yml:3:13: unexpected '}'; expected ')' first"},
        Wrong{"{{ }}", "play.yml:3:10: there is nothing between '{{' and '}}'"},
        Wrong{"{{ 1 2 }}", "play.yml:3:12: expected '}}', found '2'"},
        Wrong{"{{ 'abc }}", "play.yml:3:10: this text is never closed; expected another '"},
        Wrong{"{{ a && b }}", "play.yml:3:12: unexpected character '&'; Jinja says 'and'"},
        Wrong{"{% if x %}a", "play.yml:3:10: 'if' is never closed; expected '{% endif %}' somewhere behind it"},
        Wrong{"{% endif %}", "play.yml:3:10: nothing is open that 'endif' could belong to"},
        Wrong{"{% for x in list %}{% endif %}{% endfor %}", "play.yml:3:29: expected '{% endfor %}', found 'endif'"},
        Wrong{"{% fro x in y %}{% endfor %}", "play.yml:3:10: there is no statement 'fro'; did you mean 'for'?"},
        Wrong{"{% item %}", "play.yml:3:10: there is no statement 'item'; to output a value write '{{ item }}'"},
        Wrong{"{# never", "play.yml:3:7: this comment is never closed; expected '#}'"},
        Wrong{"{% raw %}x", "play.yml:3:7: 'raw' is never closed; expected '{% endraw %}'"},
        Wrong{"{% for x in 5 %}{% endfor %}",
              "play.yml:3:19: cannot loop over a whole number; 'range(n)' gives the numbers below n"},
        Wrong{"{{ text() }}", "play.yml:3:10: text cannot be called; take the brackets away to use the value"},
        Wrong{"{{ 'a' < 1 }}",
              "play.yml:3:10: cannot compare text with a whole number; '| int' makes a number of text, '| string' text "
              "of a number"},
        Wrong{"{{ lookup('fiel', 'x') }}", "play.yml:3:10: there is no lookup 'fiel'; did you mean 'file'?"},
        Wrong{"{{ 9223372036854775807 + 1 }}", "play.yml:3:10: the result does not fit into 64 bits"},
        Wrong{"{% set x.y = 1 %}",
              "play.yml:3:14: 'x' is no namespace, so 'x.y' cannot be set; begin with '{% set x = namespace() %}'"},
        Wrong{"{{ text | regex_replace('(', '') }}",
              "play.yml:3:17: '(' is no regular expression: missing closing parenthesis, at character 2"},
        Wrong{"{% macro m(a) %}{% endmacro %}{{ m(b=1) }}",
              "play.yml:3:40: macro 'm' has no argument 'b'; did you mean 'a'?"},
        Wrong{"{% include 'x' %}",
              "play.yml:3:18: there is no template 'x'; 'ignore missing' behind the name includes it only where it "
              "exists"}));

using AnError = TemplateTest;

TEST_F(AnError, InAVariablePointsThereAndSaysWhoAsked) {
  const Value bad = Value::template_text("x {{ nope }}", {std::make_shared<const std::string>("vars.yml"), 8, 4});
  try {
    render("{{ a }}", {{"a", bad}});
    FAIL() << "rendered";
  } catch (const Error& error) {
    EXPECT_EQ(error.where().text(), "vars.yml:8:9");
    ASSERT_EQ(error.trail().size(), 1u);
    EXPECT_EQ(error.trail()[0].what, "while rendering variable 'a'");
    EXPECT_EQ(error.trail()[0].where.text(), "play.yml:3:10");
  }
}

TEST_F(AnError, IsAsWideAsWhatIsWrong) {
  try {
    render("{{ some_name }}");
    FAIL() << "rendered";
  } catch (const Error& error) {
    EXPECT_EQ(error.width(), 9);
  }
}

TEST_F(AnError, InAFileNamesTheFile) {
  try {
    file("line\n  {{ nope }}\n");
    FAIL() << "rendered";
  } catch (const Error& error) {
    EXPECT_EQ(error.where().text(), "a.j2:2:6");
  }
}

TEST_F(AnError, InAnIncludedTemplateNamesThatOne) {
  services.templates["inc"] = "\n{{ nope }}";
  EXPECT_EQ(failure("{% include 'inc' %}"), "inc:2:4: 'nope' is undefined");
}

using SyntaxErrors = TemplateTest;

std::string all_of(const std::vector<Error>& errors) {
  std::string text;
  for (const Error& error : errors) text += TemplateTest::described(error) + "\n";
  return text;
}

TEST_F(SyntaxErrors, AreAllReported) {
  const Value tree =
      List{written("{{ a | nofilter }} {{ b b }} {% if %}x{% endif %}"), Map{{"k", written("{{ c is notest }}")}}};
  const std::string found = all_of(engine.syntax_errors(tree));
  EXPECT_THAT(found, HasSubstr("expected '}}', found 'b'"));
  EXPECT_THAT(found, HasSubstr("expected an expression, found the end of the tag"));
  EXPECT_THAT(found, HasSubstr("there is no filter 'nofilter'"));
  EXPECT_THAT(found, HasSubstr("there is no test 'notest'"));
}

TEST_F(SyntaxErrors, OfBareExpressionsAreFound) {
  EXPECT_THAT(all_of(engine.syntax_errors(written("a == "), true)), HasSubstr("expected an expression, found the end"));
  EXPECT_EQ(all_of(engine.syntax_errors(written("a == 1 and b is defined"), true)), "");
}

TEST_F(SyntaxErrors, AreNotLookedForInTextThatIsNoTemplate) {
  EXPECT_TRUE(engine.syntax_errors(Value("{{ a b }}")).empty());
  EXPECT_TRUE(engine.syntax_errors(written("a b")).empty());
}

using FreeVariables = TemplateTest;

std::string names_of(const std::vector<FreeName>& names) {
  std::string text;
  for (const FreeName& name : names)
    text += (text.empty() ? "" : " ") + name.name + "@" + std::to_string(name.where.column) + (name.guarded ? "?" : "");
  return text;
}

TEST_F(FreeVariables, AreThoseThatTheTextDoesNotMake) {
  EXPECT_EQ(names_of(engine.free_variables(
                written("{% set a = b %}{{ a }}{{ c.d[e] }}{% for x in f %}{{ x }}{{ loop.index }}{% endfor %}"))),
            "b@18 c@32 e@36 f@53");
}

TEST_F(FreeVariables, KnowWhatIsGuarded) {
  EXPECT_EQ(names_of(engine.free_variables(written("{{ a | default(b) }}"))), "a@10? b@22");
  EXPECT_EQ(names_of(engine.free_variables(written("a is defined and a > b"), true)), "a@7? a@24? b@28");
  EXPECT_EQ(names_of(engine.free_variables(written("{{ a.b if a.b is defined else c }}"))), "a@17? a@10? c@37");
}

TEST_F(FreeVariables, AreNotFunctionsOrSpecialNames) {
  EXPECT_EQ(names_of(engine.free_variables(written("{{ range(n) }}{{ lookup('env', h) }}{{ x | default(omit) }}"))),
            "n@16 h@38 x@46?");
}

}  // namespace agent::jinja
