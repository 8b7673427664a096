"""Prints regex_cases.json: what Python's re makes of patterns, texts and replacements, for regex_test.cpp.

    python regex_cases.py > regex_cases.json
"""
import json
import random
import re
import warnings

warnings.simplefilter("ignore")
PATTERNS = [r"a", r"^a", r"a$", r"\Aa", r"a\Z", r"a*", r"x*", r"(a)|(b)", r"(?P<w>\w+)=(?P<v>.*)", r"(?P<q>['\"]).*?(?P=q)", r"\bfoo\b", r"\d{2,}",
            r"a{,2}", r"a{,}", r"a{2}", r"{,2}", r"[[:alpha:]]", r"[]a]", r"[^]a]", r"[\]\[]", r"[a\-z]", r"\x41", r"\u00e4", r"[\u00e4ö]", r"\101", r"\0",
            r"(a)\1", r"(?i)A", r"(?m)^b", r"(?s)a.b", r"(?x) a b # c", r"(?:ab)+", r"(?=b)", r"(?!a)b", r"(?<=a)b", r"(?<!a)b", r"\v", r"\t", r"\.", r"\/", r"\-",
            r"(", r")", r"[a", r"a**", r"*a", r"\q", r"\h", r"\R", r"\K", r"\Q", r"\z", r"(?P<a>", r"(?P<1>a)", r"\2", r"(?P=n)", r"a{2,1}", r"(*ACCEPT)", r"\xg1", "\\",
            r"$", r"^", r"^$", r"\s+", r"\S+", r"\w", r"\W", r".", r"[.]", r"(a)?b", r"(?(1)a|b)", r"()(?(1)a|b)", r"(?u)a", r"(?a:\w)", r"a|", r"\\", r"[a-c]+", r"#.*$"]
TEXTS = ["", "a", "b", "ab", "aab\nb\n", "foo=bar\nx='y'\n", "a\nb", "ABC abc", "ä ö", "12 345 6", "aXb aYb", "[a]", "a-z]", "\t\x0b", "foo foo", "aaaa", "\\/.-", "a b # c\n", "\n", "\n\n"]
REPLACEMENTS = ["", "X", r"\1", r"\g<1>", r"\g<w>", r"\g<0>", r"[\n]", r"\\", r"\2\1", r"\q", r"\g<", r"\g<9>", "$1&", r"\012", r"\0"]
FLAGS = {"": 0, "i": re.I, "m": re.M, "s": re.S}


def utf8(text, offset):
    return len(text[:offset].encode())


def span(text, match, group):
    start, end = match.span(group)
    return None if start < 0 else [utf8(text, start), utf8(text, end)]


def case(pattern, flag, text, replacement):
    row = {"pattern": pattern, "flag": flag, "text": text, "replacement": replacement}
    try:
        compiled = re.compile(pattern, FLAGS[flag])
    except (re.error, OverflowError):
        return {**row, "refused": True}
    row["all"] = [[span(text, match, group) for group in range(compiled.groups + 1)] for match in compiled.finditer(text)]
    row["full"] = compiled.fullmatch(text) is not None
    row["start"] = compiled.match(text) is not None
    try:
        row["replaced"] = list(compiled.subn(replacement, text))
    except (re.error, IndexError):
        row["replaced"] = None
    return row


random.seed(7)
rows = {}
for pattern in PATTERNS:
    for _ in range(14):
        row = case(pattern, random.choice(["", "", "i", "m", "s"]), random.choice(TEXTS), random.choice(REPLACEMENTS))
        rows[json.dumps(row, ensure_ascii=False, sort_keys=True)] = True
print("[\n" + ",\n".join(rows) + "\n]")
