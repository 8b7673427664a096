"""Plays that go to the machines whole, and plays that stay."""
import re

from bed import case, same, says


def files(controller):
    """A playbook with whatever plays can take along."""
    controller.write("files/plain", "plain\n")
    controller.write("files/tree/a", "a\n")
    controller.write("files/tree/below/b", "b\n")
    controller.write("templates/made.j2", "{{ greeting }} {{ inventory_hostname }} {{ from_file }}\n")
    controller.write("vars/common.yml", 'from_file: "{{ greeting | upper }}"\n')
    controller.write("tasks/Debian.yml", """
        - name: by system
          copy: {content: "{{ ansible_distribution }}", dest: /srv/system}
    """)
    controller.write("roles/site/tasks/main.yml", """
        - name: of the role
          copy: {src: "{{ item }}", dest: "/srv/{{ item }}"}
          loop: [first, second]
          notify: role told
        - include_tasks: more.yml
    """)
    controller.write("roles/site/tasks/more.yml", """
        - name: more
          template: {src: role.j2, dest: /srv/role}
    """)
    controller.write("roles/site/handlers/main.yml", """
        - name: role told
          copy: {content: told, dest: /srv/told}
    """)
    controller.write("roles/site/defaults/main.yml", "of_role: default\n")
    controller.write("roles/site/files/first", "1\n")
    controller.write("roles/site/files/second", "2\n")
    controller.write("roles/site/templates/role.j2", "{{ of_role }} {{ greeting }}\n")
    controller.write("group_vars/fleet.yml", 'greeting: "{{ word }} to"\nword: hello\n')
    return controller.write("site.yml", """
        - hosts: fleet
          vars_files: [vars/common.yml]
          tasks:
            - name: plain
              copy: {src: plain, dest: /srv/plain}
            - name: tree
              copy: {src: tree/, dest: /srv/tree/}
            - name: made
              template: {src: made.j2, dest: /srv/made}
            - include_tasks: "tasks/{{ ansible_os_family }}.yml"
            - include_role: {name: site}
            - name: guarded
              block:
                - name: fails
                  command: "false"
              rescue:
                - name: rescued
                  copy: {content: "{{ ansible_failed_task.name }}", dest: /srv/rescued}
            - name: looked up
              copy: {content: "{{ lookup('file', 'plain') }}", dest: /srv/looked}
            - name: registered
              command: cat /srv/plain
              changed_when: false
              register: plain
            - name: used
              copy: {content: "{{ plain.stdout }} {{ groups.fleet | join(',') }}", dest: /srv/used}
              when: plain is succeeded
        - hosts: fleet
          gather_facts: false
          tasks:
            - name: second play
              copy: {content: "{{ plain.stdout }}", dest: /srv/second_play}
    """)


EXPECTED = {"plain": "plain\n", "tree/a": "a\n", "tree/below/b": "b\n", "system": "Debian", "first": "1\n", "second": "2\n",
            "role": "default hello to\n", "told": "told", "rescued": "fails", "looked": "plain", "used": "plain one,two",
            "second_play": "plain"}


@case("journeys: roles, includes, templates, files, blocks and handlers go along")
def whole(controller):
    controller.up("one", "two")
    playbook, inventory = files(controller), controller.inventory()
    run = controller.run("run", playbook, "-i", inventory, "-vv")
    same(run.code, 0, f"exit code of\n{run}")
    assert "walked from here" not in run.text, f"a play stayed\n{run.text}"
    for name, host in controller.hosts.items():
        for file, content in EXPECTED.items():
            same(host.read(f"/srv/{file}"), content, f"/srv/{file} on {name}")
        same(host.read("/srv/made"), f"hello to {name} HELLO TO\n", f"the template on {name}")
    # Told in the order of the play, each task once, with all hosts below it.
    order = [(event["event"], event.get("task"), event.get("host")) for event in run.events
             if event["event"] in ("task_started", "task_result") and not event.get("handler")]
    begun = [task for event, task, _ in order if event == "task_started"]
    same([task for task in begun if task in ("plain", "tree", "made", "looked up", "second play")],
         ["plain", "tree", "made", "looked up", "second play"], "the order of the banners")
    for task in ("plain", "used"):
        at = order.index(("task_started", task, None))
        same(sorted(order[at + 1:at + 3]), [("task_result", task, "one"), ("task_result", task, "two")], f"what follows '{task}'")
    check = controller.run("check", playbook, "-i", inventory)
    same([event for event in check.results() if event["status"] == "would_change" and event["task"] != "rescued"], [], "drift")
    text = controller.run("run", playbook, "-i", inventory, "--format", "text").out
    same(len(re.findall(r"^TASK \[plain\]", text, re.M)), 1, f"banners of 'plain' in\n{text}")


@case("journeys: a mistake there is shown with its line here")
def mistake(controller):
    controller.up("one")
    playbook = controller.write("site.yml", """
        - hosts: fleet
          gather_facts: false
          tasks:
            - name: wrong
              copy: {content: "{{ nothing.here }}", dest: /srv/x}
            - name: not reached
              ping:
    """)
    run = controller.run("run", playbook, "-i", controller.inventory(), "--format", "text")
    same(run.code, 2, f"exit code of\n{run}")
    says(run, "site.yml:5:", "nothing.here", "'nothing'")


@case("journeys: what concerns other machines keeps a play here, and -vv says what")
def tied(controller):
    controller.up("one", "two")
    inventory = controller.inventory()
    for task, word in (("{command: hostname, delegate_to: two, changed_when: false}", "delegate_to"),
                       ("{debug: {msg: \"{{ hostvars['two'].inventory_hostname }}\"}}", "hostvars"),
                       ("{command: hostname, any_errors_fatal: true, changed_when: false}", "any_errors_fatal"),
                       ("{debug: {msg: \"{{ lookup('pipe', 'echo ' + inventory_hostname) }}\"}}", "pipe")):
        playbook = controller.write("site.yml", f"""
            - hosts: fleet
              gather_facts: false
              tasks:
                - {task}
        """)
        run = controller.run("run", playbook, "-i", inventory, "-vv")
        same(run.code, 0, f"exit code of\n{run}")
        says(run, "this play is walked from here", word)


@case("journeys: what one play learned the next one knows, wherever each is walked")
def between(controller):
    one, two = controller.up("one", "two")
    playbook = controller.write("site.yml", """
        - hosts: fleet
          gather_facts: false
          tasks:
            - command: hostname
              changed_when: false
              register: there
        - hosts: fleet
          gather_facts: false
          tasks:
            - set_fact: {both: "{{ hostvars.one.there.stdout }} {{ hostvars.two.there.stdout }}"}
              delegate_to: localhost
        - hosts: fleet
          gather_facts: false
          tasks:
            - name: both
              copy: {content: "{{ both }}", dest: /srv/both}
    """)
    run = controller.run("run", playbook, "-i", controller.inventory())
    same(run.code, 0, f"exit code of\n{run}")
    for host in (one, two):
        same(host.read("/srv/both"), "one two", f"what {host.name} knows")
