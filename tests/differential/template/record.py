#!/usr/bin/env python3
"""Asks the reference what each filter, test, method and statement gives, and records it beside the unit tests.

    python record.py > ../../agent/template/reference.jsonl

The unit tests (tests/agent/template/reference_test.cpp) hold the engine to it without needing Python.
"""
import json
import sys

DATA = {
    "n": None, "i": 5, "f": 2.5, "s": "Hello World", "l": [3, 1, 2], "w": ["b", "A", "c"], "m": {"b": 1, "a": [1, 2]}, "e": [], "t": "  x y  ",
    "people": [{"name": "Bob", "age": 30, "tags": ["x", "y"], "home": {"city": "Rome"}}, {"name": "alice", "age": 25, "tags": [], "home": {"city": "Oslo"}}],
    "res": {"changed": True, "failed": False, "rc": 0, "skipped": False, "unreachable": False, "started": 1, "finished": 0},
    "lines": "a\nb\n\nc", "path": "/etc/nginx/nginx.conf", "dup": [1, 2, 1, 3, 2], "mixed": [1, "a", None, True, 1.5, [2], {"k": "v"}],
}

FILTERS = r"""
n | default('x') ; nope | default('x') ; nope.a.b | d(1) ; '' | default('x', true) ; e | default([1], boolean=True)
s | lower ; s | upper ; s | length ; l | count ; 'yes' | bool ; 'no' | bool ; 1 | bool ; 'TRUE' | bool ; l | join(',') ; l | join ; people | join(',', attribute='name')
l | string ; i | string ; l | first ; l | last ; 'abc' | first ; e | first | default('none') ; lines | indent ; lines | indent(2, true) ; lines | indent(2, blank=true) ; lines | indent('> ')
'42' | int ; 'x' | int ; 'x' | int(7) ; 'ff' | int(base=16) ; '0x1f' | int(0, 16) ; '3.7' | int ; 3.9 | int ; true | int ; '1e3' | int ; none | int(3)
'abc' | regex_replace('b', 'X') ; 'abc' | regex_replace('(a)(b)', '\\2\\1') ; 'abc' | regex_replace('(?P<q>b)', '<\\g<q>>') ; 'aBc' | regex_replace('b', 'X', ignorecase=true) ; 'aXbXc' | regex_replace('X', '', count=1) ; 'a\nb' | regex_replace('^', '>', multiline=true)
w | map('upper') ; people | map(attribute='name') ; people | map(attribute='home.city') | list ; people | map(attribute='zip', default='-') ; l | map('string') | join('+') ; w | map('replace', 'b', 'X')
m | to_nice_yaml ; m | to_yaml ; people | to_nice_yaml ; people | to_yaml ; l | to_nice_yaml(indent=2) ; m | to_nice_yaml(indent=2, sort_keys=false) ; 'multi\nline' | to_yaml ; mixed | to_nice_yaml ; ['yes', '1', '', ' x', 'a: b', '#c', 'it\'s', 'true', '~', '2001-01-01'] | to_nice_yaml ; m | to_yaml(default_flow_style=true)
s | list ; m | list ; s | replace('l', 'L') ; s | replace('l', 'L', 1) ; m | to_json ; mixed | to_json ; 'é\n"' | to_json ; 'é' | to_json(ensure_ascii=false) ; m | to_json(indent=2) ; m | to_json(sort_keys=true) ; m | to_nice_json ; m | to_nice_json(indent=2) ; m | to_json(separators=(',', ':'))
m | combine({'b': 2}) ; m | combine({'c': 3}, {'d': 4}) ; {'a': {'x': 1}} | combine({'a': {'y': 2}}, recursive=true) ; {'a': [1, 2]} | combine({'a': [2, 3]}, list_merge='append') ; {'a': [1, 2]} | combine({'a': [2, 3]}, list_merge='prepend') ; {'a': [1, 2]} | combine({'a': [2, 3]}, list_merge='append_rp') ; {'a': [1, 2]} | combine({'a': [2, 3]}, list_merge='prepend_rp') ; {'a': [1]} | combine({'a': [2]}, list_merge='keep')
s | comment ; lines | comment ; s | comment('c') ; s | comment('cblock') ; s | comment('xml') ; s | comment('erlang') ; s | comment('plain', prefix='#######', postfix='#######') ; s | comment(decoration='! ', prefix_count=2, postfix_count=0)
people | selectattr('age', 'gt', 26) ; people | selectattr('name') | list ; people | selectattr('tags', 'contains', 'x') ; people | rejectattr('age', 'gt', 26) ; people | rejectattr('tags') ; (i > 3) | ternary('a', 'b') ; none | ternary(1, 2, 3) ; false | ternary(1, 2)
'{"a": [1, 2.5, null, true]}' | from_json ; '[]' | from_json ; l | sort ; w | sort ; w | sort(case_sensitive=true) ; l | sort(reverse=true) ; people | sort(attribute='age') ; people | sort(attribute='name,age') ; m | sort
t | trim ; '--x--' | trim('-') ; 59 | random(seed='host1') ; l | random(seed='a') ; 100 | random(10, 10, seed='z') ; m | dict2items ; m | dict2items(key_name='k', value_name='v') ; [{'key': 'a', 'value': 1}] | items2dict ; [{'k': 'a', 'v': 1}] | items2dict(key_name='k', value_name='v')
'https://user:pw@Example.com:8080/a/b?c=d#e' | urlsplit ; 'https://example.com/a' | urlsplit('hostname') ; 'https://example.com:1/a?b=c' | urlsplit('port') ; l | select('odd') ; l | select ; mixed | select('string') ; l | reject('odd') ; mixed | reject('none') ; [[1, [2]], [3]] | flatten ; [[1, [2]], [3]] | flatten(levels=1) ; [1, none, [2, none]] | flatten ; [1, none] | flatten(skip_nulls=false)
dup | unique ; ['a', 'A', 'b'] | unique ; ['a', 'A'] | unique(case_sensitive=true) ; people | unique(attribute='age') ; path | dirname ; path | basename ; 'x' | dirname ; '/a/b/' | basename ; '/' | dirname ; s | quote ; 'it\'s' | quote ; '' | quote ; 'safe' | quote
mixed | map('type_debug') | list ; (1, 2) | type_debug ; '2.5' | float ; 'x' | float ; 'x' | float(1.5) ; i | float ; '1e3' | float ; 'aGVsbG8=' | b64decode ; s | b64encode ; 'é' | b64encode ; 'é' | b64encode(encoding='utf-16-le') ; dup | difference([1]) ; dup | intersect([1, 3, 9]) ; dup | union([9]) ; dup | symmetric_difference([1, 9])
'a: [1, 2]' | from_yaml ; '[yes, 010, 1.5, ~, text]' | from_yaml ; 'a: 1\n---\nb: 2' | from_yaml_all ; 'hash' | hash('sha1') ; 'hash' | hash('md5') ; 'hash' | hash('sha256') ; 'x' | hash ; 'x' | checksum ; 'x' | md5 ; 'x' | sha1
'a,b' | split(',') ; s | split ; 'a,b,c' | split(',', 1) ; s | regex_search('W.*') ; s | regex_search('x') ; 'ab12' | regex_search('([a-z]+)(\\d+)', '\\1', '\\2') ; 'ab12' | regex_search('(?P<n>\\d)', '\\g<n>') ; 'a1b2' | regex_findall('[a-z]\\d') ; 'a1b2' | regex_findall('([a-z])(\\d)') ; 'a1b2' | regex_findall('[a-z](\\d)') ; 'AbA' | regex_findall('a', ignorecase=true) ; 'a.b*c' | regex_escape ; '^a.b$' | regex_escape('posix_basic')
'a.tar.gz' | splitext ; '/a/.bashrc' | splitext ; [1, 2] | product([3, 4]) ; [1, 2] | product(repeat=2) ; m | dictsort ; m | dictsort(reverse=true) ; {'a': 2, 'b': 1} | dictsort(by='value') ; l | zip(w) ; [1] | zip([2, 3], [4]) ; [1] | zip_longest([2, 3]) ; [1] | zip_longest([2, 3], fillvalue='-') ; 1 | mandatory ; '%s-%d' | format('a', 5) ; '%(x)s' | format(x=1)
2.567 | round(2) ; 2.5 | round ; 3.5 | round ; 2.1 | round(0, 'ceil') ; 2.9 | round(method='floor') ; 42 | round ; l | reverse ; s | reverse ; l | min ; l | max ; w | min ; w | max ; people | max(attribute='age') ; e | min | default('none') ; l | sum ; people | sum(attribute='age') ; l | sum(start=10) ; e | sum
people | subelements('tags') ; [{'a': {'b': [1]}}] | subelements('a.b') ; l | shuffle(seed='x') ; {'a': 1, 'b c': 'ä&'} | urlencode ; 'a b/c' | urlencode ; 'a%20b+c' | urldecode ; [['a', 1]] | urlencode
'2024-01-02 03:04:05' | to_datetime | string ; ('2024-01-02 03:04:05' | to_datetime) - ('2024-01-01 00:00:00' | to_datetime) | string | length | string | default(0) if false else 1 ; (('2024-01-02 03:04:05' | to_datetime) - ('2024-01-01 00:00:00' | to_datetime)).total_seconds() ; (('2024-03-02' | to_datetime('%Y-%m-%d')) - ('2024-02-01' | to_datetime('%Y-%m-%d'))).days ; ('2024-01-02' | to_datetime('%Y-%m-%d')).strftime('%d.%m.%y') ; '%Y-%m-%d %H:%M:%S' | strftime(86400, utc=true) ; ('2024-05-06 07:08:09.123456' | to_datetime('%Y-%m-%d %H:%M:%S.%f')).isoformat()
1024 | human_readable ; 1536 | human_readable ; 1000000 | human_readable(isbits=true) ; 10000 | human_readable(unit='M') ; '1.5K' | human_to_bytes ; '10 MB' | human_to_bytes ; '10' | human_to_bytes ; '10' | human_to_bytes('M') ; '10Mb' | human_to_bytes(isbits=true)
'/a/../b/./c' | normpath ; '/a/b/c' | relpath('/a/x') ; ['/a', 'b', '../c'] | path_join ; ['/a/b/c', '/a/b/d'] | commonpath ; 'C:\\x\\y.txt' | win_basename ; 'C:\\x\\y.txt' | win_dirname ; 'C:\\x' | win_splitdrive
people | groupby('age') ; people | groupby('home.city') | map('first') | list ; l | batch(2) ; l | batch(2, 'x') ; l | slice(2) ; l | slice(2, 'x') ; -5 | abs ; 2.5 | abs ; s | title ; 'HELLO wORLD' | capitalize ; 'a' | extract({'a': {'b': 1}}) ; 'a' | extract({'a': {'b': 1}}, 'b') ; 1 | extract([5, 6]) ; [0, 1] | map('extract', w) | list
'x' | to_uuid ; 'x' | to_uuid(namespace='11111111-2222-3333-4444-555555555555') ; 9 | root ; 27 | root(3) ; 2 | pow(10) ; 100 | log(10) ; 8 | log(2) | round(6) ; l | combinations(2) ; [1, 2] | permutations ; [1, 2, 3] | permutations(2) | length ; [{'a': 1, 'b': 2}] | rekey_on_member('a')
s | center(20) ; 'a < b & "c"' | escape ; 'a < b' | e ; '<b>x</b>  y' | striptags ; s | truncate(5) ; s | truncate(8, true) ; s | truncate(8, false, '..', 0) ; s | wordcount ; 'the quick brown fox' | wordwrap(10) ; 1000000 | filesizeformat ; 1048576 | filesizeformat(true) ; m | tojson ; '<a&b>' | tojson ; {'a': 1} | xmlattr ; m | items | list ; s | attr('upper') is callable ; mixed | pprint ; 'x' | safe ; s | forceescape ; ['1.10', '1.9', '1.2'] | sort
"""

