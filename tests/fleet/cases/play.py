from bed import case, same, says

SITE = """
    - hosts: fleet
      vars: {greeting: hello}
      tasks:
        - name: directory
          file: {path: /srv/site, state: directory, mode: "0755"}
        - name: copied
          copy: {src: motd, dest: /srv/site/motd}
        - name: rendered
          template: {src: site.conf.j2, dest: /srv/site/site.conf}
          notify: told
        - name: looked up
          copy: {content: "{{ lookup('file', 'motd') }}, {{ ansible_hostname }}\\n", dest: /srv/site/both}
        - name: command
          command: {cmd: touch /srv/site/mark, creates: /srv/site/mark}
      handlers:
        - name: told
          copy: {content: "told\\n", dest: /srv/site/told}
"""
TASKS = ["command", "copied", "directory", "looked up", "rendered"]


def site(controller):
    controller.write("files/motd", "welcome\n")
    controller.write("templates/site.conf.j2", "{{ greeting }} from {{ inventory_hostname }}\n")
    return controller.write("site.yml", SITE)


def gone(controller, host):
    """Nothing of the agent runs there, and nothing of it is left in memory; a moment after the line was closed."""
    controller.wait_for(lambda: not host.processes() and not host.leftovers(),
                        f"the end of the agent on {host.name}, which left {host.leftovers()}")


@case("play: three hosts, check, run, run again, check")
def three(controller):
    hosts = controller.up("one", "two", "three")
    playbook, inventory = site(controller), controller.inventory()
    before = [host.fingerprint() for host in hosts]

    check = controller.run("check", playbook, "-i", inventory)
    same(check.code, 3, f"exit code of\n{check}")
    for host in hosts:
        same(check.named("would_change", host=host.name), sorted([*TASKS, "told"]), f"what would change on {host.name}")
        gone(controller, host)
    for host, fresh in zip(hosts, before):
        # Logins are written down by the system itself.
        touched = {path for path, value in host.fingerprint().items() if fresh.get(path) != value} - LOGIN_RECORDS
        same(touched, set(), f"what the check changed on {host.name}")

    run = controller.run("run", playbook, "-i", inventory)
    same(run.code, 0, f"exit code of\n{run}")
    for host in hosts:
        same(run.named("changed", host=host.name), sorted([*TASKS, "told"]), f"what changed on {host.name}")
        same(host.read("/srv/site/site.conf"), f"hello from {host.name}\n", "the template")
        same(host.read("/srv/site/both"), f"welcome, {host.name}\n", "lookup and fact")
        same(host.read("/srv/site/told"), "told\n", "the handler's file")

    again = controller.run("run", playbook, "-i", inventory)
    same(again.code, 0, f"exit code of\n{again}")
    same(again.named("changed"), [], f"what the second run changed\n{again}")
    last = controller.run("check", playbook, "-i", inventory)
    same(last.code, 0, f"exit code of\n{last}")
    for host in hosts:
        gone(controller, host)


LOGIN_RECORDS = {"/var/log/lastlog", "/var/log/wtmp", "/var/log/btmp", "/var/log/faillog"}


@case("play: delegation, run_once and other hosts' values")
def between_hosts(controller):
    one, two = controller.up("one", "two")
    playbook = controller.write("site.yml", """
        - hosts: fleet
          tasks:
            - name: here
              command: hostname
              delegate_to: localhost
              changed_when: false
              register: here
            - name: there
              copy: {content: "from {{ inventory_hostname }}", dest: "/srv/{{ inventory_hostname }}"}
              delegate_to: one
            - name: once
              command: hostname
              run_once: true
              changed_when: false
              register: first
            - name: known
              debug: {msg: "{{ first.stdout }} {{ hostvars.two.ansible_hostname }} {{ here.stdout == lookup('pipe', 'hostname') }}"}
    """)
    run = controller.run("run", playbook, "-i", controller.inventory())
    same(run.code, 0, f"exit code of\n{run}")
    same(one.read("/srv/one") + one.read("/srv/two"), "from onefrom two", "what was delegated")
    assert not two.path("/srv/two").exists(), "it was delegated away from two"
    for host in ("one", "two"):
        same(run.one(host, "known")["result"]["msg"], "one two True", f"what {host} knows")


@case("play: users log in and become root; with a password only when it is given")
def become(controller):
    host, = controller.up("one")
    playbook = controller.write("site.yml", """
        - hosts: fleet
          gather_facts: false
          tasks:
            - name: me
              command: id -un
              changed_when: false
            - name: root
              copy: {content: mine, dest: /etc/site.conf}
              become: true
    """)
    inventory = controller.inventory(user="alice")
    run = controller.run("run", playbook, "-i", inventory)
    same(run.code, 0, f"exit code of\n{run}")
    same(run.one("one", "me")["result"]["stdout"], "alice", "who it is")
    same(host.must("stat -c %U /etc/site.conf").strip(), "root", "the owner")

    host.write("/etc/sudoers.d/alice", "alice ALL=(ALL:ALL) ALL\n", mode=0o440)
    host.must("rm /etc/site.conf")
    refused = controller.run("run", playbook, "-i", inventory)
    same(refused.code, 2, f"exit code of\n{refused}")
    says(refused, "sudo wants a password", "-K")
    password = controller.write("password", "alice")
    given = controller.run("run", playbook, "-i", inventory, "--become-password-file", password)
    same(given.code, 0, f"exit code of\n{given}")
    same(host.read("/etc/site.conf"), "mine", "the file")
