// What the module `sharing` shares with others.
extern "C" const char* shared_summary() {
  return "Says what it shares.";
}
