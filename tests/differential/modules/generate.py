"""Writes what ansible-core's own modules do with many small cases, beside our modules' tests:
modules/{lineinfile,blockinfile,replace,file,copy}/reference.json.

    python generate.py        (ansible-core 2.19, as root, umask 022)

Only what goes in and what comes out is kept. The unit tests put the same in and compare.
"""
import contextlib
import importlib
import io
import itertools
import json
import os
import random
import shutil
import stat
import sys
import tempfile

from ansible.module_utils.testing import patch_module_args

MODULES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "modules")
ROOT = "/d"  # what the cases call the directory that they work in


def run(name, args):
    """One run of a module in this process: its result."""
    module = importlib.import_module("ansible.modules." + name)
    out = io.StringIO()
    with patch_module_args(args), contextlib.redirect_stdout(out):
        try:
            module.main()
        except SystemExit:
            pass
        except Exception as error:  # an uncaught one is a failed task
            return {"failed": True, "msg": str(error)}
    return json.loads(out.getvalue().strip().splitlines()[-1])


# ---- edits of one text file ----------------------------------------------------------------------------------------

TEXTS = [None, "", "\n", "one\ntwo\nthree\n", "one\ntwo\nthree", "a=1\n#a=2\nb=3\na=1\n", "Port 22\n#Port 2222\nUser x\n",
         "[s]\nk = v\n\n[t]\nk = w\n", "crlf\r\nlines\r\n", "tabs\t\there\n  indented\n", "x\nx\nx\n", "ä ö\nü\n",
         "# BEGIN ANSIBLE MANAGED BLOCK\nold\n# END ANSIBLE MANAGED BLOCK\n",
         "top\n# BEGIN ANSIBLE MANAGED BLOCK\nold\n# END ANSIBLE MANAGED BLOCK\nbottom\n",
         "# END ANSIBLE MANAGED BLOCK\nswapped\n# BEGIN ANSIBLE MANAGED BLOCK\n", "# BEGIN ANSIBLE MANAGED BLOCK\nno end\n",
         "a\n\n# BEGIN ANSIBLE MANAGED BLOCK\nold\n# END ANSIBLE MANAGED BLOCK\n\nb\n", "aaa\nbbb\naaa bbb\n"]
LINES = ["one", "a=5", "Port 2200", "k = v", "new line", "", "  indented", "x", "ü", r"\1=7", r"\g<key>: 1", "with\\ backslash", "crlf"]
PATTERNS = [r"^a=", r"^#?a=", r"^#?\s*Port\b", r"^(\w+)=", r"^(?P<key>[a-z]+)\s*=", "two", "^x$", r"\bno such\b", "", r"k\s*=\s*(v|w)",
            r"^\s+", r"(?i)USER", "^$", r"[[]", r"ä", r"o+", r"\r", "three$", r"^one\Z", r"[^a-z\n]", "a{,2}b?", r"\A", "x*"]
PLACES = ["EOF", "BOF", r"^one", "two", r"^\[s\]", "^x", "no such", "three", r"k\s*="]


def some(random_, **choices):
    """A choice for some of the named things, nothing for the others."""
    picked = {}
    for name, (values, chance) in choices.items():
        if random_.random() < chance:
            picked[name] = random_.choice(values)
    return picked


def lineinfile_args(random_):
    args = some(random_, line=(LINES, 0.95), regexp=(PATTERNS, 0.6), search_string=(["two", "a=", "x", "Port"], 0.1),
                insertafter=(PLACES, 0.3), insertbefore=(PLACES, 0.2), backrefs=([True], 0.2), firstmatch=([True], 0.25),
                create=([True, False], 0.5), state=(["absent", "present"], 0.3))
    return args


def blockinfile_args(random_):
    return some(random_, block=(["one", "two\nlines", "ends\n", "", "b\n\nb\n", "ü"], 0.9), insertafter=(PLACES, 0.3),
                insertbefore=(PLACES, 0.3), create=([True, False], 0.5), state=(["absent", "present"], 0.25),
                marker=(["# {mark} mine", "<!-- {mark} -->", "{mark} {mark}"], 0.2), append_newline=([True], 0.25),
                prepend_newline=([True], 0.25), marker_begin=(["START"], 0.05))


def replace_args(random_):
    return some(random_, regexp=(PATTERNS, 1), replace=(["", "new", r"\1", r"<\g<0>>", r"\g<key>", "a\\nb", r"\q", r"$1 &", r"\1\2"], 0.9),
                after=(["one", r"\[s\]", "no such", r"a=1\n"], 0.25), before=(["three", r"\[t\]", "no such", "a=1$"], 0.25))


def edits(name, make_args, count):
    random_ = random.Random(name)
    cases, seen = [], set()
    while len(cases) < count:
        before, args = random_.choice(TEXTS), make_args(random_)
        key = json.dumps([before, args], sort_keys=True)
        if key in seen:
            continue
        seen.add(key)
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "file")
            if before is not None:
                with open(path, "w", newline="") as file:
                    file.write(before)

            def content():
                if not os.path.exists(path):
                    return None
                with open(path, newline="") as file:
                    return file.read()

            result = run(name, {**args, "path": path})
            after = content()
            case = {"args": args, "before": before, "after": after, "changed": result.get("changed", False),
                    "failed": result.get("failed", False), "msg": "" if result.get("failed") else result.get("msg", "").replace(path, ROOT + "/file")}
            if not case["failed"]:
                run(name, {**args, "path": path})
                case["again"] = content()
            cases.append(case)
    return cases


