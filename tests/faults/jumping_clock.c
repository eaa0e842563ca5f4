// The clock of the day jumps an hour ahead, and after as long a time two hours back, and so on; the steady clock does not.
// For LD_PRELOAD.
//   CLOCK_PERIOD  seconds between two jumps
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

static int (*real)(clockid_t, struct timespec*);

static time_t shift(void) {
  struct timespec steady;
  const char* period = getenv("CLOCK_PERIOD");
  if (!period || real(CLOCK_MONOTONIC, &steady) != 0) return 0;
  const double seconds = (double)steady.tv_sec + 1e-9 * (double)steady.tv_nsec;
  return (long)(seconds / atof(period)) % 2 == 0 ? 3600 : -3600;
}

int clock_gettime(clockid_t clock, struct timespec* now) {
  if (!real) real = (int (*)(clockid_t, struct timespec*))dlsym(RTLD_NEXT, "clock_gettime");
  const int failed = real(clock, now);
  if (!failed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += shift();
  return failed;
}

int gettimeofday(struct timeval* now, void* zone) {
  (void)zone;
  struct timespec fine;
  if (clock_gettime(CLOCK_REALTIME, &fine) != 0) return -1;
  now->tv_sec = fine.tv_sec;
  now->tv_usec = fine.tv_nsec / 1000;
  return 0;
}

time_t time(time_t* now) {
  struct timespec fine;
  clock_gettime(CLOCK_REALTIME, &fine);
  if (now) *now = fine.tv_sec;
  return fine.tv_sec;
}