TESTS = r"""
s is defined ; nope is defined ; nope is undefined ; nope is not defined ; m.zz is defined ; res is succeeded ; res is success ; res is successful ; res is failed ; res is failure ; res is changed ; res is change ; res is skipped ; res is skip ; res is unreachable ; res is reachable ; res is started ; res is finished ; {'results': [{'changed': true}]} is changed
'1.10' is version('1.9', '>') ; '1.10' is version('1.9', '<') ; '2.0' is version('2.0') ; '1.2.3' is version('1.2.3', '>=', strict=true) ; '1.0.0-rc.1' is version('1.0.0', '<', version_type='semver') ; '1.0rc1' is version('1.0', '<', version_type='pep440') ; '20.04' is version('18.04', 'ge') ; '1.2' is version_compare('1.3', 'lt') ; '1.0' is version('1.0', '!=')
s is string ; i is string ; m is mapping ; l is mapping ; i is number ; f is number ; true is number ; s is number ; s is search('World') ; s is search('world', ignorecase=true) ; s is match('World') ; s is match('Hello') ; s is regex('o W') ; s is regex('Hello', match_type='match') ; l is iterable ; i is iterable ; s is iterable ; none is none ; n is none ; i is none ; n is sameas none ; true is sameas true
2 is in [1, 2] ; 'a' is in 'abc' ; false is false ; i is false ; true is true ; i is true ; [false, true] is any ; [false] is any ; [true, true] is all ; [true, false] is all ; l is sequence ; s is sequence ; i is sequence ; l is contains(1) ; s is contains('World') ; 'yes' is truthy ; '' is truthy ; 'no' is truthy(convert_bool=true) ; 0 is falsy ; [1] is subset([1, 2]) ; [1, 2] is superset([1]) ; [1] is issubset([1]) ; [1] is issuperset([1, 2])
true is boolean ; 1 is boolean ; 1 is integer ; 1.0 is integer ; true is integer ; 1.0 is float ; 1 is float ; 6 is divisibleby 3 ; 7 is divisibleby(3) ; '/' is exists ; '/nope' is exists ; '/' is directory ; '/' is is_dir ; '/etc/passwd' is file ; '/etc/passwd' is is_file ; '/' is link ; '/etc' is abs ; 'etc' is abs ; '/' is mount ; '/' is same_file('/') ; '/nope' is link_exists
3 is odd ; 3 is even ; 'ABC' is upper ; 'abc' is lower ; 'aBC' is lower ; 1 is eq 1 ; 1 is equalto(1) ; 1 is ne 2 ; 2 is gt 1 ; 2 is greaterthan(1) ; 1 is lt 2 ; 1 is lessthan(2) ; 2 is ge 2 ; 2 is le 1 ; l is callable ; range is callable ; 'x' is escaped ; f is nan ; 'http://x' is url ; 'mailto:a@b' is uri ; 'urn:isbn:1' is urn ; 'upper' is filter ; 'nosuch' is filter ; 'odd' is test
"""

