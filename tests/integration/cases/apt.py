from harness import case, same

STATUS = "dpkg-query -W -f '${db:Status-Abbrev}${Version}' "


def pattern(box, name):
    """A pattern that the version fits which the archive offers: "2*"."""
    return box.sh(f"apt-cache policy {name} | awk '/Candidate:/{{print $2}}'")[0] + "*"


@case("apt: installs packages, and takes them away", weight=25)
def installs(box):
    box.converge(f"""
        - name: two packages, one of them given by a pattern of its version
          apt:
            name: [hello, "tree={pattern(box, "tree")}"]
        - name: a package from a comma text
          apt: {{name: "bc,dc", state: present, install_recommends: false}}
    """, changes=["two packages, one of them given by a pattern of its version", "a package from a comma text"])
    for name in ("hello", "tree", "bc", "dc"):
        assert box.sh(STATUS + name).startswith("ii "), name
    same(box.sh("hello").strip(), "Hello, world!", "what the package does")
    box.converge("""
        - name: away
          apt: {name: [hello, bc], state: absent, purge: true}
    """, changes=["away"])
    assert box.run(STATUS + "hello").code != 0 or "ii" not in box.run(STATUS + "hello").out


@case("apt: a package that something installed provides counts as present", weight=10)
def provided(box):
    box.sh("apt-get -q -y install mawk")
    box.converge("""
        - name: a virtual package
          apt: {name: awk}
    """, nothing=True)


@case("apt: latest brings an old package up to date", weight=20)
def latest(box):
    # An old version for real: the same package, repacked with a lower version.
    box.sh("""cd /tmp && apt-get -q -y install hello >/dev/null && apt-get -q download hello 2>/dev/null
        dpkg-deb -R hello_*.deb old && sed -i 's/^Version: .*/Version: 1.0-1/' old/DEBIAN/control && dpkg-deb -b old old.deb >/dev/null
        dpkg -i --force-downgrade old.deb >/dev/null 2>&1; rm -r /tmp/*""")
    same(box.sh("dpkg-query -W -f '${Version}' hello"), "1.0-1", "the version to begin with")
    box.converge("""
        - name: present is enough
          apt: {name: hello}
    """, nothing=True)
    box.converge("""
        - name: the newest
          apt: {name: hello, state: latest}
    """, changes=["the newest"])
    assert box.sh("dpkg-query -W -f '${Version}' hello").startswith("2."), "it is new"


@case("apt: a .deb file, and a version that is not offered", weight=15)
def files(box):
    box.sh("""mkdir -p /srv/p/DEBIAN && printf 'Package: site-tools\\nVersion: 1.2\\nArchitecture: all\\nMaintainer: a <a@b.c>\\nDescription: x\\n' >/srv/p/DEBIAN/control
        dpkg-deb -b /srv/p /srv/site-tools.deb""")
    box.converge("""
        - name: from a file
          apt: {deb: /srv/site-tools.deb}
    """, changes=["from a file"])
    same(box.sh(STATUS + "site-tools"), "ii 1.2", "the package of the file")
    outcome = box.fails("""
        - name: no such version
          apt: {name: hello=9.9*}
    """, says=["hello", "9.9*"], clean=False)
    assert "2.10" in outcome.text, "the versions that exist are named:\n" + str(outcome)


@case("apt: a package that does not exist is named with its nearest, and nothing changes", weight=10)
def unknown(box):
    outcome = box.fails("""
        - name: a slip
          apt: {name: [hello, pyhton3-venv]}
    """, says="pyhton3-venv", clean=False)
    assert "python3-venv" in outcome.text, "the nearest name is shown:\n" + str(outcome)
    assert box.run(STATUS + "hello").code != 0, "nothing of that task was installed"


@case("apt: an interrupted installation is repaired, as a change", weight=15)
def repaired(box):
    box.sh("""cd /tmp && apt-get -q download hello 2>/dev/null && dpkg --unpack hello_*.deb >/dev/null && rm hello_*.deb""")
    assert box.sh(STATUS + "hello").startswith("iU"), "it is half installed"
    box.converge("""
        - name: another package
          apt: {name: tree}
    """, changes=["another package"])
    assert box.sh(STATUS + "hello").startswith("ii "), "the repair came along"
    same(box.sh("dpkg --audit"), "", "dpkg's own audit")


