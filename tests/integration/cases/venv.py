from harness import case, same


@case("venv: an environment is made, and made anew when its Python is gone", layer="python", weight=30)
def made(box):
    box.user("alice")
    play = """
        - name: environment
          venv: {path: /home/alice/env, prompt: lab}
          become: true
          become_user: alice
    """
    box.converge(play, changes=["environment"])
    same(box.sh("stat -c %U /home/alice/env/bin/python").strip(), "alice", "owner")
    box.sh("/home/alice/env/bin/python -m pip --version")
    box.sh("ln -sfn /usr/bin/python3.99 /home/alice/env/bin/python3; ln -sfn python3 /home/alice/env/bin/python")
    # Packages are in it: it is not deleted unasked.
    box.fails(play, says="clear")
    box.converge(play.replace("prompt: lab", "prompt: lab, clear: true"), changes=["environment"])
    box.sh("/home/alice/env/bin/python -m pip --version")


@case("venv: system site packages, seeds and removal", layer="python", weight=30)
def options(box):
    box.sh("apt-get -q -y --no-install-recommends install python3-yaml >/dev/null")
    box.converge("""
        - name: sees the system's packages
          venv: {path: /srv/env, system_site_packages: true}
    """, changes=["sees the system's packages"])
    box.sh("/srv/env/bin/python -c 'import yaml'")
    box.converge("""
        - name: does not any more
          venv: {path: /srv/env, system_site_packages: false}
    """, changes=["does not any more"])
    assert box.run("/srv/env/bin/python -c 'import yaml'").code != 0
    box.converge("""
        - name: a newer pip, and a package from the start
          venv: {path: /srv/env, upgrade_pip: true, packages: [idna]}
    """, changes=["a newer pip, and a package from the start"])
    box.sh("/srv/env/bin/python -c 'import idna'")
    box.converge("""
        - name: gone
          venv: {path: /srv/env, state: absent}
    """, changes=["gone"])
    assert box.run("test -e /srv/env").code != 0


@case("venv: without ensurepip it names the package to install, and leaves nothing behind", weight=20)
def no_ensurepip(box):
    box.sh("apt-get -q -y --no-install-recommends install python3 >/dev/null")
    box.fails("""
        - name: environment
          venv: {path: /srv/env}
    """, says="python3.11-venv" if box.run("test -e /usr/bin/python3.11").code == 0 else "-venv", clean=False)
    assert box.run("test -e /srv/env").code != 0, "no half an environment is left"
