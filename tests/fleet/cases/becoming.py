"""A login that is not root becomes somebody who is neither root nor itself: the agent lies in a home that is closed to them."""
from bed import case, same, says
from cases.parcels import ends


def play(controller):
    return controller.write("become.yml", """
        - hosts: fleet
          gather_facts: false
          become: true
          become_user: bob
          tasks:
            - name: who
              command: id -un
              changed_when: false
            - name: writes
              copy: {content: x, dest: /home/bob/of-bob}
    """)


@case("become_user that is neither root nor the login: by way of root, where sudo lets it")
def by_way_of_root(controller):
    web, = controller.up("web")
    web.must("useradd --create-home bob")
    run = ends(controller.run("run", play(controller), "-i", controller.inventory("alice")), 0)
    same(run.one("web", "who")["result"]["stdout"], "bob", "who did it")
    same(web.must("stat -c %U /home/bob/of-bob").strip(), "bob", "the owner")
    check = ends(controller.run("check", play(controller), "-i", controller.inventory("alice")), 0)
    same(check.recap["web"]["changed"], 0, "drift")


@case("become_user that is neither root nor the login: a sentence, where sudo allows that user alone")
def closed(controller):
    web, = controller.up("web")
    web.must("useradd --create-home bob")
    web.write("/etc/sudoers.d/alice", "alice ALL=(bob) NOPASSWD: ALL\n", mode=0o440)
    run = ends(controller.run("run", play(controller), "-i", controller.inventory("alice")), 2)
    says(run, "closed to 'bob'", "log in as 'bob' or as root")
