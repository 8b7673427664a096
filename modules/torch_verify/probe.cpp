#include "probe.hpp"

namespace agent::torch_verify {

std::string_view probe() {
  return R"py(
class Framework:
    def load(self, report):
        global torch
        import torch
        report["framework"] = str(torch.__version__)
        report["file"] = getattr(torch, "__file__", None)
        report["cuda_build"] = torch.version.cuda
        report["rocm_build"] = getattr(torch.version, "hip", None)
    def numpy(self):
        torch.ones(2).numpy()
    def compute(self, index, a, b, x, w):
        device = "cpu" if index is None else "cuda:%d" % index
        a, b, x, w = [torch.tensor(n, dtype=torch.float32).to(device) for n in (a, b, x, w)]
        product, image = a @ b, torch.nn.functional.conv2d(x, w)
        if index is not None: torch.cuda.synchronize(index)
        return product.cpu().tolist(), image.cpu().tolist()
    def look(self, report):
        try:
            report["cudnn"] = torch.backends.cudnn.version()
        except BaseException as error:
            report["cudnn_error"] = described(error)
        report["available"] = bool(torch.cuda.is_available())
        if not report["available"]:
            torch.cuda.init()
            return
        report["driver_cuda"] = int(torch._C._cuda_getDriverVersion()) if hasattr(torch._C, "_cuda_getDriverVersion") else None
        report["arch_list"] = list(torch.cuda.get_arch_list())
        report["count"] = torch.cuda.device_count()
        torch.backends.cuda.matmul.allow_tf32 = False
        torch.backends.cudnn.allow_tf32 = False
    def describe(self, index, device):
        device["name"] = torch.cuda.get_device_name(index)
        device["capability"] = "%d.%d" % torch.cuda.get_device_capability(index)
        device["memory_mib"] = int(torch.cuda.get_device_properties(index).total_memory) // 1048576
    def speed(self, index):
        size = 8192
        m = torch.ones(size, size, device="cuda:%d" % index)
        def multiply():
            m @ m; torch.cuda.synchronize(index)
        return timed(multiply, size)
)py";
}

}  // namespace agent::torch_verify