EXPRESSIONS = r"""
1 + 2 * 3 ; (1 + 2) * 3 ; 7 // 2 ; -7 // 2 ; 7 % 3 ; -7 % 3 ; 7 / 2 ; 6 / 2 ; 2 ** 10 ; 2 ** -1 ; 2 ** 3 ** 2 ; -2 ** 2 ; -i | abs ; 1.5 + 1 ; 7.5 // 2 ; -7.5 % 2 ; 'a' + 'b' ; 'ab' * 3 ; 3 * 'ab' ; [1] + [2] ; [1] * 2 ; (1,) + (2,) ; 'a' ~ 1 ~ none ~ true ; 10 - 2 - 3 ; 1 if true else 2 ; 1 if false else 2 ; 'x' if false else 'y' if false else 'z'
1 < 2 < 3 ; 1 < 3 < 2 ; 1 == 1.0 ; true == 1 ; 'a' < 'b' ; [1, 2] < [1, 3] ; [1, 2] == [1, 2] ; [1] == (1,) ; {'a': 1} == {'a': 1.0} ; none == none ; 1 in l ; 9 not in l ; 'b' in m ; 'lo' in s ; not true ; not e ; true and 'x' ; false or 'y' ; e or 'z' ; '' and 1 ; true and false or true ; 1 != 2 ; not 1 == 2
l[0] ; l[-1] ; l[1:] ; l[:-1] ; l[::-1] ; l[::2] ; s[0] ; s[-5:] ; s[::-1] ; m.b ; m['b'] ; m.a.0 ; m['a'][1] ; m.get('zz') ; m.get('zz', 'd') ; people[0].home.city ; people.0.name ; (1, 2)[1] ; {'a': {'b': 2}}.a.b ; [[1, 2], [3]][0][1] ; l[5] | default('no') ; l[10:] ; 'abc'[1:2] ; 'ünï'[0]
[1, 'a', none, true, 1.0] ; {'a': 1, 'b': [2]} ; (1, 2) ; () ; [] ; {} ; [1, 2,] ; {'a': 1,} ; (1,) ; 1_000 ; 0x1f ; 0b11 ; 0o17 ; 1e3 ; 1.5e-3 ; 'it\'s' ; "it's" ; 'a' 'b' ; 'tab\tx' ; '\x41\u00e4' ; true ; True ; none ; None ; 1.0 ; 0.1 + 0.2 ; 1e20 ; 1e16 ; 123456789.0 ; 1e-5 ; 1e15
range(3) | list ; range(1, 4) | list ; range(5, 0, -2) | list ; dict(a=1) ; dict([('a', 1)]) ; dict({'a': 1}, b=2) ; '%s is %d' % ('a', 5) ; '%5.2f|%-5s|%05d|%x|%%' % (3.14159, 'ab', 42, 255) ; '%(a)s' % {'a': 1} ; '%s' % 'x' ; '%r' % 'x' ; '%s' % [1, 2]
s.upper() ; s.lower() ; t.strip() ; t.lstrip() ; t.rstrip() ; s.split() ; 'a,b'.split(',') ; 'a,b,c'.split(',', 1) ; 'a,b,c'.rsplit(',', 1) ; s.startswith('He') ; s.endswith('ld') ; s.find('o') ; s.rfind('o') ; s.find('zz') ; s.index('W') ; s.count('l') ; s.replace('l', 'L') ; ','.join(w) ; lines.splitlines() ; s.title() ; s.swapcase() ; s.capitalize() ; '7'.zfill(3) ; 'x'.center(5) ; 'x'.ljust(3, '.') ; 'x'.rjust(3) ; '12'.isdigit() ; 'ab'.isalpha() ; 'a1'.isalnum() ; ' '.isspace() ; 'AB'.isupper() ; 'ab'.islower() ; 'a=b=c'.partition('=') ; 'a=b=c'.rpartition('=') ; 'abc'.removeprefix('a') ; 'abc'.removesuffix('c') ; 'aXb'.casefold() ; s.startswith(('x', 'He'))
'{} {}'.format(1, 'a') ; '{0} {0}'.format('x') ; '{a} {b!r}'.format(a=1, b='c') ; '{:>5}|{:<5}|{:^5}'.format('a', 'b', 'c') ; '{:05d} {:x} {:.2f} {:,}'.format(42, 255, 3.14159, 1234567) ; '{:+d} {:e} {:%}'.format(5, 12345.678, 0.25) ; '{0[a]} {1[0]}'.format({'a': 1}, [2]) ; '{:*^9}'.format('mid') ; '{:b} {:o} {:#x}'.format(5, 8, 255) ; '{:g}'.format(0.0001) ; '{:10.3f}|'.format(2.5)
m.items() | list ; m.keys() | list ; m.values() | list ; m.copy() ; l.index(1) ; l.copy() ; (1, 2, 1).count(1)
"""

