#include <algorithm>

#include <agent/resolver/lists.hpp>

// Rows about drivers, CUDA and GPUs.
namespace agent::resolver {

void read_toolkit(Tables& tables, Row& row) {
  Toolkit toolkit{
      row.dotted("cuda"), row.text("series"), row.dotted("min_driver"), row.dotted_or_nothing("mvc_min_driver"), {}};
  toolkit.origin = row.finish({"bundled_driver"});
  tables.toolkits.push_back(std::move(toolkit));
}

void read_branch(Tables& tables, Row& row) {
  DriverBranch branch{row.branch("branch"), row.text("cuda"), row.text_or_nothing("eol"), {}};
  branch.origin = row.finish();
  tables.branches.push_back(std::move(branch));
}

void read_compiler(Tables& tables, Row& row) {
  CompilerTargets targets{row.text("cuda"), row.capability("cc_min"), row.capability("cc_max"), {}, {}};
  for (const std::string& sm : row.texts("sm")) {
    const auto number = Dotted::parse(sm);
    if (!number || number->size() != 1) throw row.wrong("sm", "a list of numbers such as \"86\"");
    targets.targets.push_back(number->major());
  }
  targets.origin = row.finish();
  tables.compilers.push_back(std::move(targets));
}

void read_architecture(Tables& tables, Row& row) {
  Architecture architecture{row.text("name"),
                            row.capabilities("cc"),
                            row.branch("min_driver_branch"),
                            row.branch_or_nothing("last_driver_branch"),
                            {},
                            {}};
  using Open = Architecture::Open;
  const std::string open = row.text("open_kernel_module");
  if (open != "unsupported" && open != "supported" && open != "required")
    throw row.wrong("open_kernel_module", "unsupported, supported or required");
  architecture.open_module = open == "unsupported" ? Open::unsupported
                             : open == "required"  ? Open::required
                                                   : Open::supported;
  architecture.origin = row.finish();
  tables.architectures.push_back(std::move(architecture));
}

void read_exception(Tables& tables, Row& row) {
  BranchException exception{row.capability("cc"), row.branch("min_driver_branch"), {}};
  exception.origin = row.finish();
  tables.exceptions.push_back(std::move(exception));
}

void read_gpu(Tables& tables, Row& row) {
  Gpu gpu{row.text("name"), row.capability("cc"), row.text("arch"), row.texts("pci"), {}};
  for (const std::string& id : gpu.pci)
    if (id.size() != 4 || id.find_first_not_of("0123456789abcdef") != std::string::npos)
      throw row.wrong("pci", "device ids of four hex digits in lower case");
  if (!tables.architecture(gpu.architecture)) throw row.wrong("arch", "the name of one of the file's `architectures`");
  gpu.origin = row.finish();
  tables.gpus.push_back(std::move(gpu));
}

}  // namespace agent::resolver
