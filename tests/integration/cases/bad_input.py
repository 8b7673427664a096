from harness import case, same

# Each: what is wrong with it, the playbook, and what has to be read. The first text is the place.
MISTAKES = [
    ("broken YAML", "- hosts: all\n  tasks:\n    - debug: {msg: [1, 2}\n", ["play.yml:3:"]),
    ("an unknown keyword", "- hosts: all\n  gather_facts: false\n  tasks:\n    - name: a\n      debug: {msg: a}\n      whne: true\n",
     ["play.yml:6:7", "whne", "did you mean 'when'"]),
    ("an unknown argument", "- hosts: all\n  gather_facts: false\n  tasks:\n    - name: a\n      file: {path: /srv/a, sate: touch}\n",
     ["play.yml:5:", "sate", "did you mean 'state'"]),
    ("an argument of the wrong type", "- hosts: all\n  gather_facts: false\n  tasks:\n    - name: a\n      file: {path: /srv/a, state: touch, follow: perhaps}\n",
     ["play.yml:5:", "follow", "perhaps"]),
    ("a choice that is none", "- hosts: all\n  gather_facts: false\n  tasks:\n    - name: a\n      file: {path: /srv/a, state: direktory}\n",
     ["play.yml:5:", "direktory", "directory"]),
    ("a missing argument", "- hosts: all\n  gather_facts: false\n  tasks:\n    - name: a\n      copy: {content: a}\n", ["play.yml:5:", "dest"]),
    ("an expression that is none", "- hosts: all\n  gather_facts: false\n  tasks:\n    - name: a\n      debug: {msg: \"{{ 1 + }}\"}\n", ["play.yml:5:"]),
    ("a handler that is not there", "- hosts: all\n  gather_facts: false\n  tasks:\n    - name: a\n      file: {path: /srv/a, state: touch}\n      notify: reload it\n",
     ["play.yml:6:", "reload it"]),
]


@case("bad input: mistakes are found before anything is started, at their place")
def mistakes(box):
    wrong = []
    for title, text, says in MISTAKES:
        box.write("/srv/plays/play.yml", text)
        before = box.host.fingerprint()
        for command in ("run", "check"):
            outcome = box.agent(command, "/srv/plays/play.yml", format=None)
            for problem in [f"'{said}' is not said" for said in says if said not in outcome.text] + (
                    [f"exit code {outcome.code}, not 1"] if outcome.code != 1 else []):
                wrong.append(f"{title} ({command}): {problem}\n{outcome.text}")
        if box.host.fingerprint() != before:
            wrong.append(f"{title}: the machine was changed")
    assert not wrong, "\n".join(wrong)


@case("bad input: what only the machine knows fails the task, at its place")
def at_run(box):
    box.fails("""
        - name: undefined
          debug: {msg: "{{ nowhere_set }}"}
    """, says="nowhere_set", code=2)
    box.fails("""
        - name: no such file here
          copy: {src: not-there.txt, dest: /srv/a}
    """, says="not-there.txt", code=1)
    box.fails("""
        - name: no such user
          command: id
          become: true
          become_user: nobody-of-that-name
    """, says="nobody-of-that-name", code=2)
    box.fails("""
        - name: no such owner
          file: {path: /srv/a, state: touch, owner: nobody-of-that-name}
    """, says="nobody-of-that-name", code=2)


@case("bad input: a playbook or a file of variables that is not there")
def missing(box):
    box.play("- debug: {msg: a}\n")
    for arguments, code, says in ((["/srv/plays/none.yml"], 1, "/srv/plays/none.yml"),
                                  (["/srv/plays/play.yml", "-e", "@/srv/none.yml"], 1, "/srv/none.yml"),
                                  (["/srv/plays/play.yml", "--nosuchflag"], 1, "nosuchflag"),
                                  # A warning and no hosts, as in Ansible.
                                  (["/srv/plays/play.yml", "-i", "/srv/none"], 0, "there is no inventory '/srv/none'")):
        outcome = box.agent("run", *arguments, format=None)
        assert outcome.code == code and says in outcome.text, f"{arguments}: {outcome.code}\n{outcome.text}"


@case("bad input: without sudo, or without a right to it, nothing is begun")
def no_rights(box):
    box.user("alice")
    play = """
        - name: needs root
          file: {path: /srv/root-only, state: directory}
          become: true
    """
    outcome = box.fails(play, user="alice", says="sudo", code=2)
    assert "-K" in outcome.text, "the way out is named:\n" + str(outcome)
    box.sh("rm /usr/bin/sudo")
    box.fails(play, user="alice", says="sudo", code=2)
    outcome = box.fails("""
        - name: another's file
          copy: {content: a, dest: /etc/motd}
    """, user="alice", says="/etc", code=2)


@case("bad input: without a network, packages fail with the cause", layer="python", weight=30)
def no_network(box):
    offline = ("unshare", "--net")
    box.sh("python3 -m venv /srv/env; printf '[global]\\nretries = 1\\ntimeout = 2\\n' >/srv/pip.conf")
    path = box.play("- name: package\n  apt: {name: hello}\n")
    outcome = box.agent("run", path, prefix=offline)
    assert outcome.code == 2 and "hello" in outcome.text, str(outcome)
    path = box.play("- name: python package\n  pip: {name: sampleproject, virtualenv: /srv/env}\n  environment: {PIP_CONFIG_FILE: /srv/pip.conf}\n")
    outcome = box.agent("run", path, prefix=offline)
    assert outcome.code == 2 and "sampleproject" in outcome.text, str(outcome)
    assert "network" in outcome.text.lower() or "connect" in outcome.text.lower() or "resol" in outcome.text.lower(), str(outcome)