# What the comparison with random cases once found different.
FOUND = r"""
{'a': [1]} | combine({'a': [1]}, list_merge='append', recursive=true) ; {'a': {'b': [1], 'c': 1}} | combine({'a': {'b': [1]}}, list_merge='append', recursive=true) ; {'a': 1, 'b': 2} | combine({'b': 2, 'a': 1}) ; {} | combine({'b': 1}) ; [{'a': 1}, {'b': 2}] | combine
'x' | regex_replace('x*', 'Z') ; 'abxd' | regex_replace('x*', '-') ; 'xx' | regex_findall('x*') ; 'a-b_c' | wordwrap(4) ; '196 days, 10:00' | wordwrap(4) ; nope | upper | default('d') ; 'x' | replace(nope, 'y') | default('d') ; true | ternary(1, nope) ; false | ternary(nope, 2) ; nope | ternary(1, 2)
none | bool ; [1, omit] ; {'a': omit, 'b': [omit, 2]} ; [] | path_join ; [1] | path_join ; 1.5 is abs ; 0.0 // -2.5 ; 'xy' | flatten ; l | shuffle(seed='') | length ; nope | type_debug ; s | string.upper
query('subelements', people, 'tags') ; query('subelements', [{'a': {'b': [1], 'c': 2}}], 'a.b') ; query('nested', [[1, [2]], 3], ['x']) ; lookup('items', []) ; lookup('env', 'NO_SUCH_VARIABLE', default=none) ; [1, nope] | flatten ; lookup('vars', 'nope', default=none)
"""

