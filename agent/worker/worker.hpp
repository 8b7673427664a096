#pragma once

namespace agent {

/// `agent worker`: the process in which modules run. Without arguments it serves the line on its stdin and stdout until
/// that closes; `--index DIRECTORY FILE` writes the index of the module libraries in DIRECTORY instead. Returns an exit
/// code. Nothing a module prints can reach the line: both of its outputs go to the worker's stderr.
int worker_main(int argc, char** argv);

/// The same without arguments, for a process that is one of ours already.
int serve_as_worker();

}  // namespace agent
