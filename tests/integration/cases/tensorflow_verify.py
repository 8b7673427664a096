import matrix
from harness import case


@case("tensorflow_verify: a real TensorFlow computes, and a GPU that is not there is named", layer="tensorflow", weight=40,
      cells=[matrix.alike("tensorflow_verify", "debian", "12")])
def works(box):
    run = box.converge("""
        - name: compute
          tensorflow_verify: {venv: /opt/tensorflow, version: 2.*}
          register: tensorflow
        - name: show
          debug: {msg: "{{ tensorflow.version }}"}
    """, nothing=True)
    assert run.task("show")["result"]["msg"].startswith("2."), run
    box.fails("""
        - name: no GPU here
          tensorflow_verify: {venv: /opt/tensorflow, cuda: required}
    """, says=["no NVIDIA GPU", "no_card"])
