import matrix
from harness import case


@case("jax_verify: a real JAX computes, and a GPU that is not there is named", layer="jax", weight=20,
      cells=[matrix.alike("jax_verify", "debian", "12")])
def works(box):
    run = box.converge("""
        - name: compute
          jax_verify: {venv: /opt/jax}
          register: jax
        - name: show
          debug: {msg: "{{ jax.version }} {{ jax.chain | length }} {{ jax.diagnosis is none }}"}
    """, nothing=True)
    shown = run.task("show")["result"]["msg"].split()
    assert shown[0][0] == "0" and shown[1:] == ["11", "True"], shown
    box.fails("""
        - name: no GPU here
          jax_verify: {venv: /opt/jax, cuda: required}
    """, says=["no NVIDIA GPU", "no_card"])
