"""Random templates over random data, by a grammar that knows types, so that most of them mean something."""
import json
import pathlib
import random

WORDS = ["alpha", "beta", "Gamma", "delta epsilon", "", "x", "a-b_c", "ünïcödé", "UPPER case", "line one\nline two", "tab\there",
         "  padded  ", "it's", 'say "hi"', "path/to/file.txt", "/etc/nginx/nginx.conf", "a,b,,c", "key=value", "{braces}", "<tag>", "éa",
         "one two  three", "Hello World", "foo.bar.baz", "trailing\n", "日本語", "a\\b", "x|y", "#hash", "aaa", "naïve-test"]
NUMBER_TEXTS = ["0", "7", "-3", "12.5", "007", "0x1f", " 42 ", "1e3", "abc", "", "1_000", "99999999999"]
VERSIONS = ["1.2.3", "1.10", "2.0.0", "1.2.3.4", "10.0", "1.2", "0.9.9", "1.2.3rc1", "20.04"]
KEYS = ["a", "b", "name", "port", "key with space", "Zed", "items_"]
VARIABLES = {"int": ["i", "j", "k", "zero"], "float": ["f", "g"], "str": ["s", "t", "u"], "list": ["ints", "strs", "mixed"], "map": ["m", "d"],
             "bool": ["yes_", "no_"], "maps": ["people", "hosts"], "strs": ["strs", "words"], "ints": ["ints", "more"]}

