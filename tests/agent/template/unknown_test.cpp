#include "fixture.hpp"

namespace agent::jinja {

using testing::ElementsAre;

/// Expressions over `u` (unknown: "not run"), `v` (unknown: "changed"), and known values.
class AnUnknownValue : public TemplateTest {
 public:
  Map variables() const {
    return {{"u", Value::unknown("not run")},
            {"v", Value::unknown("changed")},
            {"reg", Map{{"rc", Value::unknown("not run")}, {"changed", true}}},
            {"mix", List{1, Value::unknown("not run")}},
            {"via", written("x{{ u }}")}};
  }
  /// The value as JSON, or "?" and the reasons.
  std::string shown(const std::string& expression) const {
    const Value value = render("{{ " + expression + " }}", variables());
    if (!value.is_unknown()) return value.json();
    std::string text = "?";
    for (const std::string& reason : value.reasons()) text += " " + reason + ";";
    return text;
  }
};

struct Spread {
  std::string expression, shown;
};
class UnknownSpread : public AnUnknownValue, public testing::WithParamInterface<Spread> {};

TEST_P(UnknownSpread, GivesWhatCanBeKnown) {
  EXPECT_EQ(shown(GetParam().expression), GetParam().shown);
}

INSTANTIATE_TEST_SUITE_P(
    Each, UnknownSpread,
    testing::Values(
        Spread{"u", "? not run;"}, Spread{"u + 1", "? not run;"}, Spread{"u + v", "? not run; changed;"},
        Spread{"u + u", "? not run;"}, Spread{"u ~ 'a' ~ v", "? not run; changed;"},
        Spread{"u.member.other[0]", "? not run;"}, Spread{"u | upper | length", "? not run;"},
        Spread{"'a' | replace('a', u)", "? not run;"}, Spread{"u.split()", "? not run;"}, Spread{"-u", "? not run;"},
        Spread{"not u", "? not run;"}, Spread{"false and u", "false"}, Spread{"u and false", "false"},
        Spread{"true or u", "true"}, Spread{"u or true", "true"}, Spread{"true and u", "? not run;"},
        Spread{"u or false", "? not run;"}, Spread{"u and v", "? not run; changed;"}, Spread{"u == 1", "? not run;"},
        Spread{"[1, u] == [2, v]", "false"}, Spread{"[1, u] == [1, v]", "? not run; changed;"},
        Spread{"1 in mix", "true"}, Spread{"2 in mix", "? not run;"}, Spread{"1 < u < 3", "? not run;"},
        Spread{"3 < 2 < u", "false"}, Spread{"1 if u else 2", "? not run;"}, Spread{"1 if true else u", "1"},
        Spread{"u is unknown", "true"}, Spread{"1 is unknown", "false"}, Spread{"mix is unknown", "true"},
        Spread{"u is defined", "true"}, Spread{"u is not unknown", "false"}, Spread{"u is string", "? not run;"},
        Spread{"u | default(1)", "? not run;"}, Spread{"nope | default(u)", "? not run;"},
        Spread{"1 | default(u)", "1"}, Spread{"true | ternary(1, u)", "1"}, Spread{"u | ternary(1, 2)", "? not run;"},
        Spread{"mix | length", "2"}, Spread{"mix | first", "1"}, Spread{"mix[1]", "? not run;"},
        Spread{"mix | join", "? not run;"}, Spread{"mix | sort", "? not run;"}, Spread{"mix | to_json", "? not run;"},
        Spread{"mix | sum", "? not run;"}, Spread{"mix | map('string') | first", "\"1\""},
        Spread{"mix | select('odd') | list", "? not run;"}, Spread{"reg.changed", "true"},
        Spread{"reg.rc == 0", "? not run;"}, Spread{"reg is changed", "true"}, Spread{"reg is failed", "false"},
        Spread{"via", "? not run;"}, Spread{"{'a': u}.keys() | list", "[\"a\"]"},
        Spread{"{'a': u} | combine({'b': 1}) | length", "2"}, Spread{"range(u)", "? not run;"},
        Spread{"lookup('env', u)", "? not run;"}, Spread{"'%s' % u", "? not run;"},
        Spread{"'{}'.format(u)", "? not run;"}, Spread{"u(1)", "? not run;"}, Spread{"[1, 2][u]", "? not run;"},
        Spread{"[1, 2][:u]", "? not run;"}, Spread{"dict(a=u).a", "? not run;"},
        Spread{"u | type_debug", "\"unknown\""}));

TEST_F(AnUnknownValue, MakesTextUnknown) {
  EXPECT_THAT(render("a {{ u }} b", variables()).reasons(), ElementsAre("not run"));
  EXPECT_THAT(render("{% if u %}a{% endif %}", variables()).reasons(), ElementsAre("not run"));
  EXPECT_THAT(render("{% for x in u %}a{% endfor %}", variables()).reasons(), ElementsAre("not run"));
  EXPECT_THAT(render("{% set x %}{{ u }}{% endset %}{{ x }}", variables()).reasons(), ElementsAre("not run"));
  EXPECT_THAT(render("{% macro m() %}{{ u }}{% endmacro %}{{ m() }}!", variables()).reasons(), ElementsAre("not run"));
}

TEST_F(AnUnknownValue, StaysInsideATree) {
  const Value tree = engine.render(Map{{"a", written("{{ u }}")}, {"b", written("{{ 1 }}")}}, MapScope(variables()));
  EXPECT_TRUE(tree["a"].is_unknown());
  EXPECT_EQ(tree["b"], Value(1));
}

TEST_F(AnUnknownValue, MakesUnknownWhatABranchWouldHaveSet) {
  EXPECT_TRUE(render("{% set x = 1 %}{% if u %}{% set x = 2 %}{% endif %}{{ x }}", variables()).is_unknown());
  EXPECT_EQ(render("{% set x = 1 %}{% if u %}{% set y = 2 %}{% endif %}{{ x }}", variables()), Value(1));
}

TEST_F(AnUnknownValue, StopsAFile) {
  EXPECT_THROW(file("{{ u }}", variables()), Unknown);
}

using ACondition = AnUnknownValue;

TEST_F(ACondition, HasThreeAnswers) {
  EXPECT_TRUE(test("1 == 1").is_yes());
  EXPECT_TRUE(test("1 == 2").is_no());
  EXPECT_TRUE(test("u == 2", variables()).is_unknown());
  EXPECT_THAT(test("u == v", variables()).reasons, ElementsAre("not run", "changed"));
  EXPECT_TRUE(test("u and 1 == 2", variables()).is_no());
}

TEST_F(ACondition, OfSeveralNeedsAll) {
  const MapScope scope(variables());
  EXPECT_TRUE(engine.test(List{written("true"), written("u")}, scope).is_unknown());
  EXPECT_TRUE(engine.test(List{written("u"), written("false")}, scope).is_no());
  EXPECT_TRUE(engine.test(List{true, written("true")}, scope).is_yes());
  EXPECT_TRUE(engine.test(List{}, scope).is_yes());
}

TEST_F(ACondition, IsWarnedAboutBracesAndThingsThatAreNoBooleans) {
  EXPECT_EQ(test("true").warning, std::nullopt);
  EXPECT_EQ(test("{{ true }}").warning, "a condition is an expression already: write it without '{{ }}'");
  EXPECT_TRUE(test("{{ true }}").is_yes());
  EXPECT_EQ(test("[1]").warning, "this condition gives a list and no boolean");
  EXPECT_TRUE(test("[1]").is_yes());
  EXPECT_TRUE(test("x", {{"x", "False"}}).is_no());
  EXPECT_TRUE(test("x", {{"x", "yes"}}).is_yes());
}

TEST_F(ACondition, TakesBooleansAsTheyAre) {
  EXPECT_TRUE(engine.test(true, MapScope({})).is_yes());
  EXPECT_TRUE(engine.test(false, MapScope({})).is_no());
}

TEST_F(ACondition, IsNeverMadeOfText) {
  EXPECT_TRUE(engine.test(Value("1 == 2"), MapScope({})).is_yes()) << "text that is not marked is no expression";
  EXPECT_TRUE(test("x", {{"x", "1 == 2"}}).is_yes());
}

TEST_F(ACondition, ComparesNumbersWithTheTextTheyPrintAs) {
  EXPECT_TRUE(test("x == 8", {{"x", "8"}}).is_yes());
  EXPECT_TRUE(test("x == '8'", {{"x", 8}}).is_yes());
  EXPECT_TRUE(test("x >= 7", {{"x", "12"}}).is_yes());
  EXPECT_TRUE(test("x in [7, 8]", {{"x", "8"}}).is_yes());
  EXPECT_TRUE(test("x == 8", {{"x", "08"}}).is_no());
}

TEST_F(ACondition, SaysWhatIsUndefined) {
  try {
    test("ansible_distribtion == 'Debian'", {{"ansible_distribution", "Debian"}});
    FAIL() << "answered";
  } catch (const Error& error) {
    EXPECT_EQ(described(error),
              "play.yml:3:7: 'ansible_distribtion' is undefined; did you mean 'ansible_distribution'?");
  }
}

TEST_F(ACondition, IsEvaluatedAsABareExpression) {
  EXPECT_EQ(engine.evaluate(written("x + 1"), MapScope({{"x", 1}})), Value(2));
  EXPECT_EQ(engine.evaluate(Value("x + 1"), MapScope({{"x", 1}})), Value("x + 1"));
}

}  // namespace agent::jinja
