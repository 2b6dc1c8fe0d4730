/*
 * A stand-in for the CUDA driver, for tests of the probe: answers what the -D flags say and does nothing.
 *   DEVICES     how many devices there are; 0 makes cuInit answer 100, as the driver does
 *   VERSION     1000 * major + 10 * minor of the CUDA version
 *   CAPABILITY  10 * major + minor of the compute capability
 *   INIT        what cuInit answers when there are devices
 *   WITHOUT_NAME  leaves one function out
 *   UNRESOLVED  needs a function that no library has, so that the loader refuses it
 */
#include <stddef.h>
#include <string.h>

#define API __attribute__((visibility("default"))) int

#ifdef UNRESOLVED
int is_nowhere(void);
int needs_it(void) { return is_nowhere(); }
#endif

API cuInit(unsigned flags) { return DEVICES == 0 ? 100 : INIT; }
API cuDriverGetVersion(int *version) { *version = VERSION; return 0; }
API cuDeviceGetCount(int *count) { *count = DEVICES; return 0; }
API cuDeviceGet(int *device, int index) { *device = index; return index < DEVICES ? 0 : 101; }

API cuDeviceGetAttribute(int *value, int attribute, int device) {
    *value = attribute == 75 ? CAPABILITY / 10 : attribute == 76 ? CAPABILITY % 10 : 0;
    return 0;
}

API cuDeviceTotalMem_v2(size_t *bytes, int device) { *bytes = (size_t) 80 << 30; return 0; }

#ifndef WITHOUT_NAME
API cuDeviceGetName(char *name, int length, int device) {
    strncpy(name, "Fake H200", (size_t) length);
    return 0;
}
#endif
