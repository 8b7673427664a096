from harness import case, same

# Each is a task of root's that a link of mallory's would lead to a file of root's.
TASKS = """
- lineinfile: {path: /home/mallory/file, line: x}
- blockinfile: {path: /home/mallory/file, block: x}
- replace: {path: /home/mallory/file, regexp: secret, replace: x}
- copy: {content: x, dest: /home/mallory/file, follow: true}
- copy: {content: x, dest: /home/mallory/etc/new}
- copy: {src: /srv/tree/, dest: /home/mallory/etc/, remote_src: true}
- template: {src: text.j2, dest: /home/mallory/file, follow: true}
- file: {path: /home/mallory/file, mode: "0666"}
- file: {path: /home/mallory/file, owner: mallory}
- file: {path: /home/mallory/file, state: touch}
- file: {path: /home/mallory/etc, state: directory, mode: "0777"}
- file: {path: /home/mallory/etc/new/below, state: directory}
- file: {path: /home/mallory/etc/target, state: absent}
- file: {path: /home/mallory/etc/link, src: target, state: link}
- file: {path: /home/mallory/tree, state: directory, recurse: true, mode: "0777"}
- tempfile: {path: /home/mallory/etc}
- bashrc_env: {name: X, value: "1", file: /home/mallory/file}
- bashrc_env: {name: X, value: "1", user: mallory}
- venv: {path: /home/mallory/etc/env}
- pip: {name: idna, virtualenv: /home/mallory/etc/env}
"""


@case("links: a user's link leads no task of root's to files of others, in run or in check", layer="python", weight=15)
def links(box):
    box.user("mallory")
    box.sh("""mkdir -p /etc/real /srv/tree && echo secret >/etc/real/target && chmod 600 /etc/real/target && echo x >/srv/tree/new""")
    box.sh("""ln -s /etc/real etc; ln -s /etc/real/target file; ln -sf /etc/real/target .bashrc; mkdir tree; ln -s /etc/real tree/way""", user="mallory")
    box.write("/srv/plays/templates/text.j2", "x\n")
    tasks = [f"- name: \"{number}\"\n  ignore_errors: true\n  {line[2:]}\n" for number, line in enumerate(TASKS.strip().splitlines())]
    path = box.play("".join(tasks))
    before = box.host.fingerprint()
    for command in ("check", "run"):
        outcome = box.agent(command, path)
        for number, line in enumerate(TASKS.strip().splitlines()):
            result = outcome.task(str(number))
            message = (result.get("error") or {}).get("message", "")
            assert "will not follow the link" in message or "leads out of the home" in message, f"{command}: {line}\n{outcome}"
        after = box.host.fingerprint()
        touched = [name for name in before.keys() | after.keys() if before.get(name) != after.get(name) and not name.startswith("/var/")]
        same(touched, [], f"what {command} touched")


@case("links: a user's link to files of their own is followed", weight=5)
def own(box):
    box.user("alice")
    box.sh("mkdir dotfiles && mv .bashrc dotfiles/bashrc && ln -s dotfiles/bashrc .bashrc && ln -s dotfiles dir", user="alice")
    box.converge("""
        - name: line
          lineinfile: {path: /home/alice/.bashrc, line: "alias ll='ls -l'"}
        - name: variable
          bashrc_env: {name: ML_PATH, value: "$HOME/ml", user: alice}
        - name: file
          copy: {content: "x\\n", dest: /home/alice/dir/new, owner: alice}
        - name: deep
          file: {path: /home/alice/dir/a/b, state: directory, owner: alice}
    """, changes=["line", "variable", "file", "deep"])
    same(box.sh("readlink /home/alice/.bashrc").strip(), "dotfiles/bashrc", "the link")
    same(box.sh("find /home/alice -user root").strip(), "", "files of root in alice's home")
