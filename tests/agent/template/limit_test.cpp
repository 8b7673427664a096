#include "fixture.hpp"

namespace agent::jinja {

using testing::HasSubstr;

struct Costly {
  std::string text, message;
};
class TooMuch : public TemplateTest, public testing::WithParamInterface<Costly> {};

TEST_P(TooMuch, EndsInAClearError) {
  Options options;
  options.do_statement = true;
  options.max_output = std::size_t{4} << 20;
  options.max_time = std::chrono::milliseconds(800);
  const Engine small(services, options);
  try {
    small.render(written(GetParam().text), MapScope(Map{{"self_list", written("{{ [self_list] }}")}}));
    FAIL() << "rendered";
  } catch (const Error& error) {
    EXPECT_THAT(error.message(), HasSubstr(GetParam().message));
  }
}

std::string repeated(const std::string& text, int count) {
  std::string result;
  for (int i = 0; i < count; ++i) result += text;
  return result;
}

INSTANTIATE_TEST_SUITE_P(
    Each, TooMuch,
    testing::Values(
        Costly{"{{ 'x' * 999999999 }}", "too large"}, Costly{"{{ [1] * 999999999 }}", "too large"},
        Costly{"{{ range(999999999) }}", "too long"},
        Costly{"{% for a in range(9999) %}{% for b in range(9999) %}{% for c in range(9999) %}{% endfor %}{% endfor "
               "%}{% endfor %}",
               "too long"},
        Costly{"{% for a in range(9999) %}{{ 'x' * 9999 }}{% endfor %}", "too large"},
        Costly{"{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "nested too deeply"},
        Costly{"{{ " + repeated("(", 5000) + "1" + repeated(")", 5000) + " }}", "nested too deeply"},
        Costly{"{{ " + repeated("-", 5000) + "1 }}", "nested too deeply"},
        Costly{"{{ 1" + repeated(" + 1", 5000) + " }}", "too long"},
        Costly{"{{ 1" + repeated(" | abs", 5000) + " }}", "too long"},
        Costly{"{{ a" + repeated(".a", 5000) + " }}", "too long"},
        Costly{repeated("{% if true %}", 5000), "nested too deeply"}, Costly{"{{ self_list }}", "needs itself"},
        Costly{"{% if true %}{% '", ""}, Costly{"{% if true %}{% ` %}{{ ` }}{% endif %}", ""},
        Costly{"{{ 'a' | center(999999999) }}", "too large"}, Costly{"{{ '%999999999d' % 1 }}", "too large"},
        Costly{"{{ '{:999999999}'.format(1) }}", "too large"},
        Costly{"{{ ('a' * 40) | regex_search('(a+)+[^a]') }}", "takes too long"},
        Costly{"{{ ('a' * 40) is match('(a|a)*[bc]') }}", "takes too long"},
        Costly{"{% set ns = namespace(x=1) %}{% for i in range(9999) %}{% set ns.x = [ns.x] %}{% endfor %}",
               "nested too deeply"},
        Costly{"{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ "
               "ns.x }}",
               "too large"},
        Costly{"{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
               "too large"},
        Costly{"{{ range(100) | permutations | list }}", "too large"},
        Costly{"{{ range(100) | product(repeat=20) }}", "too large"}, Costly{"{{ 2 ** 99 }}", "64 bits"},
        Costly{"{{ query('sequence', '1-999999999') }}", "too long"},
        Costly{"{{ query('sequence', start=-9223372036854775807, end=9223372036854775807) }}", "too long"},
        Costly{"{{ query('sequence', count=9223372036854775807, stride=2) }}", "beyond 64 bits"},
        Costly{"{{ query('sequence', count=9999, format='%99999d') }}", "too large"},
        Costly{"{{ 'x' | password_hash('sha512', 'a', rounds=999999999) }}", "between 1000 and"},
        Costly{"{{ '" + repeated("[", 9999) + "' | from_json }}", "not JSON"},
        Costly{"{{ '" + repeated("[", 9999) + "' | from_yaml }}", "no YAML"},
        Costly{"{{ ',1[ {a: b}]' | from_yaml }}", "a node was expected"}));

using ManyTexts = TemplateTest;

TEST_F(ManyTexts, AreCompiledOnceAndGiveTheSame) {
  const MapScope scope(Map{{"x", 1}});
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(engine.render(written("{{ x }}"), scope), Value(1));
}

}  // namespace agent::jinja