TEMPLATES = [
    "{% set x %}{{ i }}{% endset %}{{ x + 1 }}", "{% set x %}{% endset %}[{{ x }}]{{ x is none }}", "{% macro m1() %}{{ l }}{% endmacro %}{{ m1() | length }}", "{% macro m1() %}{% endmacro %}[{{ m1() }}]{{ m1() is none }}", "{{ l }}\n", "{{ n }}\n", "{{ n }}{{ i }}\n", "\n", "a\r\n", "x{{ [omit, (1, (2,))] }}", "{{ people | groupby('age') }}|", "{{ people | groupby('age') }}", "{% block b %}{{ l }}{% endblock %}", "{{ m.items() | string }} {{ (1, 2) ~ '' }} {{ [(1,)] | join }}",
    "x{{ mixed }}y", "{{ n }}|{{ [n] }}|{{ n | string }}", "{{ 1 }}{{ 2 }}", "{{ (1, 'a') }} {{ (1,) }} {{ () }}", "{{ i }}\n", "a\n\n", "{{ s }}\n\n", "{% if true %}a{% endif %}\n\nb", "{{ {'k': 'it\\'s', 'q': '\"'} }}",
    "{% for x in l %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }} {% endfor %}", "{% for x in e %}x{% else %}empty{% endfor %}", "{% for x in l if x > 1 %}{{ x }}{{ loop.length }}{% endfor %}",
    "{% for k, v in m.items() %}{{ k }}={{ v }};{% endfor %}", "{% for x in l %}{{ loop.cycle('a', 'b') }}{{ loop.previtem | default('-') }}{{ loop.nextitem | default('-') }}{% endfor %}", "{% for x in [1, 1, 2] %}{{ loop.changed(x) }} {% endfor %}",
    "{% for x in [[1, [2, 3]], [4, []]] recursive %}{% if x is iterable %}{{ x[0] }}({{ loop(x[1]) }}){% else %}{{ x }}@{{ loop.depth }}{% endif %}{% endfor %}", "{% for i in l %}{% for j in l %}{{ loop.index }}{% endfor %};{% endfor %}", "{% for x in 'ab' %}{{ x }}.{% endfor %}", "{% for x in m %}{{ x }}{% endfor %}",
    "{% for x in l %}{% if x == 1 %}{% continue %}{% endif %}{{ x }}{% endfor %}", "{% for x in l %}{% if x == 1 %}{% break %}{% endif %}{{ x }}{% endfor %}", "{% if i > 9 %}a{% elif i > 3 %}b{% else %}c{% endif %}", "{% if e %}a{% endif %}b",
    "{% set x = 1 %}{{ x }}", "{% set x %}a{{ i }}{% endset %}[{{ x }}]", "{% set x | upper | trim %} a{{ i }} {% endset %}[{{ x }}]", "{% set a, b = 1, 2 %}{{ a }}{{ b }}", "{% set x = 1 %}{% for i in l %}{% set x = i %}{% endfor %}{{ x }}", "{% set ns = namespace(x=1, y='a') %}{% for i in l %}{% set ns.x = ns.x + i %}{% endfor %}{{ ns.x }}{{ ns.y }}",
    "{% set x = 1 %}{% if true %}{% set x = 2 %}{% endif %}{{ x }}", "{% set l2 = [] %}{% for i in l %}{% set _ = l2.append(i) %}{% endfor %}{{ l2 }}", "{% set d2 = {} %}{% set _ = d2.update({'a': 1}) %}{% set _ = d2.update(b=2) %}{{ d2 }}", "{% do [].append(1) %}x", "{% set q = [1, 2, 3] %}{{ q.pop() }}{{ q }}{% do q.insert(0, 9) %}{% do q.remove(2) %}{% do q.extend([7]) %}{{ q }}{% do q.reverse() %}{{ q }}{% do q.sort() %}{{ q }}",
    "{% set q = {'a': 1, 'b': 2} %}{{ q.pop('a') }}{{ q }}{{ q.setdefault('c', 3) }}{{ q }}{{ q.pop('zz', 'none') }}", "{% set q = {'x': []} %}{% do q.x.append(1) %}{% do q['x'].append(2) %}{{ q }}", "{% set ns = namespace(l=[]) %}{% for i in l %}{% set ns.l = ns.l + [i] %}{% endfor %}{{ ns.l }}", "{% set ns = namespace(l=[]) %}{% for i in l %}{% set _ = ns.l.append(i) %}{% endfor %}{{ ns.l }}",
    "{% macro m1(a, b='x') %}<{{ a }}{{ b }}>{% endmacro %}{{ m1(1) }}{{ m1(1, 2) }}{{ m1(b=3, a=4) }}", "{% macro m1() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m1(1, 2, k=3) }}", "{% macro m1(x) %}[{{ caller() }}{{ x }}]{% endmacro %}{% call m1(5) %}c{% endcall %}", "{% macro m1() %}{{ caller('p') }}{% endmacro %}{% call(u) m1() %}{{ u }}{{ u }}{% endcall %}", "{% macro m1(a, b=a) %}{{ a }}{{ b }}{% endmacro %}{{ m1(1) }}",
    "{% set x = 1 %}{% macro m1() %}{{ x }}{% endmacro %}{% set x = 2 %}{{ m1() }}", "{% macro m1(n) %}{{ n }}{% if n > 0 %}{{ m1(n - 1) }}{% endif %}{% endmacro %}{{ m1(3) }}", "{% macro m1(a) %}{{ m1.name }}{{ m1.arguments }}{% endmacro %}{{ m1(1) }}", "{% filter upper %}a{{ i }}b{% endfilter %}", "{% filter indent(2) | trim %}a\nb{% endfilter %}", "{% with a = 1, b = 2 %}{{ a }}{{ b }}{% endwith %}{{ a | default('out') }}",
    "{% raw %}{{ x }}{% y %}{# z #}{% endraw %}", "{%- raw -%}  {{ x }}  {%- endraw -%}", "a {#- c -#} b", "a {# c #} b", "a\n{# c #}\nb", "a  {{- i -}}  b", "a\n  {%- if true -%}\n  x\n  {%- endif -%}\n  b", "{% if true +%}\nx{% endif %}", "  {% if true %}\nx\n  {% endif %}\ny", "  {%+ if true %}x{% endif %}", "{% if true %}\n\nx{% endif %}", "{{ i }}\n{{ i }}",
    "{{ 'a' if nope is defined }}|", "{% autoescape true %}{{ '<' }}{% endautoescape %}", "{% block b %}in{% endblock %}", "{% block b scoped %}in{% endblock b %}", "{{ '{{' }}{{ '}}' }}", "{{ {'a': {'b': 1}} }}", "{{ l | map('string') | join(', ') }} and {{ w | join }}", "{{ [1, 2] | zip(['a', 'b']) | list }}", "{{ m.items() }}",
    "{% for x in range(3) %}{{ x }}{{ ',' if not loop.last }}{% endfor %}", "{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.next() }}{{ c.next() }}", "{% set j = joiner('|') %}{{ j() }}a{{ j() }}b{{ j() }}c", "{{ dict(a=1).a }}", "{{ namespace(a=1).a }}", "ünï {{ 'ünï' | upper }} {{ 'ÜNÏ' | lower }} {{ '日本' | length }}",
]

