from harness import case, same


def shell(box, name, user="root"):
    """What a new interactive shell of the user sees."""
    return box.sh(f"bash -ic 'printf %s \"${name}\"' 2>/dev/null", user=user)


@case("bashrc_env: a variable is set, changed and taken away, byte for byte")
def variable(box):
    original = box.read("/root/.bashrc")
    for value in ("/data/ml", "/data/two words/$HOME"):
        box.converge(f"""
            - name: set it
              bashrc_env: {{name: ML_PATH, value: "{value}"}}
        """, changes=["set it"])
    assert "two words" in shell(box, "ML_PATH"), shell(box, "ML_PATH")
    box.converge("""
        - name: take it away
          bashrc_env: {name: ML_PATH, state: absent}
    """, changes=["take it away"])
    same(box.read("/root/.bashrc"), original, ".bashrc after all")


@case("bashrc_env: an equal export that a person wrote is left alone")
def by_hand(box):
    for line in ("export ML_PATH=/data/ml", "export ML_PATH='/data/ml'", 'ML_PATH="/data/ml"; export ML_PATH'):
        box.write("/root/.bashrc", f"# mine\n{line}\n")
        box.converge("""
            - name: the same
              bashrc_env: {name: ML_PATH, value: /data/ml}
        """, nothing=True)


@case("bashrc_env: an entry of PATH is never doubled")
def path(box):
    box.user("alice")
    box.sh("printf '\\nexport PATH=\"$HOME/bin:$PATH\"\\n' >>/home/alice/.bashrc")
    box.converge("""
        - name: at the front
          bashrc_env: {name: PATH, prepend: /opt/cuda/bin, user: alice}
        - name: at the end
          bashrc_env: {name: PATH, append: /home/alice/.local/bin, user: alice}
    """, changes=["at the front", "at the end"])
    entries = shell(box, "PATH", user="alice").split(":")
    for wanted in ("/opt/cuda/bin", "/home/alice/.local/bin", "/home/alice/bin", "/usr/bin"):
        same(entries.count(wanted), 1, f"how often {wanted} is in {entries}")
    assert entries.index("/opt/cuda/bin") < entries.index("/usr/bin") < entries.index("/home/alice/.local/bin"), entries
    same(box.sh("stat -c '%U %a' /home/alice/.bashrc").strip(), "alice 644", "owner and mode")
