"""Logins that ssh keeps for the next run."""
from bed import case, same

LOOK = """
    - hosts: fleet
      gather_facts: false
      tasks:
        - name: look
          stat: {path: /srv}
"""
MARK = """
    - hosts: fleet
      gather_facts: false
      tasks:
        - name: mark
          copy: {content: x, dest: /srv/mark}
"""


def logins(host):
    return (host.folder / "sshd.log").read_text().count("Accepted publickey for root")


@case("logins: the next run needs none, until something is changed; a check uses one and keeps none")
def kept(controller):
    host, = controller.up("one")
    inventory = controller.inventory()
    look, mark = controller.write("look.yml", LOOK), controller.write("mark.yml", MARK)

    def needs(count, what, *arguments):
        before = logins(host)
        run = controller.run(*arguments, "-i", inventory)
        same(run.code, 3 if "would change" in what else 0, f"exit code of {what}\n{run}")
        same(logins(host) - before, count, f"logins of {what}\n{run}")

    needs(1, "a check", "check", look)
    needs(1, "a run after a check", "run", look)
    needs(0, "the next run", "run", look)
    needs(0, "a check after a run", "check", look)
    needs(0, "a check in which something would change", "check", mark)
    needs(0, "a run that changes something", "run", mark)
    needs(1, "a run after something was changed", "run", look)


@case("logins: one that was lost meanwhile is no trouble, nor are the user's own settings")
def lost(controller):
    host, = controller.up("one")
    look, inventory = controller.write("look.yml", LOOK), controller.inventory()
    same(controller.run("run", look, "-i", inventory).code, 0, "exit code of the first run")
    host.stop_sshd()
    host.start_sshd()
    again = controller.run("run", look, "-i", inventory)
    same(again.code, 0, f"exit code after the login was lost\n{again}")

    own = controller.folder / "ssh_config"
    own.write_text("ControlMaster no\nControlPath none\n" + own.read_text())
    before = logins(host)
    for _ in range(2):
        same(controller.run("run", look, "-i", inventory).code, 0, "exit code with settings of the user's own")
    same(logins(host) - before, 2, "logins where the user wants one each time")