def hold_the_lock(box, seconds):
    """Another package manager at work, as far as locks go."""
    box.write("/srv/other_apt.py", f"""
import fcntl, os, time
if os.fork() == 0:
    os.setsid()
    lock = open("/var/lib/dpkg/lock-frontend", "w")
    fcntl.lockf(lock, fcntl.LOCK_EX)
    open("/run/locked", "w").close()
    for stream in 0, 1, 2: os.close(stream)
    time.sleep({seconds})
""")
    box.sh("rm -f /run/locked; python3 /srv/other_apt.py; while [ ! -e /run/locked ]; do sleep 0.1; done")


@case("apt: it waits for the lock of another apt, and names who holds it", weight=25)
def waits(box):
    box.sh("apt-get -q -y install python3-minimal >/dev/null")
    hold_the_lock(box, 4)
    path = box.play("""
        - name: behind another
          apt: {name: hello, lock_timeout: 60}
    """)
    outcome = box.agent("run", path)
    same(outcome.code, 0, f"exit code of {outcome}")
    hold_the_lock(box, 300)
    box.fails("""
        - name: behind one that does not end
          apt: {name: tree, lock_timeout: 1}
    """, says="python3", clean=False)


@case("apt: the index of packages is fetched when it is old, and that is no change", weight=15)
def index(box):
    box.sh("rm -rf /var/lib/apt/lists/*")
    path = box.play("""
        - name: fetch and install
          apt: {name: hello, update_cache: true, cache_valid_time: 3600}
    """)
    first = box.agent("run", path)
    same(first.code, 0, f"exit code of {first}")
    same(first.named("changed"), ["fetch and install"], "what changed")
    second = box.agent("run", path)
    same(second.named("changed"), [], "what the second run changed")
    box.write("/etc/apt/sources.list.d/broken.list", "deb http://127.0.0.1:9/debian nowhere main\n")
    box.fails("""
        - name: a source that does not answer
          apt: {name: tree, update_cache: true}
    """, says="127.0.0.1:9", clean=False)


@case("apt: on a machine without an index, check foresees what a task before it will fetch", weight=20)
def without_an_index(box):
    tree = f"tree={pattern(box, 'tree')}"
    box.sh("rm -rf /var/lib/apt/lists/*")
    box.converge(f"""
        - name: index
          apt: {{update_cache: true, cache_valid_time: 3600}}
        - name: packages
          apt: {{name: [hello, "{tree}"]}}
        - name: one more, with an index of its own
          apt: {{name: bc, update_cache: true}}
    """, changes=["index", "packages", "one more, with an index of its own"])


@case("apt: check refuses a slip also behind packages that are only promised", weight=10)
def slip_behind_a_promise(box):
    outcome = box.fails("""
        - name: promised
          apt: {name: hello}
        - name: a slip
          apt: {name: pyhton3-venv}
    """, command="check", says="pyhton3-venv")
    assert "python3-venv" in outcome.text, "the nearest name is shown:\n" + str(outcome)
    same(outcome.task("promised")["status"], "would_change", "the task before")


def serve(box, folder):
    """Serves a folder of the host over HTTP, and returns the address."""
    box.write("/srv/serve.py", f"""
import functools, http.server, os
handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory="{folder}")
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
if os.fork() == 0:
    os.setsid()
    null = os.open("/dev/null", os.O_RDWR)
    for stream in 0, 1, 2: os.dup2(null, stream)
    server.serve_forever()
print(f"http://127.0.0.1:{{server.server_address[1]}}", flush=True)
""")
    return box.sh("python3 /srv/serve.py").strip()


@case("apt: a .deb from an address that does not name it", layer="python", weight=15)
def nameless(box):
    box.sh("""mkdir -p /srv/p/DEBIAN /srv/www && printf 'Package: site-tools\\nVersion: 1.2\\nArchitecture: all\\nMaintainer: a <a@b.c>\\nDescription: x\\n' >/srv/p/DEBIAN/control
        dpkg-deb -b /srv/p /srv/www/latest.deb""")
    address = serve(box, "/srv/www")
    box.converge(f"""
        - name: from an address
          apt: {{deb: {address}/latest.deb}}
    """, changes=["from an address"], held=False)
    same(box.sh(STATUS + "site-tools"), "ii 1.2", "the package at the address")
    box.sh("sed -i 's/1.2/1.3/' /srv/p/DEBIAN/control && dpkg-deb -b /srv/p /srv/www/latest.deb && touch -d '+1 minute' /srv/www/latest.deb")
    outcome = box.agent("run", box.play(f"""
        - name: from an address
          apt: {{deb: {address}/latest.deb}}
    """))
    same((outcome.code, outcome.named("changed")), (0, ["from an address"]), "a newer file at the same address")
    same(box.sh(STATUS + "site-tools"), "ii 1.3", "the newer package")
    box.fails(f"""
        - name: nothing there
          apt: {{deb: {address}/gone.deb}}
    """, says=["gone.deb", "404"], clean=False)