FILES = pathlib.Path(__file__).resolve().parent / "files"
# Names that the grammar below would meet too seldom: each with what makes sense around it. {T} is a text, {L} a list, {I} a whole number.
SELDOM = """
{T} | d('x') ; nope | d({I}) ; {I} | mandatory ; nope | mandatory('tell me') ; {T} | urlencode ; {'a': {T}, 'b': {I}} | urlencode ; (here ~ '/sub/../hello.txt') | realpath == here ~ '/hello.txt'
(here ~ '/sub') | relpath(here) ; '/a/b/c' | relpath('/a/x/y') ; {I} | extract(words) ; 'name' | extract(people[0]) ; 'home' | extract(people[0], 'city') ; 'home' | extract(people[0], ['city']) ; [0] | map('extract', words) | list
(here ~ '/sub/*.conf') | fileglob | map('basename') | sort ; (here ~ '/hello.txt') is exists ; (here ~ '/nope') is exists
here is directory ; (here ~ '/hello.txt') is directory ; (here ~ '/hello.txt') is file ; here is file ; here is link ; here is abs ; {T} is abs ; {'started': 1} is started ; {'finished': 0} is finished ; {'finished': 1} is finished ; {'started': 0} is not started
lookup('env', 'NO_SUCH_VARIABLE_HERE') ; lookup('env', 'NO_SUCH_VARIABLE_HERE', default={T}) ; query('env', 'TZ') ; lookup('pipe', 'echo a; echo b') ; query('pipe', 'echo 1', 'echo 2') ; query('lines', 'echo a; echo b') ; lookup('lines', 'echo a; echo; echo b')
lookup('template', here ~ '/list.j2') ; lookup('template', here ~ '/list.j2', template_vars={'extra': {I}}) ; lookup('vars', 'i') ; lookup('vars', 'i', 'j') ; query('vars', 'words', 'm') ; lookup('vars', 'nope', default={T}) ; lookup('vars', 'nope')
lookup('file', here ~ '/hello.txt') ; lookup('file', here ~ '/hello.txt', rstrip=false) ; lookup('file', here ~ '/hello.txt', lstrip=true) ; lookup('file', here ~ '/nope') ; query('file', here ~ '/nope', errors='ignore') ; lookup('file', here ~ '/nope', errors='ignore')
lookup('first_found', [here ~ '/nope', here ~ '/conf.ini']) | basename ; lookup('first_found', files=['nope', 'hello.txt'], paths=[here, here ~ '/sub']) | basename ; query('first_found', [here ~ '/nope'], skip=true) ; lookup('first_found', [here ~ '/nope'])
query('fileglob', here ~ '/sub/*.conf') | map('basename') | sort ; query('fileglob', here ~ '/*.nope') ; query('varnames', '^word') ; query('varnames', '^i', '^ho') | sort ; lookup('password', '/dev/null length=12 chars=digits') | length
lookup('password', '/dev/null', length=9, chars=['hexdigits']) | length ; lookup('dict', d) ; query('dict', d) ; query('items', {L}, {I}) ; lookup('items', {L}) ; lookup('items', {L}, wantlist=true) ; query('subelements', people, 'tags') ; q('subelements', people, 'home.nope', {'skip_missing': true})
query('nested', words, ints) ; lookup('nested', ['a'], [1, 2]) ; query('nested', {L}, ['x']) ; query('together', words, ints) ; query('together', ints) ; query('sequence', 'start=0 end={I} count=3') ; query('sequence', 'start=1 end=5 stride=2') ; query('sequence', 'count=3 format=n%02x') ; query('sequence', '1-{K}')
lookup('sequence', '2-8/2:host%02d') ; query('sequence', start=5, end=1, stride=-2) ; lookup('ini', 'port', section='other', file=here ~ '/conf.ini') ; lookup('ini', 'name section=main file=' ~ here ~ '/conf.ini') ; lookup('ini', 'nope', section='main', file=here ~ '/conf.ini', default={T})
query('ini', '.*', section='main', file=here ~ '/conf.ini', re=true) ; lookup('csvfile', 'bob', file=here ~ '/table.csv', delimiter=',', col=2) ; lookup('csvfile', 'alice file=' ~ here ~ '/table.csv delimiter=, col=1') ; lookup('csvfile', 'nobody', file=here ~ '/table.csv', delimiter=',', default={T}) ; query('csvfile', 'nobody', file=here ~ '/table.csv', delimiter=',')
lookup('config', 'DEFAULT_BECOME_USER') ; lookup('config', 'DEFAULT_FORKS') ; lookup('config', 'NO_SUCH_SETTING', on_missing='skip') ; lookup('random_choice', [{T}]) ; query('random_choice', [{T}]) ; query('indexed_items', words) ; lookup('indexed_items', {L}) ; query('list', {L}, 1) ; lookup('list', words)
undef() ; undef('set it') | default('d') ; now(utc=true).year > 2000 ; now(fmt='%H') | length ; [omit, 1] | length ; {'a': omit, 'b': {I}} ; [{I}, omit] ; lookup('nosuchlookup', errors='ignore')
lookup('ansible.builtin.items', {L}) ; [{I}] | ansible.builtin.first ; {T} is ansible.builtin.match('a') ; 'a' if no_ ; ('a' if no_) is defined ; [1, nope] | length ; [nope] | first | default(2) ; {'a': nope}.b | default(3) ; (nope, 1)[1] ; nope is not none ; nope in [1] ; nope == 1
"""
STATEMENTS = """
{% set q = [3, {I}] %}{% do q.insert(0, {T}) %}{% do q.remove(3) %}{{ q }}{{ q.pop() }}{{ q }} ; {% set q = {'a': {I}, 'b': {T}} %}{{ q.pop('a') }}{{ q }}{{ q.pop('zz', 'none') }}{% do q.update({'c': {L}}) %}{{ q }}
{% set q = [] %}{% for x in {L} %}{% do q.append(x) %}{% endfor %}{{ q | length }} ; {% set x %}{{ {I} }}{% endset %}{{ x + 1 }} ; {% set x %}{{ {L} }}{% endset %}{{ x | length }} ; {% macro m1() %}{{ {L} }}{% endmacro %}{{ m1() | length }} ; {% macro m1(a=1) %}{{ a }}{% endmacro %}{{ m1({I}) + 1 }}
{% set x %}{% endset %}{{ x is none }} ; {{ none }}{{ {I} }} ; {{ n }}{{ {L} }} ; {{ n }}x{{ none }} ; {% for x in {L} %}{{ x }}{% endfor %} ; {% block b %}{{ {L} }}{% endblock %} ; {% block b %}{{ {L} }}{% endblock %}{{ self.b() }} ; {% if yes_ %}{{ {I} }}{% endif %}\n
""".replace("\\n", "\n")


def forms(text):
    return [form.strip(" ") for line in text.strip("\n").split("\n") for form in line.split(" ; ")]


SELDOM, STATEMENTS = forms(SELDOM), [form.replace("\\n", "\n") for form in forms(STATEMENTS)]


