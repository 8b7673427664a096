/// A shared library that is no module at all.
extern "C" __attribute__((visibility("default"))) int stranger(void) {
  return 1;
}
