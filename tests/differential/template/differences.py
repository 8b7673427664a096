"""What differs on purpose, each with its reason. A case that fits one of these counts as passed."""
import math
import re


def mentions(case, *words):
    return any(word in case["template"] for word in words)


def large_number(value):
    """A whole number that needs more than 64 bits, anywhere."""
    if isinstance(value, bool):
        return False
    if isinstance(value, int):
        return not -2**63 <= value < 2**63
    if isinstance(value, float):
        return math.isinf(value) or math.isnan(value) or abs(value) > 1e15
    if isinstance(value, (list, dict)):
        return any(large_number(item) for item in (value.values() if isinstance(value, dict) else value))
    return isinstance(value, str) and re.search(r"\d{16,}", value) is not None


def errors(theirs, *words):
    return any(word in theirs.get("error", "") for word in words)


def without_none(result):
    """What a filter block gives, without what becomes of nothing and of tuples."""
    return str(result.get("value")).upper().replace("NONE", "").rstrip().replace(",)", "]").translate(str.maketrans("()", "[]"))


# (name, reason, whether the case with these two results is an instance)
DIFFERENCES = [
    ("64-bit", "whole numbers have 64 bits; Python's have no limit",
     lambda case, ours, theirs: "64 bits" in ours.get("error", "") or large_number(theirs.get("value"))),
    ("range", "range() gives a list, so it can be kept and prints as one; ansible-core refuses to keep it",
     lambda case, ours, theirs: "range(" in case["template"] and (errors(theirs, "Type 'range' is unsupported", "'range' and", "and 'range'") or "range(" in str(theirs.get("value")))),
    ("keys", "keys of mappings are text; Python's may be numbers",
     lambda case, ours, theirs: mentions(case, "rekey_on_member('port'")),
    ("sets", "the set tests take lists and mappings as members; Python cannot hash these",
     lambda case, ours, theirs: errors(theirs, "unhashable type")),
    ("undefined arguments", "giving an undefined value to a function is an error; ansible-core then silently does not call it",
     lambda case, ours, theirs: mentions(case, ".update(", ".append(", ".insert(") and "error" in ours and "value" in theirs),
    ("filter blocks", "what a filter block (or a set block with a filter) hands on is text; ansible-core hands on what it finds, and 'None' for nothing",
     lambda case, ours, theirs: FILTER_BLOCK.search(case["template"]) and (errors(theirs, "unsupported operand type(s)", "has no attribute 'splitlines'", "can only concatenate") or without_none(ours) == without_none(theirs))),
    ("if without else", "'a' if false is no text; ansible-core cannot keep what Jinja makes of it, alone in its template",
     lambda case, ours, theirs: errors(theirs, "Type 'Undefined' is unsupported")),
    ("text filters", "filters on text and paths take any value as text; in ansible-core some of them do",
     lambda case, ours, theirs: mentions(case, "indent", "regex_search") and errors(theirs, "unsupported operand type(s) for +=", "NoneType")),
    ("markup", "what tojson and escape give is text; in ansible-core it has a type of its own, which shows inside a list",
     lambda case, ours, theirs: mentions(case, "tojson", "| e)", "escape") and ("Markup(" in str(theirs.get("value")) or errors(theirs, "Markup"))),
    ("late errors", "what fails, fails at once; in ansible-core a failure is a value that 'default' or 'ternary' may put aside",
     lambda case, ours, theirs: mentions(case, "default(", "ternary(") and "error" in ours and "value" in theirs),
    ("members", "undefined members that a test or combine need not look at are no error",
     lambda case, ours, theirs: mentions(case, "is any", "is all", "set(", "contains(", "combine(") and errors(theirs, "AnsibleUndefinedVariable")),
]
FILTER_BLOCK = re.compile(r"{%[-+]? *(filter|set \w+ \|) ")


def reason(case, ours, theirs):
    for name, _, fits in DIFFERENCES:
        if fits(case, ours, theirs):
            return name
    return None