class Generator:
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.local = []

    # ---- data

    def word(self):
        return self.r.choice(WORDS)

    def number(self):
        return self.r.choice([0, 1, -1, 2, 3, 5, 7, 10, 42, 100, -17, 255, 1024, 65536])

    def real(self):
        return self.r.choice([0.0, 0.5, -0.5, 1.0, 2.5, 3.14159, -2.75, 1e10, 1e-5, 1e16, 123456.789, 0.1])

    def scalar(self):
        return self.r.choice([self.word, self.number, self.real, lambda: True, lambda: False, lambda: None])()

    def value(self, depth=2):
        kind = self.r.random()
        if depth == 0 or kind < 0.6:
            return self.scalar()
        if kind < 0.8:
            return [self.value(depth - 1) for _ in range(self.r.randrange(4))]
        return {self.r.choice(KEYS): self.value(depth - 1) for _ in range(self.r.randrange(4))}

    def data(self):
        r = self.r
        return {
            "i": self.number(), "j": self.number(), "k": r.randrange(1, 9), "zero": 0, "f": self.real(), "g": self.real(),
            "s": self.word(), "t": self.word(), "u": r.choice(WORDS), "n": None, "yes_": True, "no_": False,
            "ints": [self.number() for _ in range(r.randrange(5))], "more": [r.randrange(10) for _ in range(r.randrange(1, 6))],
            "strs": [self.word() for _ in range(r.randrange(5))], "words": [r.choice(WORDS[:6]) for _ in range(r.randrange(1, 5))],
            "mixed": [self.value() for _ in range(r.randrange(4))],
            "m": {r.choice(KEYS): self.value() for _ in range(r.randrange(1, 5))}, "d": {key: self.scalar() for key in r.sample(KEYS, 3)},
            "people": [{"name": r.choice(WORDS[:6]), "age": r.randrange(80), "tags": r.sample(WORDS, 2), "home": {"city": r.choice(WORDS[:4])}}
                       for _ in range(r.randrange(1, 4))],
            "hosts": [{"name": r.choice(["web", "db", "cache"]), "port": r.choice([80, 443, 5432]), "up": r.random() < 0.5} for _ in range(r.randrange(4))],
            "result": {"changed": r.random() < 0.5, "failed": r.random() < 0.5, "rc": r.randrange(3), "stdout": self.word(), "stdout_lines": [self.word()]},
            "nested": self.value(3), "v": r.choice(VERSIONS), "ns_": self.number(), "here": str(FILES),
        }

    # ---- expressions

    def literal(self, text):
        """A text literal; backslashes are kept out, since playbooks and templates read them differently."""
        text = text.replace("\\", "/").replace("\n", " ")
        quote = self.r.choice("'\"")
        return quote + text.replace(quote, "") + quote

    def pick(self, *options):
        return self.r.choice(options)()

    def anything(self, depth):
        if self.r.random() < 0.04:
            return self.r.choice(["nope", "m.nope", "nope.a.b", "people[9]", "d['zz']"])
        kind = self.r.choice(["int", "float", "str", "bool", "list", "map", "any"])
        return getattr(self, kind + "_")(depth - 1) if kind != "any" else self.any_(depth - 1)

    def any_(self, depth):
        if depth <= 0:
            return self.r.choice(["n", "nested", "i", "s", "mixed", "none", "true"])
        return self.pick(
            lambda: f"mixed[{self.r.randrange(4)}]", lambda: f"m[{self.literal(self.r.choice(KEYS))}]", lambda: f"m.{self.r.choice(KEYS[:4])}",
            lambda: f"{self.list_(depth)} | {self.r.choice(['first', 'last', 'min', 'max'])}",
            lambda: f"({self.anything(depth)} if {self.bool_(depth)} else {self.anything(depth)})",
            lambda: f"({self.anything(depth)} | default({self.anything(depth)}{self.r.choice(['', ', true'])}))",
            lambda: f"({self.bool_(depth)} | ternary({self.anything(depth)}, {self.anything(depth)}))",
            lambda: f"({self.anything(depth)} {self.r.choice(['and', 'or'])} {self.anything(depth)})",
            lambda: f"m.get({self.literal(self.r.choice(KEYS))})", lambda: f"m.get('zz', {self.anything(depth)})",
            lambda: f"({self.anything(depth)} | to_json | from_json)")

    def int_(self, depth):
        if depth <= 0:
            return self.r.choice(VARIABLES["int"] + [str(self.r.randrange(50))])
        return self.pick(
            lambda: self.r.choice(VARIABLES["int"]), lambda: str(self.r.randrange(100)),
            lambda: f"({self.int_(depth - 1)} {self.r.choice(['+', '-', '*', '//', '%'])} {self.int_(depth - 1)})",
            lambda: f"{self.int_(depth - 1)} {self.r.choice(['+', '-', '*', '//', '%'])} {self.int_(depth - 1)}",
            lambda: f"(-{self.int_(0)})", lambda: f"({self.r.choice(['k', '2', '3'])} ** {self.r.randrange(5)})",
            lambda: f"({self.int_(depth - 1)} | abs)", lambda: f"({self.float_(depth - 1)} | int)",
            lambda: f"({self.literal(self.r.choice(NUMBER_TEXTS))} | int)", lambda: f"({self.literal(self.r.choice(NUMBER_TEXTS))} | int({self.r.randrange(9)}))",
            lambda: f"({self.literal(self.r.choice(['ff', '0x1f', '77', 'zz']))} | int(0, {self.r.choice([8, 16])}))",
            lambda: f"({self.str_(depth - 1)} | length)", lambda: f"({self.list_(depth - 1)} | {self.r.choice(['length', 'count'])})",
            lambda: f"({self.map_(depth - 1)} | length)", lambda: f"({self.ints(depth - 1)} | sum)",
            lambda: f"({self.ints(depth - 1)} | {self.r.choice(['min', 'max'])})", lambda: f"{self.str_(0)}.find({self.literal(self.word())})",
            lambda: f"{self.str_(0)}.count({self.literal(self.r.choice(['a', 'e', ' ']))})", lambda: f"people[0].age", lambda: f"({self.int_(depth - 1)} | random(seed={self.literal(self.word())}))",
            lambda: f"({self.str_(depth - 1)} | wordcount)", lambda: f"result.rc", lambda: f"(people | map(attribute='age') | sum)",
            lambda: f"({self.literal(self.r.choice(['1K', '2 MB', '10', '1.5G', '3B', 'x']))} | human_to_bytes)")

    def float_(self, depth):
        if depth <= 0:
            return self.r.choice(VARIABLES["float"] + ["1.5", "0.25", "3.0"])
        return self.pick(
            lambda: self.r.choice(VARIABLES["float"]), lambda: f"({self.float_(depth - 1)} {self.r.choice(['+', '-', '*'])} {self.int_(depth - 1)})",
            lambda: f"({self.int_(depth - 1)} / {self.int_(depth - 1)})", lambda: f"({self.float_(depth - 1)} | round)",
            lambda: f"({self.float_(depth - 1)} | round({self.r.randrange(4)}))", lambda: f"({self.float_(depth - 1)} | round(1, {self.literal(self.r.choice(['common', 'ceil', 'floor']))}))",
            lambda: f"({self.int_(depth - 1)} | float)", lambda: f"({self.literal(self.r.choice(NUMBER_TEXTS))} | float)",
            lambda: f"({self.float_(depth - 1)} {self.r.choice(['//', '%'])} {self.float_(0)})", lambda: f"({self.int_(depth - 1)} | abs | root)", lambda: f"(k | log)", lambda: f"(k | log(10))",
            lambda: f"(k | pow({self.r.randrange(4)}))", lambda: f"({self.float_(depth - 1)} | abs)")

    def str_(self, depth):
        if depth <= 0:
            return self.r.choice(VARIABLES["str"] + [self.literal(self.word())])
        text = lambda: self.str_(depth - 1)
        return self.pick(
            lambda: self.r.choice(VARIABLES["str"]), lambda: self.literal(self.word()), lambda: f"({text()} + {text()})", lambda: f"({text()} ~ {self.anything(depth - 1)} ~ {text()})",
            lambda: f"({text()} | {self.r.choice(['upper', 'lower', 'capitalize', 'title', 'trim', 'reverse', 'escape', 'quote', 'b64encode', 'string', 'basename', 'dirname', 'striptags', 'urlencode', 'md5', 'sha1', 'checksum', 'to_uuid', 'regex_escape', 'e', 'win_basename', 'expanduser', 'normpath', 'center', 'hash', 'urldecode', 'tojson'])})",
            lambda: f"({self.anything(depth - 1)} | {self.r.choice(['string', 'to_json', 'to_nice_json', 'to_yaml', 'to_nice_yaml', 'type_debug', 'tojson'])})",
            lambda: f"({text()} | replace({self.literal(self.r.choice(['a', 'e', ' ', 'one', '']))}, {self.literal(self.word())}))",
            lambda: f"({self.list_(depth - 1)} | join({self.literal(self.r.choice([',', ', ', '', '-']))}))", lambda: f"({text()} * {self.r.randrange(4)})",
            lambda: f"{text()}[{self.slice()}]", lambda: f"({text()} | truncate({self.r.randrange(3, 15)}))", lambda: f"({text()} | truncate({self.r.randrange(3, 15)}, true, '..', 0))",
            lambda: f"({text()} | indent({self.r.randrange(6)}, {self.r.choice(['true', 'false'])}))", lambda: f"({text()} | indent(2, blank=true))",
            lambda: f"({text()} | comment({self.r.choice(['', repr('c'), repr('cblock'), repr('xml'), repr('erlang')])}))",
            lambda: f"({text()} | regex_replace({self.literal(self.pattern())}, {self.literal(self.r.choice(['X', '', '-']))}))",
            lambda: f"({text()} | regex_search({self.literal(self.pattern())}))", lambda: f"({text()} | wordwrap({self.r.randrange(4, 20)}))",
            lambda: f"({text()} | center({self.r.randrange(20)}))", lambda: f"('%s-%s' | format({self.anything(depth - 1)}, {self.int_(depth - 1)}))", lambda: f"('%05d|%x|%.2f' % ({self.int_(0)}, k, {self.float_(0)}))",
            lambda: f"'{{}}:{{:>8}}:{{0}}'.format({text()}, {text()})" if False else f"'{{}}:{{:>8}}'.format({text()}, {text()})", lambda: f"'{{:{self.r.choice(['<', '>', '^', ''])}{self.r.randrange(1, 12)}}}'.format({self.int_(0)})",
            lambda: f"{text()}.{self.r.choice(['upper()', 'lower()', 'strip()', 'title()', 'capitalize()', 'swapcase()', 'lstrip()', 'rstrip()', 'zfill(6)', 'center(11)', 'ljust(8)', 'rjust(8)', 'casefold()'])}",
            lambda: f"{self.literal(self.r.choice([',', '-', '']))}.join({self.strs(depth - 1)})", lambda: f"{text()}.replace({self.literal('a')}, {self.literal(self.word())})",
            lambda: f"({self.int_(depth - 1)} | human_readable)", lambda: f"({self.int_(depth - 1)} | filesizeformat)", lambda: f"({text()} | hash({self.literal(self.r.choice(['md5', 'sha256', 'sha512']))}))",
            lambda: f"({text()} | b64encode | b64decode)", lambda: f"({self.strs(depth - 1)} | path_join)", lambda: f"({text()} | splitext)[{self.r.randrange(2)}]",
            lambda: f"('%Y-%m-%d' | strftime({abs(self.number())}, true))", lambda: f"(('2024-0{self.r.randrange(1, 9)}-1{self.r.randrange(9)} 10:00:00' | to_datetime) - ('2023-12-31 23:59:59' | to_datetime)) | string")

    def pattern(self):
        return self.r.choice(["a", "[aeiou]", "^.", ".$", "(o)(n)?", "[A-Z]+", "l+", "x*", "(?i)HELLO", "[^a-z]", "(a|e)", "one|two", " +", "^$", "b(?=e)"])

    def slice(self):
        part = lambda: self.r.choice(["", "", str(self.r.randrange(-4, 6))])
        return self.r.choice([f"{part()}:{part()}", f"{part()}:{part()}:{self.r.choice(['', '2', '-1', '1'])}", str(self.r.randrange(-2, 3))])

    def bool_(self, depth):
        if depth <= 0:
            return self.r.choice(VARIABLES["bool"] + ["true", "false", "True", "zero"])
        same = self.r.choice(["int_", "float_", "str_"])
        compare = self.r.choice(["==", "!=", "<", "<=", ">", ">="])
        value = getattr(self, same)
        return self.pick(
            lambda: f"({value(depth - 1)} {compare} {value(depth - 1)})", lambda: f"({self.int_(depth - 1)} {compare} {self.int_(depth - 1)} {compare} {self.int_(depth - 1)})",
            lambda: f"({self.bool_(depth - 1)} {self.r.choice(['and', 'or'])} {self.bool_(depth - 1)})", lambda: f"(not {self.bool_(depth - 1)})",
            lambda: f"({self.str_(depth - 1)} {self.r.choice(['in', 'not in'])} {self.str_(depth - 1)})", lambda: f"({self.anything(depth - 1)} {self.r.choice(['in', 'not in'])} {self.list_(depth - 1)})",
            lambda: f"({self.literal(self.r.choice(KEYS))} in {self.map_(depth - 1)})", lambda: f"({self.anything(depth - 1)} is {self.r.choice(['', 'not '])}{self.plain_test()})",
            lambda: f"({self.int_(depth - 1)} is {self.r.choice(['odd', 'even', 'divisibleby 3', 'divisibleby(2)', 'gt 3', 'lt(10)', 'eq 1', 'ne(2)', 'ge 0', 'le 5'])})",
            lambda: f"({self.anything(depth - 1)} | bool)", lambda: f"(v is version({self.literal(self.r.choice(VERSIONS[:7]))}, {self.literal(self.r.choice(['<', '>=', 'eq', 'ne', '>', 'le']))}))",
            lambda: f"({self.str_(depth - 1)} is {self.r.choice(['match', 'search', 'regex'])}({self.literal(self.pattern())}))", lambda: f"(result is {self.r.choice(['changed', 'failed', 'succeeded', 'skipped', 'success', 'reachable'])})",
            lambda: f"({self.list_(depth - 1)} is {self.r.choice(['subset', 'superset', 'contains'])}({self.list_(depth - 1)}))", lambda: f"({self.list_(depth - 1)} is {self.r.choice(['any', 'all'])})",
            lambda: f"{self.str_(0)}.{self.r.choice(['startswith', 'endswith'])}({self.literal(self.word())})", lambda: f"{self.str_(0)}.{self.r.choice(['isdigit()', 'isalpha()', 'isupper()', 'islower()', 'isspace()', 'isalnum()'])}",
            lambda: f"({self.anything(depth - 1)} == {self.anything(depth - 1)})", lambda: f"(nope is {self.r.choice(['defined', 'undefined', 'not defined'])})", lambda: f"(m.a is defined)")

    def plain_test(self):
        return self.r.choice(["defined", "undefined", "none", "string", "number", "integer", "float", "boolean", "mapping", "sequence", "iterable",
                              "true", "false", "truthy", "falsy", "callable", "in [1, 2]", "sameas none", "abs", "upper", "lower"])

    def ints(self, depth):
        if depth <= 0:
            return self.r.choice(VARIABLES["ints"] + ["[3, 1, 2]"])
        return self.pick(lambda: self.r.choice(VARIABLES["ints"]), lambda: "[" + ", ".join(self.int_(depth - 1) for _ in range(self.r.randrange(4))) + "]",
                         lambda: f"range({self.r.randrange(6)})", lambda: f"range({self.r.randrange(4)}, {self.r.randrange(9)}, {self.r.choice([1, 2, 3])})",
                         lambda: f"({self.ints(depth - 1)} | {self.r.choice(['sort', 'unique', 'reverse', 'list'])})", lambda: f"({self.ints(depth - 1)} | select({self.literal(self.r.choice(['odd', 'even']))}))",
                         lambda: f"({self.ints(depth - 1)} | map('abs'))", lambda: f"(people | map(attribute='age') | list)", lambda: f"({self.ints(depth - 1)} | reject('gt', {self.r.randrange(9)}))")

    def strs(self, depth):
        if depth <= 0:
            return self.r.choice(VARIABLES["strs"])
        return self.pick(lambda: self.r.choice(VARIABLES["strs"]), lambda: "[" + ", ".join(self.str_(depth - 1) for _ in range(self.r.randrange(4))) + "]",
                         lambda: f"{self.str_(0)}.split({self.r.choice(['', repr(','), repr(' ')])})", lambda: f"({self.str_(depth - 1)} | split({self.r.choice(['', repr(','), repr('/')])}))",
                         lambda: f"({self.strs(depth - 1)} | map({self.literal(self.r.choice(['upper', 'lower', 'trim', 'length', 'quote', 'capitalize']))}))", lambda: f"{self.str_(0)}.splitlines()",
                         lambda: f"({self.strs(depth - 1)} | {self.r.choice(['sort', 'unique', 'reverse', 'list'])})", lambda: f"({self.map_(depth - 1)} | list)", lambda: f"{self.map_(0)}.keys()",
                         lambda: f"({self.str_(depth - 1)} | regex_findall({self.literal(self.pattern())}))", lambda: f"(people | map(attribute='home.city') | list)", lambda: f"(words | select('match', {self.literal(self.pattern())}))")

    def list_(self, depth):
        if depth <= 0:
            return self.r.choice(VARIABLES["list"] + ["[]", "[1, 'a']"])
        inner = lambda: self.list_(depth - 1)
        return self.pick(
            lambda: self.r.choice(VARIABLES["list"]), lambda: self.ints(depth - 1), lambda: self.strs(depth - 1), lambda: "[" + ", ".join(self.anything(depth - 1) for _ in range(self.r.randrange(4))) + "]",
            lambda: "(" + ", ".join(self.anything(depth - 1) for _ in range(self.r.randrange(2, 4))) + ")", lambda: f"({self.ints(depth - 1)} + {self.strs(depth - 1)})", lambda: f"({inner()} | flatten)",
            lambda: f"({inner()} | flatten(levels=1))", lambda: self.set_operation(self.ints, depth), lambda: self.set_operation(self.strs, depth),
            lambda: f"({inner()} | zip({inner()}))", lambda: f"({inner()} | zip_longest({inner()}, fillvalue={self.r.choice(['0', repr('-')])}))", lambda: f"({inner()} | batch({self.r.randrange(1, 4)}))",
            lambda: f"({inner()} | batch(2, 'fill'))", lambda: f"({inner()} | slice({self.r.randrange(1, 4)}))", lambda: f"({self.map_(depth - 1)} | dict2items)", lambda: f"({self.map_(depth - 1)} | dictsort)",
            lambda: f"(d | dictsort(by='key', reverse=true))", lambda: f"{self.map_(0)}.{self.r.choice(['items()', 'values()', 'keys()'])}", lambda: f"{inner()}[{self.slice()}]", lambda: f"(hosts | selectattr('up'))",
            lambda: f"(hosts | {self.r.choice(['selectattr', 'rejectattr'])}('port', {self.literal(self.r.choice(['eq', 'gt', '==']))}, {self.r.choice([80, 443])}))", lambda: f"(people | sort(attribute={self.literal(self.r.choice(['age', 'name', 'home.city', 'name,age']))}))",
            lambda: f"(people | sort(attribute='age', reverse=true))", lambda: f"(hosts | groupby({self.literal(self.r.choice(['name', 'port']))}))", lambda: f"(people | subelements('tags'))",
            lambda: f"({self.ints(depth - 1)} | product({self.strs(0)}))", lambda: f"(more | {self.r.choice(['combinations', 'permutations'])}(2))", lambda: f"(words | shuffle(seed={self.literal(self.word() + 'x')}))",
            lambda: f"({inner()} | map('default', 'x'))", lambda: f"({inner()} | select)", lambda: f"({inner()} | reject('none'))", lambda: f"(hosts | map(attribute='nope', default='x') | list)",
            lambda: f"({inner()} | select({self.literal(self.r.choice(['string', 'number', 'mapping', 'defined', 'none', 'truthy']))}))", lambda: f"(people | map('combine', {{'x': 1}}))", lambda: f"({inner()} | unique)", lambda: f"({inner()} * 2)",
            lambda: f"(words | map('regex_replace', {self.literal(self.pattern())}, 'Z'))", lambda: f"(hosts | rekey_on_member('port', duplicates='overwrite') | dict2items)", lambda: f"({inner()} | to_json | from_json)",
            lambda: f"({self.literal(self.r.choice(KEYS))} | list)", lambda: f"(people | json_query('[].name'))" if False else f"(people | map(attribute='tags') | flatten)")

    def set_operation(self, items, depth):
        """Sorted: what comes first in a Python set is chance."""
        operation = self.r.choice(["union", "intersect", "difference", "symmetric_difference"])
        return f"({items(depth - 1)} | {operation}({items(depth - 1)}) | sort(case_sensitive=true))"

    def map_(self, depth):
        if depth <= 0:
            return self.r.choice(VARIABLES["map"] + ["{}", "people[0]"])
        return self.pick(
            lambda: self.r.choice(VARIABLES["map"]), lambda: "{" + ", ".join(f"{self.literal(self.r.choice(KEYS))}: {self.anything(depth - 1)}" for _ in range(self.r.randrange(3))) + "}",
            lambda: f"({self.map_(depth - 1)} | combine({self.map_(depth - 1)}))", lambda: f"({self.map_(depth - 1)} | combine({self.map_(depth - 1)}, recursive=true, list_merge={self.literal(self.r.choice(['replace', 'keep', 'append', 'prepend', 'append_rp', 'prepend_rp']))}))",
            lambda: f"({self.map_(depth - 1)} | dict2items | items2dict)", lambda: f"dict({self.r.choice(['a', 'b'])}={self.anything(depth - 1)})", lambda: f"dict(words | zip(more))", lambda: f"({self.map_(depth - 1)} | to_json | from_json)",
            lambda: f"({self.map_(depth - 1)} | to_nice_yaml | from_yaml)", lambda: f"('https://user:pw@Example.com:8080/a/b?c=d#e' | urlsplit)", lambda: f"people[{self.r.randrange(2)}]", lambda: f"(people | first)")

    # ---- templates

    def expression(self):
        return self.anything(self.r.randrange(1, 5))

    def output(self, depth=2):
        return "{{" + self.r.choice([" ", "- ", " "]) + self.anything(depth) + self.r.choice([" ", " -", " "]) + "}}"

    def text(self):
        return self.r.choice(["", " ", "\n", "text ", "a\nb", "  \n", "x", ": ", "\n\n", "{ not", "} %", "# c"])

    def tag(self, content):
        return "{%" + self.r.choice(["", "", "-", "+"]) + " " + content + " " + self.r.choice(["", "", "-", "+"]) + "%}"

    def statement(self, depth):
        if depth <= 0:
            return self.r.choice([self.text, self.output])()
        body = lambda: self.body(depth - 1)
        name = self.r.choice(["x", "y", "z"])
        return self.pick(
            self.text, self.output, self.output,
            lambda: self.tag(f"if {self.bool_(2)}") + body() + self.r.choice(["", self.tag("else") + body(), self.tag(f"elif {self.bool_(1)}") + body() + self.tag("else") + body()]) + self.tag("endif"),
            lambda: self.tag(f"for {name} in {self.list_(2)}") + body() + "{{ " + self.r.choice(["loop.index", "loop.index0", "loop.first", "loop.last", "loop.length", "loop.revindex", "loop.cycle('a', 'b')", name, "loop.revindex0", "loop.depth", "loop.changed(" + name + ")"]) + " }}" + self.r.choice(["", self.tag("else") + body()]) + self.tag("endfor"),
            lambda: self.tag(f"for {name} in {self.ints(2)} if {name} is odd") + "{{ " + name + " }}" + self.tag("endfor"), lambda: self.tag("for key, value in d.items()") + "{{ key }}={{ value }};" + self.tag("endfor"),
            lambda: self.tag(f"for {name} in {self.ints(1)}") + "{{ loop.previtem | default('-') }}{{ loop.nextitem | default('+') }}" + self.tag("endfor"),
            lambda: self.tag(f"set {name} = {self.anything(2)}") + "{{ " + name + " }}", lambda: self.tag(f"set {name}") + body() + self.tag("endset") + "[{{ " + name + " }}]",
            lambda: self.tag(f"set {name} | upper") + body() + self.tag("endset") + "[{{ " + name + " }}]", lambda: "{#" + self.r.choice(["", "-"]) + " comment " + self.r.choice(["", "-", "+"]) + "#}", lambda: "{% raw %}{{ raw }}{% endraw %}",
            lambda: self.tag(f"with {name} = {self.anything(1)}") + "{{ " + name + " }}" + body() + self.tag("endwith"), lambda: self.tag("filter " + self.r.choice(["upper", "trim", "indent(2)", "replace('a', 'b')"])) + body() + self.tag("endfilter"),
            lambda: self.tag(f"macro mac({name}, q={self.anything(1)})") + "<{{ " + name + " }}|{{ q }}>" + self.tag("endmacro") + "{{ mac(" + self.anything(1) + ") }}{{ mac(1, q=2) }}",
            lambda: self.tag("set ns = namespace(n=0)") + self.tag(f"for {name} in {self.ints(1)}") + self.tag(f"set ns.n = ns.n + {name}") + self.tag("endfor") + "{{ ns.n }}",
            lambda: self.tag("set acc = []") + self.tag(f"for {name} in {self.list_(1)}") + self.tag(f"set _ = acc.append({name})") + self.tag("endfor") + "{{ acc }}", lambda: self.tag("set acc = {}") + self.tag("set _ = acc.update({'k': " + self.anything(1) + "})") + "{{ acc }}",
            lambda: self.tag(f"for {name} in {self.ints(1)}") + self.tag(f"if {name} is odd") + self.tag(self.r.choice(["break", "continue"])) + self.tag("endif") + "{{ " + name + " }}," + self.tag("endfor"),
            lambda: self.tag("macro c()") + "[{{ caller() }}]" + self.tag("endmacro") + self.tag("call c()") + body() + self.tag("endcall"), lambda: self.tag("block blk" + str(self.r.randrange(10**6))) + body() + self.tag("endblock"),
            lambda: self.tag(f"set a, b = {self.anything(1)}, {self.anything(1)}") + "{{ b }}{{ a }}", lambda: "{% for n in [[1, [2]], [3, []]] recursive %}{{ n[0] if n is iterable else n }}{% if n is iterable %}{{ loop(n[1]) }}{% endif %}{% endfor %}", lambda: self.tag(f"do {self.anything(1)}"))

    def body(self, depth):
        return "".join(self.statement(depth) for _ in range(self.r.randrange(1, 4)))

    def filled(self, form):
        for mark, make in (("{T}", self.str_), ("{L}", self.list_), ("{I}", self.int_)):
            while mark in form:
                form = form.replace(mark, make(self.r.randrange(2)), 1)
        return form.replace("{K}", str(self.r.randrange(1, 9)))

    def case(self):
        kind = self.r.random()
        if kind < 0.1:
            case = {"kind": "render", "template": "{{ " + self.filled(self.r.choice(SELDOM)) + " }}" + self.r.choice(["", "", "|"])}
        elif kind < 0.15:
            case = {"kind": "file", "template": self.filled(self.r.choice(STATEMENTS))}
        elif kind < 0.6:
            case = {"kind": "render", "template": "{{ " + self.expression() + " }}"}
        elif kind < 0.7:
            case = {"kind": "render", "template": self.word().replace("{", "") + "{{ " + self.expression() + " }}" + self.r.choice(["", " tail", "\n"])}
        else:
            header = self.r.choice(["", "", "", "", "#jinja2: lstrip_blocks: True, trim_blocks: True\n", "#jinja2: trim_blocks: False\n"]) if False else ""
            case = {"kind": "file", "template": header + self.body(self.r.randrange(1, 4)) + self.r.choice(["", "\n"])}
        return case


def cases(seed, count):
    """Several cases in a row share their data."""
    generator = Generator(seed)
    data = None
    for number in range(count):
        if number % 10 == 0:
            data = generator.data()
        yield dict(generator.case(), id=f"{seed}:{number}", data=data)


if __name__ == "__main__":
    import sys
    for one in cases(sys.argv[1] if len(sys.argv) > 1 else "0", int(sys.argv[2]) if len(sys.argv) > 2 else 20):
        print(json.dumps(one))