FILES = [
    ("{% include 'inc' %}{% include 'missing' ignore missing %}{% include ['missing', 'inc'] %}", {"inc": "[{{ i }}]"}), ("{% set x = 9 %}{% include 'inc' %}", {"inc": "{{ x }}"}), ("{% import 'lib' as lib %}{{ lib.f(1) }}{{ lib.c }}", {"lib": "{% macro f(x) %}<{{ x }}>{% endmacro %}{% set c = 7 %}"}),
    ("{% from 'lib' import f, c as d %}{{ f(1) }}{{ d }}", {"lib": "{% macro f(x) %}<{{ x }}>{% endmacro %}{% set c = 7 %}"}), ("{% from 'lib' import f with context %}{{ f() }}", {"lib": "{% macro f() %}{{ i }}{% endmacro %}"}), ("{% extends 'base' %}{% block a %}new{{ super() }}{% endblock %}ignored", {"base": "<{% block a %}old{% endblock %}|{% block b %}keep{% endblock %}>"}),
    ("{% extends 'mid' %}{% block a %}3{{ super() }}{% endblock %}", {"mid": "{% extends 'base' %}{% block a %}2{{ super() }}{% endblock %}", "base": "{% block a %}1{% endblock %}{{ self.a() }}"}), ("{% extends 'base' %}{% set t = 'T' %}{% block a %}{{ t }}{% endblock %}", {"base": "{% block a %}{% endblock %}"}),
]

