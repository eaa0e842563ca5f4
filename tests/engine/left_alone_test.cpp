// A worker whose coordinator is gone.
#include "run/left_alone.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

namespace crosstalk {
namespace {

/// How a process ends that does `work` while its answers' reader is gone.
template <class Work>
int status_of(Work work) {
  int ends[2];
  EXPECT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    signal(SIGPIPE, SIG_IGN);
    close(ends[0]);
    work(ends[1]);
    _exit(7);
  }
  close(ends[1]);
  close(ends[0]);
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  return WEXITSTATUS(status);
}

TEST(LeftAlone, a_process_ends_whatever_it_is_doing) {
  EXPECT_EQ(status_of([](int out) {
              const run::EndsLeftAlone ends(out);
              for (;;) std::this_thread::yield();
            }),
            0);
}

TEST(LeftAlone, what_is_being_written_is_ended_first) {
  EXPECT_EQ(status_of([](int out) {
              const run::NotYet writing;
              const run::EndsLeftAlone ends(out);
              std::this_thread::sleep_for(std::chrono::milliseconds(200));
              _exit(7);
            }),
            7);
}

TEST(LeftAlone, a_process_whose_answers_are_read_or_go_to_a_file_goes_on) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  for (const int out : {ends[1], STDERR_FILENO}) {
    const run::EndsLeftAlone watched(out);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  close(ends[0]);
  close(ends[1]);
}

}  // namespace
}  // namespace crosstalk
