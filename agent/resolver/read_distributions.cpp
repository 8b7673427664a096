#include <agent/resolver/lists.hpp>

// Rows about distributions: their Python, NVIDIA's repository for them, and the drivers they have.
namespace agent::resolver {

void read_repository(Tables& tables, Row& row) {
  Repository repository{row.text("repo"),      row.text("format"),  row.texts("ids"),
                        row.texts("versions"), row.texts("series"), {}};
  if (repository.format != "deb" && repository.format != "rpm") throw row.wrong("format", "deb or rpm");
  repository.origin = row.finish({"key", "sbsa", "cuda_first", "cuda_last"});
  tables.repositories.push_back(std::move(repository));
}

void read_distribution(Tables& tables, Row& row) {
  Distribution distribution{row.text("distro"),
                            row.text("release"),
                            row.text_or_nothing("codename"),
                            row.dotted("python"),
                            row.dotted("glibc"),
                            row.texts("extra_python"),
                            {}};
  distribution.origin = row.finish({"pep668", "pip", "venv"});
  tables.distributions.push_back(std::move(distribution));
}

void read_driver_package(Tables& tables, Row& row) {
  DriverPackage package{row.text("distro"),
                        row.text("release"),
                        row.text("from"),
                        row.dotted("version"),
                        row.text_or_nothing("proprietary"),
                        row.text_or_nothing("open"),
                        {}};
  if (package.from != "distro" && package.from != "rpmfusion") throw row.wrong("from", "distro or rpmfusion");
  package.origin = row.finish();
  tables.driver_packages.push_back(std::move(package));
}

void read_network_driver(Tables& tables, Row& row) {
  NetworkDriver driver{row.text("format"),
                       row.branch("first_branch"),
                       row.branch_or_nothing("last_branch"),
                       row.text_or_nothing("proprietary"),
                       row.text_or_nothing("open"),
                       row.text_or_nothing("pin"),
                       {}};
  driver.origin = row.finish();
  tables.network_drivers.push_back(std::move(driver));
}

}  // namespace agent::resolver
