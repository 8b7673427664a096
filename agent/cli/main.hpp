#pragma once

namespace agent::cli {

/// The program: reads the command line, does what it says, and returns the exit code of DESIGN.md 6.
int main(int argc, char** argv);

}  // namespace agent::cli
