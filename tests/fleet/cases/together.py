"""Plays that go to the machines, and in which those need the controller or each other on the way."""
import pathlib
import signal

from bed import case, same, says
from cases import links, survival

DELEGATED = """
    - hosts: fleet
      vars: {place: "%s"}
      vars_files: [of_all.yml]
      tasks:
        - name: learned there
          command: cat /srv/own
          changed_when: false
          register: own
        - name: written here
          copy: {content: "{{ own.stdout }} of {{ ansible_hostname }} {{ item }}, {{ word }}\\n", dest: "{{ place }}/{{ inventory_hostname }}-{{ item }}"}
          loop: [a, b]
          delegate_to: localhost
          register: written
          notify: told here
        - name: known there
          copy: {content: "{{ written.results | map(attribute='item') | join(',') }}", dest: /srv/known}
          notify: told there
        - name: not for two
          command: touch "{{ place }}/never"
          delegate_to: localhost
          when: inventory_hostname == 'nobody'
        - name: rescued
          block:
            - name: fails here
              command: test ! -d "{{ place }}"
              changed_when: false
              delegate_to: localhost
          rescue:
            - name: of the failure
              copy: {content: "{{ ansible_failed_task.name }}", dest: /srv/rescued}
      handlers:
        - name: told here
          copy: {content: "told\\n", dest: "{{ place }}/{{ inventory_hostname }}-told"}
          delegate_to: localhost
        - name: told there
          copy: {content: "told\\n", dest: /srv/told}
    - hosts: fleet
      gather_facts: false
      tasks:
        - name: still known
          copy: {content: "{{ written.results | length }}", dest: /srv/later}
"""


def delegated(controller):
    """Two hosts, a folder of this machine, and the playbook that writes into it."""
    for host in controller.up("one", "two"):
        host.write("/srv/own", f"that {host.name} knows")
    place = controller.folder / "place"
    place.mkdir()
    controller.write("of_all.yml", 'word: "{{ place | basename }}"\n')
    return place, controller.write("site.yml", DELEGATED % place), controller.inventory()


@case("together: what is delegated to the controller is done there, and the play stays on the machine")
def errands(controller):
    place, playbook, inventory = delegated(controller)
    check = controller.run("check", playbook, "-i", inventory, "-vv")
    same(check.code, 3, f"exit code of\n{check}")
    assert "walked from here" not in check.text, f"a play stayed\n{check.text}"
    same(list(place.iterdir()), [], "what the check wrote here")
    run = controller.run("run", playbook, "-i", inventory, "-vv")
    same(run.code, 0, f"exit code of\n{run}")
    assert "walked from here" not in run.text, f"a play stayed\n{run.text}"
    for name, host in controller.hosts.items():
        for item in "ab":
            hostname = host.must("hostname").strip()
            same((place / f"{name}-{item}").read_text(), f"that {name} knows of {hostname} {item}, place\n", "what was written here")
        same((place / f"{name}-told").read_text(), "told\n", "what the handler wrote here")
        for file, content in (("known", "a,b"), ("told", "told\n"), ("rescued", "fails here"), ("later", "2")):
            same(host.read(f"/srv/{file}"), content, f"/srv/{file} on {name}")
        same([(event["item"], event["delegate"]) for event in run.results(host=name, task="written here") if "item" in event],
             [("a", "localhost"), ("b", "localhost")], f"the items that were told of {name}")
        same(run.one(name, "not for two")["status"], "skipped", "what a condition keeps from being done")
        same(run.one(name, "fails here")["status"], "rescued", "the failure")
        same(check.named("would_change", host=name), run.named("changed", host=name), f"what check and run say of {name}")
    again = controller.run("run", playbook, "-i", inventory)
    same(again.named("changed"), [], f"what changed again\n{again}")
    text = controller.run("run", playbook, "-i", inventory, "--format", "text").out
    assert "ok: [one -> localhost] => (item=a)" in text, f"where it was done is not told\n{text}"


