"""What the cases of every suite on real hosts say: plays written in place, and what is expected."""


def dedent(text):
    lines = text.strip("\n").splitlines()
    margin = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return "\n".join(line[margin:] for line in lines).rstrip() + "\n"


def same(actual, expected, what):
    assert actual == expected, f"{what}: expected {expected!r}, found {actual!r}"
