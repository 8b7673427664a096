#!/usr/bin/env python3
"""The HTML report in a real browser: what it opens on, what its filters and keys do, and that a fleet's report opens.

A test is a script that is put into a copy of the page; what it says is read from the page afterwards. Nothing is fetched:
the browser has no network, and the page's own policy forbids it.
"""
import argparse
import html
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--host-resolver-rules=MAP * ~NOTFOUND"]
TOOLS = """
const $ = selector => document.querySelector(selector), $$ = selector => [...document.querySelectorAll(selector)];
const key = (target, name) => target.dispatchEvent(new KeyboardEvent("keydown", {key: name, bubbles: true, cancelable: true}));
const type = (id, text) => { $("#" + id).value = text; $("#" + id).dispatchEvent(new Event("input", {bubbles: true})); };
const button = (within, text) => $$(within + " button").find(one => one.textContent.startsWith(text));
"""


class Browser:
    def __init__(self, program, make_report):
        self.program, self.make_report = program, make_report
        self.folder = tempfile.TemporaryDirectory(prefix="html-report-")
        self.path = pathlib.Path(self.folder.name)

    def page(self, *arguments):
        return subprocess.run([self.make_report, *map(str, arguments)], stdout=subprocess.PIPE, text=True, check=True).stdout

    def start(self, *arguments):
        profile = tempfile.mkdtemp(dir=self.path)
        return subprocess.run([self.program, *FLAGS, f"--user-data-dir={profile}", *arguments], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True, timeout=300, env={"HOME": profile, "PATH": "/usr/bin:/bin"}).stdout

    def ask(self, page, script):
        """What `script`, the body of a function, returns when it runs in the page."""
        probe = f"""<script>{TOOLS}
          try {{ document.body.dataset.answer = JSON.stringify((() => {{ {script} }})()); }}
          catch (error) {{ document.body.dataset.answer = JSON.stringify({{error: String(error)}}); }}</script>"""
        file = self.path / "page.html"
        file.write_text(page.replace("</body>", probe + "</body>"), encoding="utf-8")
        shown = self.start("--dump-dom", file.as_uri())
        found = re.search(r'data-answer="([^"]*)"', shown)
        assert found, "the page did not come to its end: " + shown[:2000]
        answer = json.loads(html.unescape(found[1]))
        assert not (isinstance(answer, dict) and "error" in answer), answer
        return answer


def equal(found, expected):
    assert found == expected, f"found {found!r}, expected {expected!r}"


def it_opens_on_the_answer(browser):
    answer = browser.ask(browser.page(1000, 12), """
      return {ready: document.body.dataset.ready, title: document.title, headline: $("h1").textContent, sentence: $(".sentence").textContent,
              groups: $$(".group .badge").map(one => one.textContent), legend: $("#legend").textContent}""")
    equal(answer["ready"], "yes")
    equal(answer["headline"], "Failed")
    assert "1 of 1,000 hosts" in answer["sentence"], answer["sentence"]
    assert answer["title"].startswith("Failed - agent check site.yml"), answer["title"]
    equal(answer["groups"], ["1 host: failed", "4 hosts: unknown", "17 hosts: would change", "8 hosts: would change", "4 hosts: would change"])
    assert "1 failed" in answer["legend"] and "compliant" in answer["legend"], answer["legend"]


def a_compliant_host_has_nothing_to_list(browser):
    answer = browser.ask(browser.page(1, 3), """return [$("h1").textContent, $("#differences").hidden, $$(".row.opens").length]""")
    equal(answer, ["Compliant", True, 3])


def a_run_says_what_it_changed(browser):
    answer = browser.ask(browser.page(1, 4, "run"), """return [$("h1").textContent, $("#differences-title").textContent, $(".group .badge").textContent]""")
    equal(answer, ["Converged", "What happened (1)", "changed"])


def filters_leave_what_is_asked_for(browser):
    answer = browser.ask(browser.page(200, 12), """
      const out = {};
      type("filter-task", "motd");
      out.task = $("#count").textContent;
      type("filter-host", "gpu0061");
      out.host = $$(".viewport .row").map(one => one.textContent);
      type("filter-host", ""); type("filter-task", "");
      button("#chips", "would change").click();
      out.status = $("#count").textContent;
      out.pressed = button("#chips", "would change").getAttribute("aria-pressed");
      type("filter-host", "nobody");
      out.none = $("#viewport").textContent;
      return out""")
    equal(answer["task"], "200 of 2,400 results")
    equal(len(answer["host"]), 1)
    assert "would change" in answer["host"][0] and "gpu0061" in answer["host"][0], answer["host"]
    equal(answer["status"], "7 of 2,400 results")
    equal(answer["pressed"], "true")
    assert "Nothing fits" in answer["none"], answer["none"]


def columns_sort_both_ways(browser):
    answer = browser.ask(browser.page(100, 12), """
      const first = () => $(".viewport .row").textContent, out = [];
      button("#columns", "Status").click(); out.push(first(), $("#columns [aria-sort]").getAttribute("aria-sort"));
      button("#columns", "Host").click(); button("#columns", "Host").click(); out.push(first(), $("#columns [aria-sort]").getAttribute("aria-sort"));
      return out""")
    assert answer[0].startswith("failed") and "gpu0006" in answer[0], answer
    equal(answer[1], "ascending")
    assert "gpu0100" in answer[2], answer
    equal(answer[3], "descending")