ERRORS = r"""
nope ; m.zz ; m.zz.y ; l[9] ; 1 / 0 ; 1 // 0 ; 1 % 0 ; 'a' + 1 ; [1] + 'a' ; 'a' < 1 ; nope + 1 ; not nope ; nope == 1 ; nope and 1 ; s | nosuchfilter ; s is nosuchtest ; none | length ; 5 | length ; 5 | first ; l | join(nope) ; '{' | from_json ; 'x' | from_yaml | nofilter ; s() ; m.a.b.c ; 'a' - 1 ; none + 1 ; l | map ; l | map('nosuch') ; [1, 'a'] | sort ; l | combine({}) ; 'x' | to_datetime ; nope | mandatory ; lookup('nosuchlookup') ; 5 | dict2items ; s.nosuch() ; 'abc' | regex_search('(') ; 'a' is version('') ; '1' is version('2', '??') ; range() ; range('a') ; [].pop() ; '%d' % 'a' ; '{}'.format() ; 5 in 5 ; l | random('a') ; [1, nope] | join ; undef('set me') ; 'x' | human_to_bytes ; -1 | root ; 0 | log ; e | first ; e | max ; l | batch ; l | groupby('x') ; 'x' | hash('nosuch') ; (1, 2) + [3] ; {'a': 1} < {'a': 2} ; s | int | nope2 ; people | map(attribute='zip') | list ; [nope] ; {'a': nope}
"""


def listed(text):
    return [part.strip() for line in text.strip().split("\n") for part in line.split(" ; ") if part.strip()]


def cases():
    for text in listed(FILTERS) + listed(TESTS) + listed(EXPRESSIONS) + listed(FOUND):
        yield {"kind": "block", "template": text}
    for text in TEMPLATES:
        yield {"kind": "file", "template": text}
    for text, files in FILES:
        yield {"kind": "file", "template": text, "files": files}
    for text in listed(ERRORS):
        yield {"kind": "block", "template": text}


def main():
    import reference
    engine = reference.Reference()
    print(json.dumps({"data": DATA}))
    for case in cases():
        text = case["template"]
        asked = dict(case, data=json.loads(json.dumps(DATA)), template=f"{{{{ {text} }}}}" if case["kind"] == "block" else text)
        try:
            case["value"] = engine.evaluate(asked)
        except Exception as error:
            case["error"] = f"{type(error).__name__}: {error}"[:200]
        print(json.dumps(case, ensure_ascii=False))


if __name__ == "__main__":
    sys.exit(main())
