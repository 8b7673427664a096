from harness import case, same


@case("become: root works as another user, with that user's ids")
def as_user(box):
    box.user("alice")
    run = box.converge("""
        - name: who
          command: id -un
          become: true
          become_user: alice
          register: who
          changed_when: false
          check_mode: false
        - name: file
          copy: {content: mine, dest: /home/alice/file}
          become: true
          become_user: alice
    """, changes=["file"])
    same(run.task("who")["result"]["stdout"], "alice", "who it ran as")
    same(box.sh("stat -c %U /home/alice/file").strip(), "alice", "the owner")


@case("become: a user reaches root through sudo, without and with a password")
def through_sudo(box):
    play = """
        - name: as root
          copy: {content: mine, dest: /etc/site.conf}
          become: true
    """
    box.user("bob", sudo="nopasswd")
    box.converge(play, changes=["as root"], user="bob")
    same(box.sh("stat -c %U /etc/site.conf").strip(), "root", "the owner")
    box.user("carol", sudo="password")
    box.fails(play, user="carol", says="-K", code=2)
    path = box.play("""
        - name: as root
          copy: {content: "with a password", dest: /etc/site.conf}
          become: true
    """)
    # A person at a terminal types the password; it is asked for once, and shown nowhere.
    done = box.host.type(["/opt/agent/bin/agent", "run", path, "-K"], "password: ", "carol\n", user="carol")
    box.log.append(done.all)
    same(done.code, 0, f"exit code, after\n{done.all}")
    assert "carol\n" not in done.out, "the password is shown nowhere"
    same(box.read("/etc/site.conf"), "with a password", "the file")