def rows_are_tasks_or_hosts_too(browser):
    answer = browser.ask(browser.page(100, 12), """
      const out = [];
      button(".switch", "Tasks").click(); out.push($("#count").textContent);
      button("#columns", "Came to").click(); out.push($(".viewport .row").textContent);
      button(".switch", "Hosts").click(); out.push($("#count").textContent);
      key($(".viewport .row"), "Enter"); out.push($("#filter-host").value, $("#count").textContent);
      return out""")
    equal(answer[0], "12 tasks")
    assert answer[1].startswith("Install PyTorch"), answer[1]
    equal(answer[2:], ["100 hosts", "=gpu0001", "12 of 1,200 results"])


def the_keyboard_is_enough(browser):
    answer = browser.ask(browser.page(100, 12), """
      const out = {};
      $(".viewport .row").focus();
      key(document.activeElement, "ArrowDown"); key(document.activeElement, "ArrowDown");
      out.third = document.activeElement.dataset.row;
      key(document.activeElement, "End");
      out.last = [document.activeElement.dataset.row, document.activeElement.getAttribute("aria-rowindex")];
      key(document.activeElement, "Enter");
      out.open = $("#details").open; out.title = $("#details-title").textContent;
      key($("#details"), "ArrowUp");
      out.before = $("#details .badge").nextElementSibling.textContent;
      $("#details").close();
      key(document.body, "/");
      out.filter = document.activeElement.id;
      out.unnamed = $$("button, input").filter(one => !one.textContent && !one.getAttribute("aria-label") && !one.closest("label")).length;
      out.count = $("#table").getAttribute("aria-rowcount");
      return out""")
    equal(answer, {"third": "2", "last": ["1199", "1201"], "open": True, "title": "Start the exporter", "before": "gpu0099",
                   "filter": "filter-task", "unnamed": 0, "count": "1201"})


def what_hosts_say_is_never_markup(browser):
    page = browser.page(10, 12)
    answer = browser.ask(page, """
      button("#chips", "failed").click();
      $(".viewport .row").click();
      return [$$("#details script, .group script").length, $("#details").textContent.includes("<" + "script>alert(1)<" + "/script>"), $$(".group pre .add").length > 0]""")
    equal(answer, [0, True, True])


def it_needs_nothing_from_elsewhere(browser):
    page = browser.page(3, 12)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1]
    assert "default-src 'none'" in policy, policy
    shell = re.sub(r'<script type="application/json".*?</script>', "", page, flags=re.S)
    equal(re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]+|@import|url\(|<link|<img|fetch\(|XMLHttpRequest", shell), [])


def a_fleet_of_a_thousand_opens(browser):
    page = browser.page(1000, 60)
    assert len(page) < 2_000_000, f"{len(page)} bytes"
    answer = browser.ask(page, """return [$("#count").textContent, $$(".viewport .row").length < 100, Math.round(performance.now())]""")
    equal(answer[:2], ["60,000 results", True])
    print(f"       {len(page) / 1e6:.2f} MB, shown after {answer[2]} ms")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agent", help="not needed")
    parser.add_argument("--build", type=pathlib.Path, required=True, help="the build with make_report")
    parser.add_argument("--jobs", help="not needed")
    parser.add_argument("--filter", default="")
    parser.add_argument("--screenshots", type=pathlib.Path, help="a folder for pictures of the page, instead of tests")
    options = parser.parse_args()
    tests = [it_opens_on_the_answer, a_compliant_host_has_nothing_to_list, a_run_says_what_it_changed, filters_leave_what_is_asked_for,
             columns_sort_both_ways, rows_are_tasks_or_hosts_too, the_keyboard_is_enough, what_hosts_say_is_never_markup,
             it_needs_nothing_from_elsewhere, a_fleet_of_a_thousand_opens]
    tests = [test for test in tests if options.filter in test.__name__.replace("_", " ")]
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not program:
        print("skipped: there is no browser here (Debian's package is chromium, 90 MB: ./dev test does not install it)")
        print(f"0 passed, 0 failed, {len(tests)} skipped")
        return 0
    browser = Browser(program, options.build / "test-bin" / "make_report")
    if options.screenshots:
        return photograph(browser, options.screenshots)
    failed = 0
    for test in tests:
        name = test.__name__.replace("_", " ")
        try:
            test(browser)
            print(f"ok   {name}", flush=True)
        except (AssertionError, subprocess.SubprocessError) as error:
            failed += 1
            print(f"FAIL {name}\n     {error}", flush=True)
    print(f"{len(tests) - failed} passed, {failed} failed")
    return 1 if failed else 0


def photograph(browser, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for name, arguments in {"one": (1, 12), "fleet": (1000, 60), "run": (12, 12, "run")}.items():
        for theme in ("light", "dark"):
            page = browser.page(*arguments).replace('<html lang="en">', f'<html lang="en" data-theme="{theme}">')
            file = browser.path / "page.html"
            file.write_text(page, encoding="utf-8")
            browser.start(f"--screenshot={(folder / f'{name}-{theme}.png').resolve()}", "--window-size=1280,1900", file.as_uri())
            print(folder / f"{name}-{theme}.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
