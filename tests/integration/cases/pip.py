from harness import PLAYS, case, same

VERSION = "python -c 'import importlib.metadata as m; print(m.version(\"{0}\"))'"


def version(box, name, env="/srv/env"):
    return box.sh(f"{env}/bin/" + VERSION.format(name)).strip()


@case("pip: requirements, versions and removal in an environment", layer="python", weight=40)
def environment(box):
    box.sh("python3 -m venv /srv/env")
    box.converge("""
        - name: requirements
          pip: {name: ["idna==3.6", "attrs>=23,<24"], virtualenv: /srv/env}
    """, changes=["requirements"])
    same(version(box, "idna"), "3.6", "idna")
    box.converge("""
        - name: a higher version
          pip: {name: idna, version: "3.7", virtualenv: /srv/env}
        - name: already satisfied
          pip: {name: "idna~=3.5", virtualenv: /srv/env}
    """, changes=["a higher version"])
    same(version(box, "idna"), "3.7", "idna")
    box.converge("""
        - name: away
          pip: {name: [idna, Attrs], state: absent, virtualenv: /srv/env}
    """, changes=["away"])
    assert box.run("/srv/env/bin/python -c 'import idna'").code != 0


@case("pip: a requirements file that includes another", layer="python", weight=25)
def files(box):
    box.sh("python3 -m venv /srv/env")
    box.write("/srv/base.txt", "idna==3.6  # pinned\n")
    box.write("/srv/requirements.txt", "-r base.txt\n\nattrs==23.2.0 ; python_version >= '3.8'\nnosuchpackage==1 ; sys_platform == 'win32'\n")
    box.converge("""
        - name: from the file
          pip: {requirements: /srv/requirements.txt, virtualenv: /srv/env}
    """, changes=["from the file"])
    same((version(box, "idna"), version(box, "attrs")), ("3.6", "23.2.0"), "versions")


@case("pip: for a user, in spite of PEP 668 only when told", layer="python", weight=25)
def user(box):
    box.user("alice")
    if box.run("ls /usr/lib/python3*/EXTERNALLY-MANAGED").code == 0:  # Debian 11 is from before PEP 668
        box.fails("""
            - name: refused
              pip: {name: idna, user: true}
              become: true
              become_user: alice
        """, says="break_system_packages", clean=False)
    box.converge("""
        - name: allowed
          pip: {name: idna, user: true, break_system_packages: true}
          become: true
          become_user: alice
    """, changes=["allowed"])
    assert "/home/alice/.local/" in box.sh("python3 -c 'import idna; print(idna.__file__)'", user="alice")
    same(box.sh("find /home/alice/.local -user root").strip(), "", "files of root in alice's home")


@case("pip: a version that does not exist is named with those that do", layer="python", weight=15)
def no_version(box):
    box.sh("python3 -m venv /srv/env")
    outcome = box.fails("""
        - name: too new
          pip: {name: idna==99.0, virtualenv: /srv/env}
    """, says=["idna", "99.0"], clean=False)
    listed = not version(box, "pip").startswith("20.3")  # which does not say them
    assert ("3.7" if listed else "a newer one does") in outcome.text, "the versions that exist are named:\n" + str(outcome)
    outcome = box.fails("""
        - name: no such package
          pip: {name: idna-that-nobody-made, virtualenv: /srv/env}
    """, says="idna-that-nobody-made", clean=False)


@case("pip: a missing dependency and a repair", layer="python", weight=30)
def dependency(box):
    box.sh("python3 -m venv /srv/env && /srv/env/bin/pip install -q 'jinja2==3.1.4' && /srv/env/bin/pip uninstall -q -y markupsafe")
    box.converge("""
        - name: whole again
          pip: {name: jinja2==3.1.4, virtualenv: /srv/env}
    """, changes=["whole again"])
    box.sh("/srv/env/bin/python -c 'import jinja2'")


@case("pip: the newest version, and an editable one", layer="python", weight=30)
def latest(box):
    box.sh("python3 -m venv /srv/env && /srv/env/bin/pip install -q 'idna==3.6'")
    box.converge("""
        - name: newest
          pip: {name: idna, state: latest, virtualenv: /srv/env}
    """, changes=["newest"])
    assert version(box, "idna") != "3.6"
    # The older way, which every pip takes.
    box.write("/srv/mine/setup.py", 'from setuptools import setup\nsetup(name="mine", version="1.0", py_modules=["mine"])\n')
    box.write("/srv/mine/mine.py", "answer = 42\n")
    box.converge("""
        - name: in place
          pip: {name: /srv/mine, editable: true, virtualenv: /srv/env}
    """, changes=["in place"])
    same(box.sh("/srv/env/bin/python -c 'import mine; print(mine.answer)'").strip(), "42", "the editable package")
