#pragma once

namespace agent {

/// What a new process does before it is somebody else. Nothing but system calls: it may have been forked of threads.
namespace new_process {

/// No handler, nothing ignored, nothing blocked.
void restore_signals();
/// Leaves no descriptor from `first` on to the program that is started next.
void close_on_exec_from(int first);
/// Leaves no descriptor from `first` on.
void close_from(int first);

}  // namespace new_process

}  // namespace agent
