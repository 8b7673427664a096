#include "fixture.hpp"

namespace agent::jinja {

using testing::HasSubstr;

using Rendering = TemplateTest;

TEST_F(Rendering, KeepsTheTypeOfASingleExpression) {
  EXPECT_EQ(render("{{ x }}", {{"x", List{1, "a"}}}), Value(List{1, "a"}));
  EXPECT_EQ(render("{{ 5 }}"), Value(5));
  EXPECT_EQ(render("{{ '5' }}"), Value("5"));
  EXPECT_EQ(render("{{ none }}"), Value());
}

TEST_F(Rendering, MakesTextOfEverythingElse) {
  EXPECT_EQ(render("a{{ 5 }}"), Value("a5"));
  EXPECT_EQ(render("{{ 1 }}{{ 2 }}"), Value("12"));
  EXPECT_EQ(render("{% if false %}a{% endif %}|"), Value("|"));
}

TEST_F(Rendering, KeepsFinalNewlines) {
  EXPECT_EQ(render("{{ x }}\n", {{"x", "v"}}), Value("v\n"));
  EXPECT_EQ(render("a\n\n{# #}"), Value("a\n\n"));
  EXPECT_EQ(render("{{ x }}\n", {{"x", List{1}}}), Value(List{1}));
}

TEST_F(Rendering, GoesThroughTreesAndLeavesKeysAlone) {
  const Value tree = Map{{"{{ k }}", written("{{ x }}")}, {"l", List{written("{{ x + 1 }}"), 2}}};
  EXPECT_EQ(engine.render(tree, MapScope({{"x", 1}})), Value(Map{{"{{ k }}", 1}, {"l", List{2, 2}}}));
}

TEST_F(Rendering, LeavesTextThatIsNotMarkedAlone) {
  EXPECT_EQ(engine.render(Value("{{ 1 }}"), MapScope({})), Value("{{ 1 }}"));
  EXPECT_EQ(render("{{ fact }}", {{"fact", "{{ 7 * 7 }}"}}), Value("{{ 7 * 7 }}"));
  EXPECT_EQ(render("{{ facts.os }}!", {{"facts", Map{{"os", "{{ boom }}"}}}}), Value("{{ boom }}!"));
}

TEST_F(Rendering, NeverMarksWhatItGives) {
  EXPECT_FALSE(render("{{ '{{' }} x }}").is_template());
  EXPECT_FALSE(engine.render(written("plain"), MapScope({})).is_template());
  EXPECT_FALSE(render("{{ x }}", {{"x", List{written("plain")}}}).list()[0].is_template());
}

TEST_F(Rendering, NeverRendersTwice) {
  EXPECT_EQ(render("{{ a }}", {{"a", written("{{ b }}")}, {"b", "{{ c }}"}}), Value("{{ c }}"));
  EXPECT_EQ(render("{{ '{' ~ '{ 1 }' ~ '}' }}"), Value("{{ 1 }}"));
}

TEST_F(Rendering, ReadsBackslashesInPlaybooksAsTheyStand) {
  EXPECT_EQ(render(R"({{ 'a1b' | regex_replace('(\d)', '<\1>') }})"), Value("a<1>b"));
  EXPECT_EQ(file(R"({{ 'a\tb' }})"), "a\tb");
}

TEST_F(Rendering, SaysWhereTheResultComesFrom) {
  EXPECT_EQ(render("{{ 1 }}").where().text(), "play.yml:3:7");
}

TEST_F(Rendering, RefusesToPutOmitIntoText) {
  EXPECT_TRUE(is_omit(render("{{ nope | default(omit) }}")));
  EXPECT_THAT(failure("a{{ omit }}"), HasSubstr("'omit' cannot be a part of text"));
}

TEST(Omitted, IsTakenOutOfMapsAndLists) {
  const Value tree = Map{{"a", omit()}, {"b", Map{{"c", omit()}, {"d", 1}}}, {"l", List{omit(), 2}}};
  EXPECT_EQ(without_omitted(tree), Value(Map{{"b", Map{{"d", 1}}}, {"l", List{2}}}));
}

using Files = TemplateTest;

TEST_F(Files, TrimTheNewlineAfterABlock) {
  EXPECT_EQ(file("{% if true %}\na\n{% endif %}\nb\n"), "a\nb\n");
}

TEST_F(Files, ObeyTheirHeaderLine) {
  EXPECT_EQ(file("#jinja2: trim_blocks: False\n{% if true %}\na{% endif %}\n"), "\na\n");
  EXPECT_EQ(file("#jinja2: lstrip_blocks: True, trim_blocks: True\n  {% if true %}\na\n  {% endif %}\n"), "a\n");
  EXPECT_EQ(file("#jinja2: variable_start_string: '[[', variable_end_string: ']]'\n[[ 1 ]] {{ 2 }}\n"), "1 {{ 2 }}\n");
}

TEST_F(Files, AreRefusedWithAWrongHeader) {
  EXPECT_THROW(file("#jinja2: trim_blocks: maybe\nx"), Error);
  EXPECT_THROW(file("#jinja2: trim_block: True\nx"), Error);
}

TEST_F(Files, UnderstandOtherMarks) {
  TemplateFileOptions options;
  options.variable_start = "<%";
  options.variable_end = "%>";
  options.block_start = "<!";
  options.block_end = "!>";
  const std::string text = engine.render_file("<! if true !><% 1 %>{{ 2 }}<! endif !>", {}, MapScope({}), options);
  EXPECT_EQ(text, "1{{ 2 }}");
}

TEST_F(Files, WriteTheNewlinesThatAreAskedFor) {
  TemplateFileOptions options;
  options.newline_sequence = "\r\n";
  EXPECT_EQ(engine.render_file("a\n{{ 1 }}\r\n", {}, MapScope({}), options), "a\r\n1\r\n");
  EXPECT_EQ(engine.render_file("a\nb\r\n", {}, MapScope({}), options), "a\nb\r\n");  // nothing to render in it
}

using Variables_ = TemplateTest;

TEST_F(Variables_, AreRenderedWhenTheyAreUsed) {
  EXPECT_EQ(
      render("{{ url }}", {{"url", written("http://{{ host }}/")}, {"host", written("{{ name }}.org")}, {"name", "x"}}),
      Value("http://x.org/"));
}

TEST_F(Variables_, AreRenderedOnlyWhereTheyAreUsed) {
  const Map tree{{"good", written("{{ 1 + 1 }}")}, {"bad", written("{{ nope }}")}};
  EXPECT_EQ(render("{{ conf.good }}", {{"conf", tree}}), Value(2));
  EXPECT_THAT(failure("{{ conf }}", {{"conf", tree}}), HasSubstr("'nope' is undefined"));
}

TEST_F(Variables_, MayReferToTheirOwnTree) {
  const Map tree{{"base", "/srv"}, {"data", written("{{ conf.base }}/data")}};
  EXPECT_EQ(render("{{ conf.data }}", {{"conf", tree}}), Value("/srv/data"));
}

TEST_F(Variables_, ThatNeedThemselvesAreReportedAsAChain) {
  EXPECT_THAT(failure("{{ a }}", {{"a", written("{{ b }}")}, {"b", written("{{ a }}")}}),
              HasSubstr("variable 'a' needs itself: a -> b -> a"));
}

TEST_F(Variables_, ThatAreUndefinedShowTheChainThatLedThere) {
  EXPECT_THAT(failure("{{ a }}", {{"a", written("{{ b }}")}, {"b", written("{{ c }}")}}),
              HasSubstr("'c' is undefined (a -> b -> c)"));
}

TEST_F(Variables_, OfAViewAreRenderedInTheirOwnScope) {
  const auto host = std::make_shared<const MapScope>(Map{{"ip", written("{{ net }}.7")}, {"net", "10.0.0"}});
  const auto all = std::make_shared<const MapScope>(Map{{"web", Value(std::make_shared<const View>(host))}});
  const Map variables{{"hostvars", Value(std::make_shared<const View>(all))}, {"net", "1.2.3"}};
  EXPECT_EQ(render("{{ hostvars['web'].ip }}", variables), Value("10.0.0.7"));
  EXPECT_EQ(render("{{ hostvars.web['ip'] ~ net }}", variables), Value("10.0.0.71.2.3"));
  EXPECT_EQ(render("{{ 'web' in hostvars and 'db' not in hostvars }}", variables), Value(true));
  EXPECT_EQ(render("{{ hostvars.db is defined }}", variables), Value(false));
  EXPECT_EQ(render("{{ hostvars.keys() | list }}", variables), Value(List{"web"}));
  EXPECT_EQ(render("{{ ['web'] | map('extract', hostvars, 'ip') | list }}", variables), Value(List{"10.0.0.7"}));
}

TEST_F(Variables_, CanBeAskedForThroughVars) {
  EXPECT_EQ(render("{{ vars['a'] }}{{ lookup('vars', 'a') }}", {{"a", written("{{ 1 }}")}}), Value("11"));
}

TEST_F(Variables_, ComeBeforeFunctionsOfTheSameName) {
  EXPECT_EQ(render("{{ q }}", {{"q", "mine"}}), Value("mine"));
}

}  // namespace agent::jinja
