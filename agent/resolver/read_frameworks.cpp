#include <algorithm>

#include <agent/resolver/lists.hpp>

// Rows about frameworks and cuDNN.
namespace agent::resolver {
namespace {

std::optional<std::vector<CodeFor>> code_list(Row& row, const std::string& key) {
  if (!row.find(key)) return std::nullopt;
  std::vector<CodeFor> code;
  for (const std::string& item : row.texts(key)) {
    const bool ptx = item.ends_with("+PTX");
    const auto capability = capability_from(ptx ? item.substr(0, item.size() - 4) : item);
    if (!capability) throw row.wrong(key, "a list of capabilities such as \"8.6\" or \"9.0+PTX\"");
    code.push_back({*capability, ptx});
  }
  return code;
}

void require_range(Row& row, const Dotted& lowest, const Dotted& highest) {
  if (lowest > highest) throw row.wrong("python_max", "a Python that is not older than python_min");
}

}  // namespace

void read_torch(Tables& tables, Row& row) {
  TorchRelease release{row.version("torch"),
                       row.text_or_nothing("torchvision"),
                       row.text_or_nothing("torchaudio"),
                       row.dotted("python_min"),
                       row.dotted("python_max"),
                       row.text("index"),
                       row.text_or_nothing("pypi_cuda"),
                       {},
                       {}};
  require_range(row, release.python_min, release.python_max);
  static const Strings kinds = {"find-links", "extra-index-url", "index-url"};
  if (std::find(kinds.begin(), kinds.end(), release.index) == kinds.end())
    throw row.wrong("index", "find-links, extra-index-url or index-url");
  const Value& wheels = row.need("wheels");
  if (!wheels.is_list()) throw row.wrong("wheels", "a list of wheels");
  release.origin = row.finish({"conda_pytorch_channel"});
  for (const Value& item : wheels.list()) {
    if (!item.is_map()) throw Error("a wheel is " + item.json() + ": expected a mapping").at(item.where());
    Row wheel(item, "a wheel", release.origin.texts);
    TorchWheel made{
        wheel.dotted("cuda"), wheel.text("tag"), wheel.text_or_nothing("cudnn"), code_list(wheel, "arch"), {}};
    made.origin = release.origin;
    if (item.where()) made.origin.where = item.where();  // compiled tables keep the place of the release alone
    for (const auto& [key, value] : item.map())
      if (key != "cuda" && key != "tag" && key != "cudnn" && key != "arch")
        throw Error("a wheel has no field '" + key + "'").at(value.where());
    release.wheels.push_back(std::move(made));
  }
  tables.torch.push_back(std::move(release));
}

void read_tensorflow(Tables& tables, Row& row) {
  if (!row.find("cuda") || !row.find("python_min") || !row.find("cudnn")) {
    HalfKnown known{"tensorflow", row.version("tensorflow").text(), {}};
    known.origin = row.finish({"python_min", "python_max", "cuda", "cudnn", "and_cuda", "numpy"});
    tables.half_known.push_back(std::move(known));
    return;
  }
  TensorflowRelease release{
      row.version("tensorflow"), row.dotted("python_min"),    row.dotted("python_max"),     row.dotted("cuda"),
      row.dotted("cudnn"),       row.flag("and_cuda", false), row.text_or_nothing("numpy"), {}};
  require_range(row, release.python_min, release.python_max);
  release.origin = row.finish();
  tables.tensorflow.push_back(std::move(release));
}

void read_jax(Tables& tables, Row& row) {
  JaxRelease release{row.version("jax"),
                     row.dotted("python_min"),
                     row.dotted("python_max"),
                     row.texts("extras"),
                     row.dotted("cuda_min"),
                     row.text_or_nothing("cudnn_min"),
                     {}};
  require_range(row, release.python_min, release.python_max);
  release.origin = row.finish({"released"});
  tables.jax.push_back(std::move(release));
}

void read_cudnn(Tables& tables, Row& row) {
  CudnnRelease release{row.dotted("cudnn"), row.texts("cuda"), {}, {}};
  if (row.find("deb_cuda")) release.deb_cuda = row.texts("deb_cuda");
  release.origin = row.finish();
  tables.cudnn.push_back(std::move(release));
}

void read_add_on(Tables& tables, Row& row) {
  AddOn add_on{row.text("name"),
               row.text("package"),
               {},
               {},
               row.dotted_or_nothing("glibc_min"),
               row.text_or_nothing("index_url"),
               {}};
  for (const std::string& major : row.texts("cuda_majors")) {
    const auto number = Dotted::parse(major);
    if (!number || number->size() != 1) throw row.wrong("cuda_majors", "a list of numbers such as \"12\"");
    add_on.cuda_majors.push_back(number->major());
  }
  if (row.find("cc_min")) add_on.capability_min = row.capability("cc_min");
  add_on.origin = row.finish();
  tables.add_ons.push_back(std::move(add_on));
}

}  // namespace agent::resolver
