from harness import case, same

TREE = "/srv/agent"


def install(box):
    """An agent with a test module among few of its own, indexed as the build does it."""
    box.sh(f"""mkdir -p {TREE}/bin {TREE}/lib/agent/modules {TREE}/share/agent
        cp /opt/agent/bin/agent {TREE}/bin/
        cp -r /opt/agent/lib/agent/lib {TREE}/lib/agent/
        cp /opt/agent/lib/agent/modules/copy.so /opt/agent/lib/agent/modules/file.so /opt/test-modules/misbehave.so {TREE}/lib/agent/modules/
        {TREE}/bin/agent worker --index {TREE}/lib/agent/modules {TREE}/share/agent/modules.cbor""")


def ends(box, how, phase, says, keyword=""):
    path = box.play(f"""
        - name: broken
          misbehave: {{how: {how}, phase: {phase}}}
          ignore_errors: true
          {keyword}
        - name: the next one
          copy: {{content: here, dest: "/srv/next-{how}-{phase}"}}
    """)
    done = box.run([f"{TREE}/bin/agent", "run", path], timeout=120)
    box.log.append(done.all)
    same(done.code, 0, f"exit code, after\n{done.all}")
    for text in says:
        assert text in done.all, f"expected '{text}' in\n{done.all[-4000:]}"
    assert len(done.all) < 200_000, "the flood did not reach the terminal"
    same(box.read(f"/srv/next-{how}-{phase}"), "here", "the next task ran")


@case("hostile modules: a crash is a failed task that names the signal", weight=10)
def crash(box):
    install(box)
    for phase in ("check", "apply"):
        ends(box, "crash", phase, ["SIGSEGV", "misbehave"])
        ends(box, "abort", phase, ["SIGABRT"])
        ends(box, "exit", phase, ["7"])
        ends(box, "throw", phase, ["an exception that is no Error"])


@case("hostile modules: a hang ends at the timeout, with all its processes", weight=15)
def hang(box):
    install(box)
    for phase in ("check", "apply"):
        ends(box, "hang", phase, ["timeout", "1"], "timeout: 1")
    ends(box, "grandchild", "check", ["timeout"], "timeout: 1")
    left = box.sh("for p in /proc/[0-9]*; do tr '\\0' ' ' <$p/cmdline 2>/dev/null; echo; done | grep -c 'agent worke[r]' || true").strip()
    same(left, "0", "workers that are left")


@case("hostile modules: a flood of output ends at the limit", weight=15)
def flood(box):
    install(box)
    ends(box, "flood", "check", ["limit"], "timeout: 60")


@case("hostile modules: one that says it did and did not is a failed task")
def lie(box):
    install(box)
    ends(box, "lie", "apply", ["did not converge", "the module 'misbehave' is at fault"])


@case("hostile modules: one that does what its check did not show is stopped before it, by name")
def another_thing(box):
    install(box)
    box.write("/srv/plays/victim", "as it was\n")
    ends(box, "do another thing", "apply", ["the module 'misbehave' was about to do what its check does not show", "/srv/plays/victim"])
    same(box.read("/srv/plays/victim"), "as it was\n", "what it would have changed")


@case("hostile modules: a library that cannot be trusted is refused with the reason")
def refused(box):
    install(box)
    path = box.play("- name: one\n  file: {path: /srv/one, state: touch}\n")
    library = f"{TREE}/lib/agent/modules/file.so"
    for change, says in ((f"chmod o+w {library}", "may be written by others"),
                         (f"chmod 644 {library}; echo no library >{library}", "file.so"),
                         (f"cp /opt/test-modules/stranger.so {library}", "file.so"),
                         (f"cp /opt/test-modules/tomorrow.so {library}", "file.so")):
        box.sh(change)
        done = box.run([f"{TREE}/bin/agent", "run", path])
        box.log.append(done.all)
        assert done.code in (1, 2), f"after '{change}': exit code {done.code}\n{done.all}"
        assert says in done.all, f"after '{change}': expected '{says}' in\n{done.all}"
    assert box.run("test -e /srv/one").code != 0, "nothing was done"
    # Indexing is where a library of another version is met first.
    for name, says in (("stranger", "agent_module"), ("tomorrow", "ABI 2")):
        done = box.run(f"mkdir -p /srv/{name} && cp /opt/test-modules/{name}.so /srv/{name}/ && "
                       f"{TREE}/bin/agent worker --index /srv/{name} /srv/{name}/modules.cbor")
        box.log.append(done.all)
        assert done.code != 0 and says in done.all, f"{name}: {done.code}\n{done.all}"
