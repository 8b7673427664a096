#!/usr/bin/env python3
"""Writes pyyaml_scalars.tsv: what PyYAML makes of plain scalars. Run by hand when a case is added.

Each line: the text, a tab, the kind that the value has, a tab, the value. Dates are not recorded: we keep their text.
"""
import itertools
import math
import pathlib

import yaml

CASES = """yes Yes YES yEs no No NO on On ON off Off OFF oFF true True TRUE tRUE false False FALSE y Y n N t f
~ null Null NULL nULL none None nil
0 1 -1 +1 00 07 08 010 0644 0755 -0644 +0644 0o17 0888 644 0_7 1_000 1__0 _1 1_ -1_0 0b0 0b1010 0b12 0b_1 -0b11 0x0 0xFF 0xfg 0x_f -0xA 0X1F 0B1
1:30 190:20:30 -1:30 +1:30 1:60 1:5 1:05 1:005 01:30 0:30 1:30:61 12:30:45 1:2: :1 22:22 20:30:40 1:30.5 190:20:30.15 -1:2.5 0:0.5
1.0 1. .5 -.5 +.5 . .. ... -1.5 +1.5 1.5.2 1e5 1e+5 1.0e5 1.0e+5 1.5E-3 1.e+3 .5e+1 .e+1 1_0.5 1._5 ._5 1.2.3 -0.0 1e400 1.0e+400 1.0e-400
.inf .Inf .INF -.inf +.inf .iNF .nan .NaN .NAN -.nan inf nan Infinity
- + -- +- a a:b a#b /x 1a a1 1-2 10.0.0.1 10.0.0.0/8 v1.2 12:34:56:78:9a:bc 52:54:00:12:34:56 00:11:22:33:44:55 9223372036854775807 -9223372036854775808
= << 1,000 100% 5m 1k 0x 0b 0_ 0__ -0 +0 -_1 1e 1e- e1 0.1 00.1 0e+1 0123 0128 -0o7 1_000_000 123_456.789_012""".split()

ALPHABET = "01_7.:-+xbe"


def show(value):
    if value is None:
        return "null", ""
    if isinstance(value, bool):
        return "boolean", str(value).lower()
    if isinstance(value, int):
        return "integer", str(value)
    if isinstance(value, float):
        return "real", "nan" if math.isnan(value) else repr(value)
    return "text", value


def main():
    words = list(CASES)
    for length in range(1, 5):
        words += ["".join(letters) for letters in itertools.product(ALPHABET, repeat=length)]
    resolver = yaml.SafeLoader("")
    lines = []
    for word in dict.fromkeys(words):
        tag = resolver.resolve(yaml.ScalarNode, word, (True, False))
        try:
            value = yaml.SafeLoader("").construct_object(yaml.ScalarNode(tag, word))
        except (ValueError, yaml.YAMLError):
            value = word
        if tag.endswith((":timestamp", ":merge", ":value")):
            value = word
        if isinstance(value, int) and not isinstance(value, bool) and not -(2**63) <= value < 2**63:
            value = word
        lines.append("\t".join((word, *show(value))))
    pathlib.Path(__file__).with_name("pyyaml_scalars.tsv").write_text("\n".join(lines) + "\n")


main()
