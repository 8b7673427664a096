from harness import case, same


@case("podman: the real one is installed, reads its registries, and goes", weight=40)
def podman(box):
    box.user("alice")
    box.sh("rm -f /etc/subuid /etc/subgid")
    box.converge("""
        - name: podman
          podman: {registries: [quay.io, docker.io], users: [alice]}
    """, changes=["podman"])
    said = box.sh("podman info --format '{{range index .Registries \"search\"}}{{.}} {{end}}'")
    same(said.split(), ["quay.io", "docker.io"], "the registries that podman itself names")
    same(box.read("/etc/subuid"), "alice:100000:65536\n", "the ids of alice")
    box.converge("""
        - name: gone
          podman: {state: absent}
    """, changes=["gone"])
    assert box.run("which podman").code != 0