@case("apt: a repository that answers 404 fails the task, and is named", layer="python", weight=10)
def not_found(box):
    box.sh("mkdir /srv/www")
    address = serve(box, "/srv/www")
    box.write("/etc/apt/sources.list.d/gone.list", f"deb [trusted=yes] {address}/debian nowhere main\n")
    # There is something to fetch, so that the index comes in part.
    box.sh("rm /var/lib/apt/lists/*_InRelease && touch -d yesterday /var/lib/apt/lists")
    outcome = box.fails("""
        - name: refresh
          apt: {update_cache: true}
    """, says=[f"{address}/debian", "404"], clean=False)
    assert "sources.list.d" in outcome.text, "it says where to correct it:\n" + str(outcome)
    box.fails("""
        - name: install
          apt: {name: hello, update_cache: true}
    """, says=f"{address}/debian", clean=False)
    assert box.run(STATUS + "hello").code != 0, "nothing was installed with an index that is not whole"


def slow_repository(box):
    """A repository with one package whose scripts wait, each time they run, until they are let go."""
    box.sh("""mkdir -p /srv/p/DEBIAN /srv/p/usr/share/slow /srv/repo && cd /srv
        printf 'Package: slow\\nVersion: 1.0\\nArchitecture: all\\nMaintainer: a <a@b.c>\\nDescription: x\\n' >p/DEBIAN/control
        for script in preinst postinst; do
          printf '#!/bin/sh\\nif [ -e /run/hold-%s ]; then touch /run/held; sleep 300; fi\\n' $script >p/DEBIAN/$script; chmod 755 p/DEBIAN/$script
        done
        echo data >p/usr/share/slow/data
        dpkg-deb -b p repo/slow.deb >/dev/null && cd repo
        { cat ../p/DEBIAN/control; echo "Filename: ./slow.deb"; echo "Size: $(stat -c %s slow.deb)"; echo "SHA256: $(sha256sum slow.deb | cut -d' ' -f1)"; } >Packages
        echo 'deb [trusted=yes] file:/srv/repo ./' >/etc/apt/sources.list.d/slow.list""")


KILL_DPKG = """for n in $(seq 600); do [ -e /run/held ] && break; sleep 0.1; done; [ -e /run/held ] || exit 1
    for process in /proc/[0-9]*; do [ "$(cat $process/comm 2>/dev/null)" = dpkg ] && kill -9 ${process#/proc/}; done; true"""


@case("apt: kill -9 of dpkg at work is repaired by the next run, as a change", weight=40)
def killed(box):
    slow_repository(box)
    path = box.play("""
        - name: slow
          apt: {name: slow, update_cache: true}
    """)
    for script in ("preinst", "postinst"):
        box.sh(f"rm -f /run/held; touch /run/hold-{script}; ({KILL_DPKG}) >/dev/null 2>&1 &")
        cut = box.agent("run", path)
        same(cut.code, 2, f"exit code when dpkg dies in {script}: {cut}")
        state = box.run("dpkg-query -W -f '${db:Status-Abbrev}' slow").out
        assert not state.startswith("ii"), f"killed in {script}, slow is '{state}'"
        box.sh(f"rm /run/hold-{script}")
        check = box.agent("check", path)
        same(check.named("would_change"), ["slow"], f"what check says after that\n{check}")
        repaired = box.agent("run", path)
        same((repaired.code, repaired.named("changed")), (0, ["slow"]), f"the next run\n{repaired}")
        same(box.sh(STATUS + "slow"), "ii 1.0", "the package")
        same(box.sh("dpkg --audit"), "", "dpkg's own audit")
        same(box.agent("run", path).named("changed"), [], "the run after that")
        box.sh("dpkg --purge slow >/dev/null")