@case("together: a secret of what is delegated is told to nobody, and a mistake in it has its line")
def hidden(controller):
    controller.up("one")
    playbook = controller.write("site.yml", """
        - hosts: fleet
          gather_facts: false
          tasks:
            - name: quiet
              command: echo hunter2
              delegate_to: localhost
              no_log: true
              register: it
            - name: known
              assert: {that: it.stdout == 'hunter2'}
            - name: wrong
              command: echo {{ nothing.here }}
              delegate_to: localhost
    """)
    run = controller.run("run", playbook, "-i", controller.inventory(), "--format", "text", "-vv")
    same(run.code, 2, f"exit code of\n{run}")
    says(run, "site.yml:12:", "nothing.here")
    assert "hunter2" not in run.text.replace("echo hunter2", "").replace("== 'hunter2'", ""), f"it is told\n{run.text}"


ONCE = """
    - hosts: fleet
      gather_facts: false
      tasks:
        - name: before
          shell: "sleep {{ 2 if inventory_hostname == 'three' else 0 }}; date +%s%N >/srv/before"
        - name: once
          shell: date +%s%N | tee /srv/once
          run_once: true
          register: it
        - name: for all
          copy: {content: "{{ it.stdout }}", dest: /srv/all}
        - name: once here
          command: echo {{ inventory_hostname }} of {{ it.stdout }}
          run_once: true
          delegate_to: localhost
          register: here
        - name: for all of it
          copy: {content: "{{ here.stdout }}", dest: /srv/here}
"""


@case("together: one host does for all what is to be done once, when all have come there")
def once(controller):
    hosts = controller.up("one", "two", "three")
    inventory = controller.inventory()
    run = controller.run("run", controller.write("site.yml", ONCE), "-i", inventory, "-vv")
    same(run.code, 0, f"exit code of\n{run}")
    assert "walked from here" not in run.text, f"the play stayed\n{run.text}"
    first = hosts[0]
    it = first.read("/srv/once").strip()
    assert all(int(host.read("/srv/before")) < int(it) for host in hosts), "it did not wait for the slow one"
    for host in hosts:
        same(host.read("/srv/all"), it, f"what {host.name} knows of it")
        same(host.read("/srv/here"), f"one of {it}", f"what {host.name} knows of what was done here")
        assert host is first or not host.path("/srv/once").exists(), f"{host.name} did it, too"
    same([event["host"] for event in run.results(task="once")], ["one"], "who told of it")
    stays = controller.run("run", controller.write("site.yml", ONCE), "-i", inventory, "-vv", "--forks", "2")
    same(stays.code, 0, f"exit code of\n{stays}")
    says(stays, "walked from here", "more hosts than --forks")


@case("together: the host that was to do it for all is lost, and the others hear of it")
def once_lost(controller):
    one, two = controller.up("one", "two")
    playbook = controller.write("site.yml", """
        - hosts: fleet
          gather_facts: false
          tasks:
            - name: before
              command: "true"
              changed_when: false
            - name: once
              shell: touch /srv/began; sleep 60
              run_once: true
            - name: after
              command: touch /srv/after
    """)
    command, process = controller.start("run", playbook, "-i", controller.inventory(), "--reconnect", "1")
    controller.wait_for_task(lambda: one.path("/srv/began").exists(), "the task on one")
    one.stop_sshd()
    run = controller.finish(command, process)
    same(run.code, 4, f"exit code of\n{run}")
    same([count for count in run.recap["two"].items() if count[1]], [("ok", 1)], "what two came to")
    assert not two.path("/srv/after").exists(), "two went on without what was to be done"
    says(run, "'one' is lost")


@case("together: no more hosts than 'throttle' says are at a task")
def throttle(controller):
    hosts = controller.up("one", "two", "three")
    playbook = controller.write("site.yml", """
        - hosts: fleet
          gather_facts: false
          tasks:
            - name: by turns
              shell: "date +%s%N >/srv/from; sleep 0.3; date +%s%N >/srv/to"
              throttle: 1
    """)
    run = controller.run("run", playbook, "-i", controller.inventory(), "-vv")
    same(run.code, 0, f"exit code of\n{run}")
    assert "walked from here" not in run.text, f"the play stayed\n{run.text}"
    times = sorted((int(host.read("/srv/from")), int(host.read("/srv/to"))) for host in hosts)
    assert all(before[1] <= after[0] for before, after in zip(times, times[1:])), f"two were at it: {times}"


