import matrix
from harness import case, same


@case("torch_verify: a real PyTorch computes, and says what it is", layer="torch", weight=40,
      cells=[matrix.alike("torch_verify", "debian", "12")])
def works(box):
    run = box.converge("""
        - name: compute
          torch_verify: {python: /opt/torch/bin/python, version: 2.13.0, cuda: auto}
          register: torch
        - name: show
          debug: {msg: "{{ torch.version }}"}
        - name: by its environment
          torch_verify: {venv: /opt/torch, cuda: none}
    """, nothing=True)
    assert run.task("show")["result"]["msg"].startswith("2.13.0"), run


@case("torch_verify: what is wrong is named, with the way out", layer="torch", weight=30)
def wrong(box):
    box.fails("""
        - name: no GPU here
          torch_verify: {venv: /opt/torch, cuda: required}
    """, says="CUDA")
    box.fails("""
        - name: another version
          torch_verify: {venv: /opt/torch, version: 2.12.0}
    """, says=["2.13.0", "2.12.0"])
    box.fails("""
        - name: no torch at all
          torch_verify: {python: /usr/bin/python3}
    """, says="torch")
    box.fails("""
        - name: no such Python
          torch_verify: {python: /srv/nowhere/bin/python}
    """, says="/srv/nowhere")
