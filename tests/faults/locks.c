// File systems that lock otherwise than they should. For LD_PRELOAD.
//   LOCKS=37       each lock is refused with this error: a file system without locks
//   LOCKS=lie      each lock is granted, and none holds
//   LOCKS=/FOLDER  locks hold among the processes that name the same folder, which is empty at first: a file system that
//                  each machine locks for itself
//   LOCKS_OF       " flock " and " fcntl ": which of the two; both where it is not given
//   LOCKS_HOST     the name of this machine
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { most = 4096 };
static int twin[most];  // the descriptor, plus one, that is locked in place of this one
static struct stat of[most];

static int is_of(const char* which) {
  const char* chosen = getenv("LOCKS_OF");
  return getenv("LOCKS") && (!chosen || strstr(chosen, which));
}

/// A file of this machine's alone that stands for the one of the descriptor.
static int twin_of(int file) {
  struct stat about;
  char path[4096];
  if (file < 0 || file >= most || fstat(file, &about) != 0) return -1;
  if (twin[file] && of[file].st_dev == about.st_dev && of[file].st_ino == about.st_ino) return twin[file] - 1;
  snprintf(path, sizeof path, "%s/%lu-%lu", getenv("LOCKS"), (unsigned long)about.st_dev, (unsigned long)about.st_ino);
  const int opened = open(path, O_RDWR | O_CREAT, 0644);  // workers inherit it, as they do the lock
  twin[file] = opened + 1;
  of[file] = about;
  return opened;
}

int close(int file) {
  static int (*real)(int);
  if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "close");
  if (file >= 0 && file < most && twin[file]) {
    real(twin[file] - 1);
    twin[file] = 0;
  }
  return real(file);
}

int flock(int file, int operation) {
  static int (*real)(int, int);
  if (!real) real = (int (*)(int, int))dlsym(RTLD_NEXT, "flock");
  if (!is_of(" flock ")) return real(file, operation);
  const char* how = getenv("LOCKS");
  if (how[0] == '/') return real(twin_of(file), operation);
  if (operation & LOCK_UN || strcmp(how, "lie") == 0) return 0;
  errno = atoi(how);
  return -1;
}

static int control(const char* name, int file, int command, void* argument) {
  int (*real)(int, int, ...) = (int (*)(int, int, ...))dlsym(RTLD_NEXT, name);
  const int sets = command == F_SETLK || command == F_SETLKW || command == F_OFD_SETLK || command == F_OFD_SETLKW;
  const int asks = command == F_GETLK || command == F_OFD_GETLK;
  if ((!sets && !asks) || !is_of(" fcntl ")) return real(file, command, argument);
  const char* how = getenv("LOCKS");
  struct flock* lock = argument;
  if (how[0] == '/') return real(twin_of(file), command, argument);
  if (strcmp(how, "lie") == 0 || lock->l_type == F_UNLCK) {
    if (asks) lock->l_type = F_UNLCK;
    return 0;
  }
  if (asks) return real(file, command, argument);
  errno = atoi(how);
  return -1;
}

#define CONTROL(name)                          \
  int name(int file, int command, ...) {       \
    va_list more;                              \
    va_start(more, command);                   \
    void* argument = va_arg(more, void*);      \
    va_end(more);                              \
    return control(#name, file, command, argument); \
  }
CONTROL(fcntl)
CONTROL(fcntl64)

int gethostname(char* name, size_t length) {
  static int (*real)(char*, size_t);
  if (!real) real = (int (*)(char*, size_t))dlsym(RTLD_NEXT, "gethostname");
  if (!getenv("LOCKS_HOST")) return real(name, length);
  snprintf(name, length, "%s", getenv("LOCKS_HOST"));
  return 0;
}
