// Fails one of the calls that write below a folder: the k-th of all processes that count in one file. For LD_PRELOAD.
//   FAULTS_BELOW  the folder, without links in its path
//   FAULTS_COUNT  a file of 8 bytes, 0 at first: how many such calls there were
//   FAULTS_AT     k, from 1; 0 only counts
//   FAULTS_FOR    how many calls fail from there on: 1, or many for a disk that stays full
//   FAULTS_HOW    the number of an error; "short" has a write write half of its bytes, and no error;
//                 "kill" ends the process there, as SIGKILL does
//   FAULTS_CALLS  names of calls with a blank on both sides; the others are not counted
// What failed is appended to FAULTS_COUNT.said, as "CALL PATH".
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static long* calls;
static long first, last;
static const char *below, *how, *counted;

__attribute__((constructor)) static void begin(void) {
  const char* file = getenv("FAULTS_COUNT");
  below = getenv("FAULTS_BELOW"), how = getenv("FAULTS_HOW"), counted = getenv("FAULTS_CALLS");
  if (!file || !below || !how || !counted) return;
  first = atol(getenv("FAULTS_AT")), last = first + atol(getenv("FAULTS_FOR")) - 1;
  const int count = open(file, O_RDWR | O_CLOEXEC);
  if (count < 0) return;
  void* shared = mmap(NULL, sizeof *calls, PROT_READ | PROT_WRITE, MAP_SHARED, count, 0);
  close(count);
  if (shared != MAP_FAILED) calls = shared;
}

static int lies_below(const char* path) {
  const size_t length = strlen(below);
  return strncmp(path, below, length) == 0 && (path[length] == '/' || path[length] == 0);
}

static void say(const char* call, const char* path) {
  char file[4096], line[4200];
  snprintf(file, sizeof file, "%s.said", getenv("FAULTS_COUNT"));
  const int length = snprintf(line, sizeof line, "%s %s\n", call, path);
  const int said = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (said < 0) return;
  syscall(SYS_write, said, line, (size_t)length);
  close(said);
}

/// Whether this call is to fail; errno is set.
static int fails_at(const char* call, const char* path) {
  char name[32];
  snprintf(name, sizeof name, " %s ", call);
  if (!calls || !strstr(counted, name) || !lies_below(path)) return 0;
  const long number = __atomic_add_fetch(calls, 1, __ATOMIC_SEQ_CST);
  if (first == 0 || number < first || number > last) return 0;
  say(call, path);
  if (strcmp(how, "kill") == 0) kill(getpid(), SIGKILL);
  errno = strcmp(how, "short") == 0 ? 0 : atoi(how);
  return 1;
}

static int fails(const char* call, int file) {
  if (!calls) return 0;
  const int before = errno;
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  const ssize_t length = readlink(link, path, sizeof path - 1);
  errno = before;
  if (length < 0 || path[0] != '/') return 0;  // a pipe or a socket
  path[length] = 0;
  return fails_at(call, path);
}

static int fails_to(const char* call, const char* path) {
  if (path[0] == '/') return fails_at(call, path);
  char folder[4096], whole[8300];
  if (!getcwd(folder, sizeof folder)) return 0;
  snprintf(whole, sizeof whole, "%s/%s", folder, path);
  return fails_at(call, whole);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static ssize_t half(size_t all) { return all < 2 ? (ssize_t)all : (ssize_t)(all / 2); }
static int is_short(void) { return errno == 0; }

ssize_t write(int file, const void* bytes, size_t count) {
  static __typeof__(&write) real;
  if (!real) real = REAL(write);
  if (!fails("write", file)) return real(file, bytes, count);
  return is_short() ? real(file, bytes, (size_t)half(count)) : -1;
}

ssize_t writev(int file, const struct iovec* parts, int count) {
  static __typeof__(&writev) real;
  if (!real) real = REAL(writev);
  if (!fails("write", file)) return real(file, parts, count);
  return is_short() ? real(file, parts, count > 1 ? count / 2 : 1) : -1;
}

#define PWRITE(name, offset_type)                                            \
  ssize_t name(int file, const void* bytes, size_t count, offset_type at) {  \
    static __typeof__(&name) real;                                           \
    if (!real) real = REAL(name);                                            \
    if (!fails("pwrite", file)) return real(file, bytes, count, at);         \
    return is_short() ? real(file, bytes, (size_t)half(count), at) : -1;     \
  }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

#define OF_FILE(name, call, parameters, ...)             \
  int name parameters {                                  \
    static __typeof__(&name) real;                       \
    if (!real) real = REAL(name);                        \
    return fails(call, file) ? -1 : real(__VA_ARGS__);   \
  }
OF_FILE(fsync, "fsync", (int file), file)
OF_FILE(fdatasync, "fsync", (int file), file)
OF_FILE(ftruncate, "ftruncate", (int file, off_t size), file, size)
OF_FILE(ftruncate64, "ftruncate", (int file, off64_t size), file, size)

int posix_fallocate(int file, off_t at, off_t size) {
  static __typeof__(&posix_fallocate) real;
  if (!real) real = REAL(posix_fallocate);
  return fails("fallocate", file) ? errno : real(file, at, size);
}

int rename(const char* from, const char* to) {
  static __typeof__(&rename) real;
  if (!real) real = REAL(rename);
  return fails_to("rename", to) ? -1 : real(from, to);
}
