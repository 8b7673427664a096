#include <agent/sdk/codec.hpp>
#include <agent/sdk/framework_probe.hpp>

namespace agent {

namespace {

constexpr std::string_view marker = "agent-verify:";

/// The part that all frameworks share: the protocol, the deadline, the numbers to compute with and their answers by
/// hand. A framework's part follows it and defines
///
///     class Framework:
///         def load(self, report)           imports it; sets "framework" (its version), "cuda_build", "rocm_build"
///         def numpy(self)                  raises where NumPy does not go with it; ImportError: there is none
///         def compute(self, index, a, b, x, w)  the product a @ b and the image x folded with w (N, C, H, W), as
///         nested
///                                          lists, on the CPU (index None) or on a GPU; returns when it is done
///         def look(self, report)           sets "available", "count", "cudnn", "arch_list", "cuda_error"
///         def describe(self, index, device)     sets "name", "capability", "memory_mib"
///         def speed(self, index)           TFLOPS of a large product
///
/// Everything is computed twice, so that a wrong answer is found as well as none.
constexpr std::string_view prelude = R"py(
import sys
sys.path[:] = [p for p in sys.path if p]
import faulthandler, json, os, random, time, warnings
cuda_mode, seconds, measure_speed = sys.argv[1], float(sys.argv[2]), sys.argv[3] == "speed"
out = os.fdopen(os.dup(1), "w")
shown = ("CUDA_VISIBLE_DEVICES", "LD_LIBRARY_PATH", "LD_PRELOAD", "JAX_PLATFORMS", "XLA_FLAGS")
report = {"python": sys.version.split()[0], "executable": sys.executable, "warnings": [], "devices": [],
          "environment": {k: os.environ[k] for k in shown if k in os.environ}}
def say(kind, value):
    out.write("\nagent-verify:" + kind + " " + json.dumps(value) + "\n"); out.flush()
def end():
    say("report", report); os._exit(0)
def described(error):
    return "%s: %s" % (type(error).__name__, error)
def fail(stage, error):
    report["failed"] = stage; report["error"] = described(error); end()
def warned(message, *rest, **more):
    report["warnings"].append(str(message))
warnings.showwarning = warned
faulthandler.enable()
faulthandler.dump_traceback_later(seconds, exit=True)
started = time.monotonic()

numbers = random.Random(7)
def block(*shape):
    return [block(*shape[1:]) for _ in range(shape[0])] if shape else numbers.uniform(-1, 1)
a, b, x, w = block(48, 64), block(64, 32), block(2, 3, 12, 12), block(4, 3, 3, 3)
def by_hand(product, image):
    for i, j in ((0, 0), (17, 5), (47, 31)):
        right = sum(a[i][k] * b[k][j] for k in range(64))
        if not abs(right - product[i][j]) < 1e-3: raise ArithmeticError("matmul gave %r, not %r" % (product[i][j], right))
    right = sum(x[1][c][4 + i][5 + j] * w[2][c][i][j] for c in range(3) for i in range(3) for j in range(3))
    if not abs(right - image[1][2][4][5]) < 1e-3: raise ArithmeticError("conv2d gave %r, not %r" % (image[1][2][4][5], right))
def flat(nested):
    return [n for part in nested for n in flat(part)] if isinstance(nested, (list, tuple)) else [nested]
def differ(found, expected):
    return max((abs(f - e) if f == f else float("inf")) for f, e in zip(flat(found), flat(expected)))
def try_device(framework, index, expected):
    device = {"index": index}
    report["devices"].append(device)
    try:
        framework.describe(index, device)
        begin = time.monotonic()
        found = framework.compute(index, a, b, x, w)
        device["seconds"] = round(time.monotonic() - begin, 3)
        device["difference"] = differ(found, expected)
        device["works"] = device["difference"] < 1e-2
        if not device["works"]: device["error"] = "computed something else than the CPU (difference %g)" % device["difference"]
        elif measure_speed: device["tflops"] = round(framework.speed(index), 2)
    except BaseException as error:
        device["works"] = False
        device["error"] = described(error)
    return device["works"]
def timed(multiply, size, least=0.5):
    multiply()
    count, begin = 0, time.monotonic()
    while time.monotonic() - begin < least:
        multiply(); count += 1
    return 2.0 * size ** 3 * count / (time.monotonic() - begin) / 1e12
)py";

constexpr std::string_view ending = R"py(
framework = Framework()
say("stage", "import")
try:
    framework.load(report)
except BaseException as error:
    fail("import", error)
report["import_seconds"] = round(time.monotonic() - started, 2)
say("stage", "numpy")
try:
    import numpy
    report["numpy"] = numpy.__version__
    framework.numpy()
except ImportError:
    report.setdefault("numpy", None)
except BaseException as error:
    report["numpy_error"] = described(error)
say("stage", "cpu")
try:
    expected = framework.compute(None, a, b, x, w)
    by_hand(*expected)
except BaseException as error:
    fail("cpu", error)
if cuda_mode != "none":
    say("stage", "cuda")
    try:
        framework.look(report)
    except BaseException as error:
        report["available"] = False
        report["cuda_error"] = described(error)
    for index in range(report.get("count", 0) if report.get("available") else 0):
        say("stage", "device %d" % index)
        if not try_device(framework, index, expected): break
report["seconds"] = round(time.monotonic() - started, 2)
say("stage", "done")
end()
)py";

/// The value behind the last line that begins with the marker and `kind`.
std::optional<std::string> last(const std::string& text, const std::string& kind) {
  const std::string start = "\n" + std::string(marker) + kind + " ";
  const auto at = text.rfind(start);
  if (at == std::string::npos) return std::nullopt;
  const auto begin = at + start.size();
  return text.substr(begin, text.find('\n', begin) - begin);
}

}  // namespace

std::string text_of(const Value& value) {
  return value.is_string() ? value.string() : value.is_null() ? "" : value.json();
}

std::string Probed::text(std::string_view key) const {
  return text_of(report[key]);
}

bool Probed::is_available() const {
  return report["available"].is_boolean() && report["available"].boolean();
}

Query framework_probe(const ProbeQuestion& question) {
  Query query;
  query.argv = {question.python.string(),
                "-c",
                std::string(prelude) + std::string(question.framework) + std::string(ending),
                question.cuda,
                std::to_string(question.seconds),
                question.measure_speed ? "speed" : "-"};
  query.environment = {{"PYTHONDONTWRITEBYTECODE", "1"}, {"PYTHONUNBUFFERED", "1"}};
  for (const auto& [name, value] : question.environment) query.environment[name] = value;
  query.directory = "/";
  // The probe ends itself in time; this is for one that cannot even do that.
  query.deadline = std::chrono::seconds(question.seconds + 10);
  return query;
}

Probed read_probe(const Output& output) {
  Probed probed;
  probed.output = output;
  if (const auto stage = last(output.out, "stage")) probed.stage = parse_json(*stage, "the probe's stage").string();
  if (const auto report = last(output.out, "report")) probed.report = parse_json(*report, "the probe's report");
  probed.timed_out = probed.report.is_null() && output.err.find("Timeout (") != std::string::npos;
  return probed;
}

}  // namespace agent
