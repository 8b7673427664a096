from harness import case, same


@case("debug, assert, set_fact: values travel through a play")
def values(box):
    run = box.converge("""
        - name: remember
          set_fact: {place: "/data/{{ 'ML' | lower }}", sizes: [1, 2, 3]}
        - name: hold
          assert:
            that: ["place == '/data/ml'", "sizes | sum == 6"]
            fail_msg: never
        - name: show
          debug: {msg: "{{ place }} has {{ sizes | length }}"}
        - name: show a value
          debug: {var: sizes}
    """, nothing=True)
    same(run.task("show")["result"]["msg"], "/data/ml has 3", "msg")
    same(run.task("show a value")["result"]["sizes"], [1, 2, 3], "the value keeps its type")


@case("assert: what was asked and what came of it are shown")
def refused(box):
    box.fails("""
        - name: hold
          assert: {that: "2 + 2 == 5", fail_msg: "arithmetic holds"}
        - name: never reached
          file: {path: /srv/never, state: touch}
    """, says=["arithmetic holds", "2 + 2 == 5"])


@case("setup: facts are those of the machine")
def facts(box):
    run = box.converge("""
        - hosts: all
          tasks:
            - name: distribution
              debug: {msg: "{{ ansible_facts['distribution'] }} {{ ansible_distribution_release }} {{ ansible_facts.pkg_mgr }}"}
            - name: only some
              setup: {filter: [ansible_hostname, "ansible_user*"]}
              register: some
            - name: names
              debug: {msg: "{{ some.ansible_facts | list | sort | join(' ') }}"}
            - name: user
              debug: {msg: "{{ ansible_facts['user_id'] }} {{ ansible_facts['user_dir'] }} {{ ansible_hostname }}"}
    """, nothing=True)
    codename = box.sh(". /etc/os-release; echo $VERSION_CODENAME").strip()
    same(run.task("distribution")["result"]["msg"], f"Debian {codename} apt", "distribution")
    same(run.task("user")["result"]["msg"], "root /root box", "user")
    assert "ansible_hostname" in run.task("names")["result"]["msg"], run
