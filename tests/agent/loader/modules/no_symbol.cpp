// A shared library that is no module.
extern "C" __attribute__((visibility("default"))) int something_else(void) {
  return 1;
}
