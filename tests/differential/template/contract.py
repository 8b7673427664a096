"""The names that playbooks use, as the contract of the language lists them: each has to come by in the generated cases.

Not among them are those whose reference is no part of ansible-core (json_query, version_sort, flattened,
ipaddr and its kin) or needs more than it brings (password_hash), held to published
answers by tests/agent/template/reference_test.cpp; and url and inventory_hostnames, which need a web server and an inventory, and vars.
"""
import re

FILTERS = """default d lower length count bool join string first indent int regex_replace map to_nice_yaml list replace to_json
combine comment selectattr ternary from_json sort trim random dict2items urlsplit select flatten unique dirname quote
type_debug float basename upper to_yaml b64decode difference reject from_yaml intersect b64encode last to_nice_json split
regex_search items2dict rejectattr splitext product union dictsort zip zip_longest checksum hash mandatory format round
reverse subelements shuffle regex_findall regex_escape min max sum symmetric_difference urlencode to_datetime
strftime human_readable human_to_bytes realpath relpath expanduser groupby batch slice abs title capitalize extract fileglob
to_uuid root pow log""".split()

TESTS = """defined succeeded success version string mapping number search undefined skipped iterable failed match none sameas changed
in false any sequence true contains regex truthy subset superset boolean integer float divisibleby exists file directory link
abs started finished reachable""".split()

LOOKUPS = """env pipe template vars file first_found fileglob varnames password dict items subelements nested together sequence lines
ini csvfile config random_choice indexed_items list""".split()

METHODS = """items split get keys append startswith find values join replace insert remove update pop format endswith strip upper lower
splitlines""".split()

GLOBALS = "range dict namespace undef now lookup query omit".split()

_USES = re.compile(r"\|\s*(?P<filter>\w+)|\bis\s+(?:not\s+)?(?P<test>\w+)|\b(?:lookup|query|q)\(['\"](?P<lookup>\w+)|\.(?P<method>\w+)\("
                   r"|(?<![\w.])(?P<global>range|dict|namespace|undef|now|lookup|query|omit)\b"
                   r"|\b(?:map|select|reject|selectattr|rejectattr)\((?:'\w+', )?['\"](?P<named>\w+)['\"]")


def names_in(template):
    """The filters, tests, lookups, methods and globals that a template uses, as (kind, name), each once."""
    found = set()
    for use in _USES.finditer(template):
        if use.lastgroup == "named":
            found |= {("filter", use["named"]), ("test", use["named"])}
        else:
            found.add((use.lastgroup, use[use.lastgroup]))
        if use.lastgroup == "lookup":
            found.add(("global", use[0].split("(")[0]))
    return found


def unseen(names):
    wanted = [("filter", FILTERS), ("test", TESTS), ("lookup", LOOKUPS), ("method", METHODS), ("global", GLOBALS)]
    return [f"{kind} {name}" for kind, all_of_kind in wanted for name in all_of_kind if names[kind, name] == 0]
