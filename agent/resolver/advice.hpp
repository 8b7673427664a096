#pragma once

#include <agent/resolver/problem.hpp>
#include <agent/resolver/stack.hpp>

namespace agent::resolver {

/// The driver to install for builds that need `least`, or better `full`; `facts` gets what it follows from.
DriverAdvice advise_driver(const Problem& problem, const Dotted& least, const Dotted& full, std::vector<Fact>& facts);

/// The cuDNN that goes with a toolkit of `series` on the machine, newest that begins with `wanted` ("8.1", or the whole
/// version; "" for any). Null when the tables have none.
const CudnnRelease* choose_cudnn(const Problem& problem, const std::string& series, const std::string& wanted);
/// Whether there is a build of it for a series of CUDA, or for the whole major.
bool serves(const CudnnRelease& release, const std::string& series);
/// Its packages with pins, as the distribution spells them: runtime and development.
Strings cudnn_packages(const CudnnRelease& release, const std::string& series, const std::string& format);

/// The sentence of a row, with its place and its sources.
Fact fact_of(std::string text, const Origin& origin);

}  // namespace agent::resolver
