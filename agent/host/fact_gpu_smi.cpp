#include <agent/host/fact_gpu_groups.hpp>
#include <agent/host/fact_groups.hpp>
#include <agent/sdk/text.hpp>

namespace agent::facts {
namespace {

Output ask(const Host& host, const std::string& fields) {
  return host.query({.argv = {"nvidia-smi", "--query-gpu=" + fields, "--format=csv,noheader,nounits"},
                     .deadline = std::chrono::milliseconds(5000)});
}

Strings fields_of(const std::string& line) {
  Strings fields;
  std::size_t start = 0;
  while (true) {
    const auto end = line.find(", ", start);
    fields.push_back(text::trimmed(line.substr(start, end == std::string::npos ? end : end - start)));
    if (end == std::string::npos) return fields;
    start = end + 2;
  }
}

Value known(const std::string& field) {
  return field.empty() || field == "[N/A]" || field == "[Not Supported]" ? Value() : Value(field);
}

}  // namespace

Map nvidia_smi(const Host& host) {
  Strings names = {"index", "name", "uuid", "driver_version", "memory_mb", "capability"};
  try {
    Output output = ask(host, "index,name,uuid,driver_version,memory.total,compute_cap");
    if (output.rc == 2) {  // up to branch 470 it knows no compute_cap
      names.pop_back();
      output = ask(host, "index,name,uuid,driver_version,memory.total");
    }
    if (!output.unknown.empty()) return {{"answers", Value::unknown(output.unknown)}};
    if (output.rc != 0) {
      const std::string said = text::trimmed(output.err.empty() ? output.out : output.err);
      return {{"answers", false}, {"rc", output.rc}, {"message", said.substr(0, 500)}};
    }
    List gpus;
    for (const std::string& line : text::lines_of(output.out)) {
      const Strings fields = fields_of(line);
      if (fields.size() != names.size()) continue;
      Map gpu;
      for (std::size_t i = 0; i < names.size(); ++i) gpu.set(names[i], known(fields[i]));
      gpus.emplace_back(std::move(gpu));
    }
    return {{"answers", true}, {"gpus", gpus}};
  } catch (const Error& error) {
    return {{"answers", false}, {"message", error.message()}};
  }
}

}  // namespace agent::facts
