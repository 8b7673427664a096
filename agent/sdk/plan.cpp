#include <agent/sdk/plan.hpp>
#include <agent/sdk/text.hpp>

namespace agent {

namespace {

struct Describe {
  std::string operator()(const WriteFile& a) const { return "write " + a.path.string(); }
  std::string operator()(const MakeDirectory& a) const { return "make directory " + a.path.string(); }
  std::string operator()(const MakeLink& a) const { return "link " + a.path.string() + " -> " + a.target; }
  std::string operator()(const SetAttributes& a) const { return "set attributes of " + a.path.string(); }
  std::string operator()(const CopyPath& a) const { return "copy " + a.from.string() + " to " + a.to.string(); }
  std::string operator()(const RemovePath& a) const { return "remove " + a.path.string(); }
  std::string operator()(const Exec& a) const { return a.title.empty() ? "run " + text::joined(a.argv, " ") : a.title; }
  std::string operator()(const InstallPackages& a) const { return "install " + text::joined(a.requests, ", "); }
  std::string operator()(const RemovePackages& a) const { return "remove " + text::joined(a.names, ", "); }
  std::string operator()(const UpgradePackages&) const { return "upgrade all packages"; }
  std::string operator()(const RefreshPackageIndex&) const { return "refresh the package index"; }
  std::string operator()(const RepairPackages&) const { return "finish the interrupted package run"; }
  std::string operator()(const TidyPackages& a) const {
    return a.clean ? "empty the package cache" : "remove unused packages";
  }
  std::string operator()(const HoldPackages& a) const {
    return (a.hold ? "hold " : "release ") + text::joined(a.names, ", ");
  }
};

}  // namespace

std::string describe(const Action& action) {
  return std::visit(Describe{}, action);
}

}  // namespace agent
