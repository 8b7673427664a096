"""Machines that fetch their plays themselves: from a web server, from a git repository."""
import functools
import hashlib
import http.server
import pathlib
import subprocess
import threading

import machine
from bed import case, layers, same, says
from cases.parcels import carry, emit_small, ends, key_pair, start


class Server(http.server.ThreadingHTTPServer):
    """Serves a folder with ETags, and counts what it handed out whole."""

    def __init__(self, folder):
        self.folder, self.whole, self.asked = pathlib.Path(folder), 0, 0
        super().__init__(("127.0.7.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.7.1:{self.server_port}"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked += 1
        file = self.server.folder / self.path.lstrip("/")
        if not file.is_file():
            return self.send_error(404)
        body = file.read_bytes()
        tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        known = self.headers.get("If-None-Match") == tag
        self.send_response(304 if known else 200)
        self.send_header("ETag", tag)
        self.send_header("Content-Length", "0" if known else str(len(body)))
        self.end_headers()
        if not known:
            self.server.whole += 1
            self.wfile.write(body)

    def log_message(self, *_):
        pass


@case("pull: from a web server, signed; cheap when nothing is new; what is older or not signed is refused")
def from_web(controller):
    controller.layer = layers.launchers()
    web, = controller.up("web")
    private, public = key_pair(controller, "site")
    folder = controller.folder / "www"
    folder.mkdir()
    old = emit_small(controller, "--sign", private, name="www/old.bundle").read_bytes()
    unsigned = emit_small(controller, name="www/unsigned.bundle").read_bytes()
    new = emit_small(controller, "--sign", private, name="www/new.bundle").read_bytes()
    carry(public, web, "/root/site.pub")
    carry(folder / "old.bundle", web)
    start(web, "sh", "/root/play.bundle", "--host", "nobody")
    agent = web.must("ls -d /var/cache/agent/*/bin/agent").strip()
    server = Server(folder)
    file = folder / "play.bundle"
    pull = functools.partial(start, web, agent, "pull", f"{server.url}/play.bundle")

    says(ends(pull(), 1), "whose plays may be run on this machine is not said")
    says(ends(pull("--public-key", "/root/site.pub"), 1), "404")
    file.write_bytes(new)
    ends(pull("--public-key", "/root/site.pub", "--format", "jsonl"), 0)
    same(web.read("/srv/motd"), "hello\n", "what the play made")
    same(server.whole, 1, "files handed out")
    # Run again all the same, without fetching it again; or not at all.
    web.must("rm /srv/motd")
    again = ends(pull("--public-key", "/root/site.pub", "--format", "jsonl"), 0)
    same((again.named("changed"), server.whole), (["motd"], 1), "the second pull")
    web.must("rm /srv/motd")
    quiet = ends(pull("--public-key", "/root/site.pub", "--only-if-changed"), 0)
    same((quiet.out, quiet.err, server.whole), ("", "", 1), "a pull with nothing new")
    assert not web.path("/srv/motd").exists()
    # Only what is signed, whole, and not older.
    for content, sentence in ((old, "is older than what ran here"), (unsigned, "is not signed"), (new[:-5000], "is not whole"),
                              (new[:-900] + bytes([new[-900] ^ 1]) + new[-899:], "was changed")):
        file.write_bytes(content)
        refused = ends(pull("--public-key", "/root/site.pub"), 1)
        says(refused, sentence, "nothing was started")
        assert not web.path("/srv/motd").exists()
    file.write_bytes(old)
    ends(pull("--public-key", "/root/site.pub", "--allow-older"), 0)
    file.write_bytes(unsigned)
    says(ends(pull("--sha256", "0" * 64), 1), "has the SHA-256")
    ends(pull("--sha256", hashlib.sha256(unsigned).hexdigest()), 0)
    says(ends(pull("--insecure-unsigned"), 0), "nobody vouches for")


@case("pull: from a git repository, by branch and path")
def from_git(controller):
    controller.layer = layers.launchers()
    web, = controller.up("web")
    private, public = key_pair(controller, "site")
    file = emit_small(controller, "--sign", private)
    carry(public, web, "/root/site.pub"), carry(file, web)
    start(web, "sh", "/root/play.bundle", "--host", "nobody")
    agent = web.must("ls -d /var/cache/agent/*/bin/agent").strip()
    web.must("git init --quiet --initial-branch=main /srv/site && cd /srv/site && mkdir out && mv /root/play.bundle out/ && "
             "git add -A && git -c user.name=t -c user.email=t@t commit --quiet -m x")
    pull = functools.partial(start, web, agent, "pull", "git+file:///srv/site@main#out/play.bundle", "--public-key",
                             "/root/site.pub")
    ends(pull(), 0)
    same(web.read("/srv/motd"), "hello\n", "what the play made")
    quiet = ends(pull("--only-if-changed"), 0)
    same(quiet.out + quiet.err, "", "a pull with nothing new")
    web.must("cd /srv/site && git rm --quiet out/play.bundle && git -c user.name=t -c user.email=t@t commit --quiet -m y")
    says(ends(pull(), 1), "looking for 'out/play.bundle'")


@case("pull: the units of the documentation are units")
def units(controller):
    folder = pathlib.Path(__file__).resolve().parents[3] / "docs/examples"
    files = [folder / "agent-pull.service", folder / "agent-pull.timer"]
    text = files[0].read_text()
    copy = controller.folder / "agent-pull.service"
    # The program need not be installed here for its unit to be a good one.
    copy.write_text(text.replace("/usr/bin/agent", "/bin/true"))
    timer = controller.folder / "agent-pull.timer"
    timer.write_text(files[1].read_text())
    if subprocess.run(["sh", "-c", "command -v systemd-analyze"], stdout=subprocess.DEVNULL).returncode:
        raise machine.Unusable("there is no systemd-analyze here")
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", copy, timer], capture_output=True, text=True)
    same((done.returncode, [line for line in done.stderr.splitlines() if "agent-pull" in line]), (0, []), done.stderr)
