from harness import case, same


@case("file: directories, links, modes and owners")
def file(box):
    box.user("alice")
    box.converge("""
        - name: directory
          file: {path: /srv/data/models, state: directory, mode: "0750", owner: alice, group: alice}
        - name: link
          file: {src: models, dest: /srv/data/current, state: link}
        - name: empty file
          file: {path: /srv/data/models/readme, state: touch, mode: "u=rw,go=r", access_time: preserve, modification_time: preserve}
    """, changes=["directory", "link", "empty file"])
    same(box.sh("stat -c '%a %U %G' /srv/data/models").strip(), "750 alice alice", "the directory")
    same(box.sh("readlink /srv/data/current").strip(), "models", "the link")
    same(box.sh("stat -c '%a %s' /srv/data/models/readme").strip(), "644 0", "the file")
    box.sh("mkdir -p /srv/tree/a && touch /srv/tree/a/b && chmod 700 /srv/tree/a")
    box.converge("""
        - name: a whole tree
          file: {path: /srv/tree, state: directory, owner: alice, mode: "u=rwX,g=rX,o=", recurse: true}
        - name: away
          file: {path: /srv/data, state: absent}
    """, changes=["a whole tree", "away"])
    same(box.sh("stat -c '%U %a' /srv/tree/a/b /srv/tree/a").split(), ["alice", "640", "alice", "750"], "the tree")
    assert box.run("test -e /srv/data").code != 0


@case("copy: text and files, whole, with mode, backup and validation")
def copy(box):
    box.write("/srv/plays/files/tool.sh", "#!/bin/sh\necho tool\n")
    box.write("/etc/motd", "old\n", mode=0o640)
    box.converge("""
        - name: text
          copy: {content: "new\\n", dest: /etc/motd, backup: true}
        - name: a file beside the playbook
          copy: {src: tool.sh, dest: /usr/local/bin/tool, mode: "0755"}
        - name: into a directory
          copy: {src: /usr/local/bin/tool, dest: /srv/, remote_src: true}
    """, changes=["text", "a file beside the playbook", "into a directory"])
    same((box.read("/etc/motd"), box.sh("stat -c %a /etc/motd").strip()), ("new\n", "640"), "content and mode kept")
    same(box.sh("cat /etc/motd.*"), "old\n", "the backup")
    same(box.sh("tool").strip(), "tool", "the program")
    box.write("/etc/sudoers.d/extra", "# empty\n", mode=0o440)
    box.fails("""
        - name: refused by its own program
          copy: {content: "this is no rule\\n", dest: /etc/sudoers.d/extra, validate: "visudo -cf %s"}
    """, says="visudo")
    same(box.read("/etc/sudoers.d/extra"), "# empty\n", "the old file is there")


@case("copy: a full disk leaves the old file, and says so")
def disk_full(box):
    box.sh("mkdir -p /mnt/small && mount -t tmpfs -o size=64k tmpfs /mnt/small && echo old >/mnt/small/file")
    box.write("/srv/big", "x" * 200_000)
    box.fails("""
        - name: too much
          copy: {src: /srv/big, dest: /mnt/small/file, remote_src: true}
    """, says=["/mnt/small", "space"])
    same(box.sh("ls /mnt/small; cat /mnt/small/file").split(), ["file", "old"], "what is there afterwards")


@case("command: runs once with creates, and passes on what it said")
def command(box):
    run = box.converge("""
        - name: makes a file
          command: {cmd: "sh -c 'echo made >/srv/made'", creates: /srv/made}
        - name: looks at it
          command: cat /srv/made
          register: seen
          changed_when: false
          check_mode: false
          failed_when: false
        - name: takes a step
          command: {argv: [rm, -r, /srv/plays/junk], removes: /srv/plays/junk, chdir: /srv}
    """, changes=["makes a file"])
    same(run.task("looks at it")["result"]["stdout"], "made", "stdout")
    outcome = box.fails("""
        - name: fails
          command: sh -c 'echo out; echo why >&2; exit 3'
    """, says="why")
    same(outcome.task("fails")["result"]["rc"], 3, "rc")
    box.fails("""
        - name: no such program
          command: nosuchprogram --now
    """, says="nosuchprogram")