@case("together: a machine that lies has done here what the play delegates, and nothing else")
def liar(controller):
    one, = controller.up("one")
    place = controller.folder / "place"
    place.mkdir()
    playbook, inventory = controller.write("liar.yml", f"""
        - hosts: fleet
          gather_facts: false
          tasks:
            - name: there
              command: touch /srv/there
            - name: here
              command: "echo {{{{ said | default('nothing') }}}}"
              delegate_to: localhost
              changed_when: false
    """), controller.inventory()
    same(controller.run("run", playbook, "-i", inventory).code, 0, "the first run")

    def errand(number, place, **state):
        return {"ask": number, "what": "errand", "with": {"where": place, "state": {"set": state}}}

    links.play_agent(one, [
        links.HELLO, errand(1, f"{playbook}:6:7", said="$(id)"), errand(2, f"{playbook}:4:7"), errand(51, "/etc/passwd:1:1"), errand(52, 7),
        {"ask": 53, "what": "once", "with": {"place": [3, 0]}}, {"ask": 54, "what": "turn", "with": {"most": 0}},
        links.told("did once", place=[1], outcome={"status": "ok"}), links.told("turn over")], later=[links.END])
    run = controller.run("run", playbook, "-i", inventory)
    heard = one.path("/srv/heard").read_bytes()
    same(run.code, 0, f"exit code of\n{run}")
    assert b"$(id)" in heard, f"what it heard of its errand: {heard[-2000:]}"
    assert b"uid=" not in heard and b"root:" not in heard, f"it heard {heard[-2000:]}"
    same(heard.count(b"that the play does not delegate"), 2, "tasks that were refused")
    assert not pathlib.Path("/srv/there").exists(), "a task of the machine's was done here"
    same([event["task"] for event in run.results(host="one")], [], "what was told in its name")


BROKEN = """
    - hosts: fleet
      gather_facts: false
      tasks:
        - name: there
          shell: echo x >>/srv/there
        - name: here
          shell: "touch {place}/began; echo x >>{place}/here; while [ ! -e {place}/go ]; do sleep 0.1; done; echo done"
          delegate_to: localhost
          register: here
        - name: then
          copy: {{content: "{{{{ here.stdout }}}}", dest: /srv/then}}
"""


def broken(controller):
    """A host, a folder of this machine, and a play in which the host waits for what is done there until it has a `go`."""
    host, = controller.up("one")
    place = controller.folder / "place"
    place.mkdir()
    return host, place, controller.write("site.yml", BROKEN.format(place=place)), controller.inventory()


@case("together: what is done here goes on while the link is away, and is done once")
def link_away(controller):
    one, place, playbook, inventory = broken(controller)
    command, process = controller.start("run", playbook, "-i", inventory)
    controller.wait_for_task((place / "began").exists, "the task here")
    one.stop_sshd()
    (place / "go").touch()
    controller.wait_for_task(lambda: True, "the link to be gone")
    one.start_sshd()
    run = controller.finish(command, process)
    same(run.code, 0, f"exit code of\n{run}")
    same(one.read("/srv/then"), "done", "what the host knows of it")
    for file in (place / "here", one.path("/srv/there")):
        same(file.read_text(), "x\n", f"how often {file.name} was written")


@case("together: a controller that dies in what it does for a host does it again when the run is resumed")
def controller_dies(controller):
    controller.keeps_history = True
    one, place, playbook, inventory = broken(controller)
    command, process = controller.start("run", playbook, "-i", inventory, "--reconnect", "1")
    controller.wait_for_task((place / "began").exists, "the task here")
    process.kill()
    process.wait()
    controller.wait_for(lambda: not one.processes(), "the end of the agent on one")
    (place / "go").touch()
    run = controller.run("resume", survival.run_of(controller))
    same(run.code, 0, f"exit code of\n{run}")
    same(one.read("/srv/then"), "done", "what the host knows of it")
    same(one.read("/srv/there"), "x\n", "how often the task on the host was done")
    same((place / "here").read_text(), "x\nx\n", "how often the task here was done")


@case("together: Ctrl-C lets what is done here come to its end, and the host does not go on")
def interrupted(controller):
    one, place, playbook, inventory = broken(controller)
    command, process = controller.start("run", playbook, "-i", inventory)
    controller.wait_for_task((place / "began").exists, "the task here")
    process.send_signal(signal.SIGINT)
    controller.wait_for_task(lambda: True, "that the host could have been told")
    (place / "go").touch()
    run = controller.finish(command, process)
    same(run.code, 130, f"exit code of\n{run}")
    same(run.one("one", "here")["status"], "changed", "what was done here")
    assert not one.path("/srv/then").exists(), "the host went on"
