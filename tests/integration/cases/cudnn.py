"""cudnn against real apt and dnf: names and versions as each version, distribution and manager spells them."""
import nvidia

import matrix
from harness import case, same

from cases.cuda import held, installed, ready, refused_on_fedora_40


def one(title, release, wish, expected, layer="debian", weight=12):
    @case(f"cudnn: {title}", layer=layer, weight=weight, cells=[matrix.cell("cudnn", *release[:2])])
    def run(box):
        with nvidia.Served() as served:
            ready(box, served, *release)
            box.converge(f"""
                - name: cudnn
                  cudnn: {wish}
            """, changes=["cudnn"])
            for name, version in expected.items():
                same(installed(box, name), version, name)
                assert held(box, name), f"{name} is held"
            major = next(iter(expected)).removeprefix("libcudnn")[0]
            box.converge(f"""
                - name: cudnn
                  cudnn: {{version: "{major}", state: absent}}
            """, changes=["cudnn"])
            for name in expected:
                same(installed(box, name), "absent", name)


one("Ubuntu 20.04: 8.0.5.39 for CUDA 11.0, not for 11.1", ("ubuntu", "20.04", "ubuntu2004"), '{version: 8.0.5.39, cuda: "11.0"}',
    {"libcudnn8": "8.0.5.39-1+cuda11.0", "libcudnn8-dev": "8.0.5.39-1+cuda11.0"})
one("Ubuntu 22.04: 8.9 for CUDA 12.4 is the build for 12.2", ("ubuntu", "22.04", "ubuntu2204"), '{version: "8.9", cuda: "12.4"}',
    {"libcudnn8": "8.9.7.29-1+cuda12.2", "libcudnn8-dev": "8.9.7.29-1+cuda12.2"})
one("Ubuntu 24.04: 9 for CUDA 13", ("ubuntu", "24.04", "ubuntu2404"), '{version: "9", cuda: "13.0"}',
    {"libcudnn9-cuda-13": "9.20.0.48-1", "libcudnn9-dev-cuda-13": "9.20.0.48-1"})
one("Debian 12: 9.10.2.21 for CUDA 12", ("debian", "12", "debian12"), '{version: 9.10.2.21, cuda: "12"}',
    {"libcudnn9-cuda-12": "9.10.2.21-1", "libcudnn9-dev-cuda-12": "9.10.2.21-1", "libcudnn9-headers-cuda-12": "9.10.2.21-1"})
one("Debian 13: 9 for CUDA 13, without headers", ("debian", "13", "debian13"), '{version: "9", cuda: "13", dev: false}',
    {"libcudnn9-cuda-13": "9.20.0.48-1"})
one("Fedora 42: an older 9 for CUDA 13, devel beside it", ("fedora", "42", "fedora42"), '{version: 9.13.0.50, cuda: "13.0"}',
    {"libcudnn9-cuda-13": "9.13.0.50-1", "libcudnn9-devel-cuda-13": "9.13.0.50-1"}, layer="dnf", weight=30)


refused_on_fedora_40("cudnn", "cuDNN", '{version: 9.10.2.21, cuda: "12"}', "cuDNN 9.10.2.21 for CUDA 12 is not in the repositories")


@case("cudnn: an older version than the newest, then the newer; a pin that the repository does not have", weight=15)
def moves(box):
    with nvidia.Served() as served:
        ready(box, served, "ubuntu", "22.04", "ubuntu2204")
        for version in ("9.6.0.74", "9.10.2.21"):
            box.converge(f"""
                - name: cudnn
                  cudnn: {{version: {version}, cuda: "12"}}
            """, changes=["cudnn"])
            same(installed(box, "libcudnn9-dev-cuda-12"), f"{version}-1", "headers of the same version")
        box.fails("""
            - name: cudnn
              cudnn: {version: 8.0.5.39, cuda: "11.0"}
        """, says=["cuDNN 8.0.5.39 for CUDA 11.0 is not in the repositories", "8.9.7.29-1+cuda11.8"])
        box.fails("""
            - name: cudnn
              cudnn: {version: 9.10.2.21, cuda: "13.0"}
        """, says="builds for CUDA 13 begin with 9.12")