# ---- trees of files ------------------------------------------------------------------------------------------------

TREES = {
    "empty": [],
    "file": [("f", "file", 0o644, "text\n")],
    "directory": [("d1", "directory", 0o755, ""), ("d1/f", "file", 0o600, "inside\n"), ("d1/sub", "directory", 0o700, ""),
                  ("d1/sub/g", "file", 0o755, "deep\n")],
    "links": [("f", "file", 0o644, "text\n"), ("l", "link", 0, "f"), ("gone", "link", 0, "none"), ("d1", "directory", 0o755, ""),
              ("dl", "link", 0, "d1"), ("d1/f", "file", 0o600, "inside\n"), ("e", "directory", 0o711, "")],
}


def make_tree(root, tree):
    for path, kind, mode, content in tree:
        full = os.path.join(root, path)
        if kind == "directory":
            os.mkdir(full)
        elif kind == "link":
            os.symlink(content, full)
            continue
        else:
            with open(full, "w") as file:
                file.write(content)
        os.chmod(full, mode)


def read_tree(root):
    found = []
    for directory, directories, files in os.walk(root):
        for name in sorted(directories + files):
            full = os.path.join(directory, name)
            info = os.lstat(full)
            path = os.path.relpath(full, root)
            if stat.S_ISLNK(info.st_mode):
                found.append([path, "link", "", os.readlink(full).replace(root, ROOT)])
            elif stat.S_ISDIR(info.st_mode):
                found.append([path, "directory", "%04o" % stat.S_IMODE(info.st_mode), ""])
            else:
                with open(full) as file:
                    content = file.read()
                found.append([path, "file", "%04o" % stat.S_IMODE(info.st_mode), content])
    return sorted(found)


def file_cases():
    random_ = random.Random("file")
    names = ["f", "d1", "l", "gone", "dl", "e", "new", "new/deep/er", "d1/f", "d1/sub", "f/below"]
    cases = []
    for tree, path, state in itertools.product(TREES, names, [None, "file", "directory", "link", "hard", "touch", "absent"]):
        for _ in range(2):
            args = {"path": ROOT + "/" + path}
            if state:
                args["state"] = state
            args.update(some(random_, mode=(["0600", "0755", "u=rwX,go=rX", "a+X", "g-w,o="], 0.5), recurse=([True], 0.3 if state == "directory" else 0.03),
                             force=([True], 0.4), follow=([False, True], 0.4)))
            if state in ("link", "hard") and random_.random() < 0.85:
                args["src"] = random_.choice([ROOT + "/f", "f", "none", "d1", ROOT + "/d1/f"] if state == "link" else [ROOT + "/f", ROOT + "/d1/f", ROOT + "/none"])
            if state == "touch" and random_.random() < 0.4:
                args.update(modification_time="preserve", access_time="preserve")
            cases.append((tree, args))
    return cases


def copy_cases():
    random_ = random.Random("copy")
    sources = ["/f", "/d1/f", "/d1", "/d1/", "/l", "/dl/", "/none", "/d1/sub/"]
    dests = ["/new", "/new/", "/a/b/", "/a/b/c", "/f", "/d1", "/e/", "/e", "/l", "/dl", "/gone"]
    cases = []
    for tree, src, dest in itertools.product(["directory", "links"], sources, dests):
        args = {"src": ROOT + src, "dest": ROOT + dest, "remote_src": True}
        args.update(some(random_, mode=(["0600", "preserve", "u=rw,go=r"], 0.4), directory_mode=(["0700"], 0.3), force=([False], 0.2),
                         follow=([True], 0.3), local_follow=([False, True], 0.3)))
        cases.append((tree, args))
    return cases


def trees(name, cases):
    results = []
    for tree, args in cases:
        root = tempfile.mkdtemp()
        try:
            os.chmod(root, 0o755)
            make_tree(root, TREES[tree])
            real = {key: value.replace(ROOT, root, 1) if isinstance(value, str) and value.startswith(ROOT) else value for key, value in args.items()}
            result = run(name, real)
            case = {"tree": tree, "args": args, "changed": result.get("changed", False), "failed": result.get("failed", False), "after": read_tree(root)}
            if not case["failed"]:
                case["result"] = {key: str(result[key]).replace(root, ROOT) for key in ("state", "mode", "dest", "path", "src", "checksum") if key in result and result[key] is not None}
            results.append(case)
        finally:
            shutil.rmtree(root)
    return results


def save(name, data):
    path = os.path.join(MODULES, name, "reference.json")
    with open(path, "w") as file:
        rows = [json.dumps(row, sort_keys=True, ensure_ascii=False) for row in (data["cases"] if isinstance(data, dict) else data)]
        body = "[\n" + ",\n".join(rows) + "\n]\n"
        file.write('{"trees": ' + json.dumps(data["trees"]) + ',\n"cases": ' + body + "}\n" if isinstance(data, dict) else body)
    print(name, len(rows), file=sys.stderr)


os.umask(0o022)
save("lineinfile", edits("lineinfile", lineinfile_args, 500))
save("blockinfile", edits("blockinfile", blockinfile_args, 300))
save("replace", edits("replace", replace_args, 300))
save("file", {"trees": TREES, "cases": trees("file", file_cases())})
save("copy", {"trees": TREES, "cases": trees("copy", copy_cases())})
