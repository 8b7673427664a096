import matrix
from harness import case, same


def version_of(box):
    """Without the label of the build: 2.13.0."""
    return box.sh("/opt/torch/bin/python -c 'import torch; print(torch.__version__)'").strip().split("+")[0]


@case("torch_verify: a real PyTorch computes, and says what it is", layer="torch", weight=40,
      cells=[matrix.alike("torch_verify", "debian", "12")])
def works(box):
    version = version_of(box)
    run = box.converge(f"""
        - name: compute
          torch_verify: {{python: /opt/torch/bin/python, version: {version}, cuda: auto}}
          register: torch
        - name: show
          debug: {{msg: "{{{{ torch.version }}}}"}}
        - name: by its environment
          torch_verify: {{venv: /opt/torch, cuda: none}}
    """, nothing=True)
    assert run.task("show")["result"]["msg"].startswith(version), run


@case("torch_verify: what is wrong is named, with the way out", layer="torch", weight=30)
def wrong(box):
    box.sh("python3 -m venv --without-pip /srv/bare")
    box.fails("""
        - name: no GPU here
          torch_verify: {venv: /opt/torch, cuda: required}
    """, says="CUDA")
    box.fails("""
        - name: another version
          torch_verify: {venv: /opt/torch, version: 2.12.0}
    """, says=[version_of(box), "2.12.0"])
    box.fails("""
        - name: no torch at all
          torch_verify: {python: /srv/bare/bin/python}
    """, says="torch")
    box.fails("""
        - name: no such Python
          torch_verify: {python: /srv/nowhere/bin/python}
    """, says="/srv/nowhere")
