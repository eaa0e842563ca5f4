#pragma once

namespace crosstalk::work {

/// While it lives, SIGINT, SIGTERM, SIGHUP and SIGUSR1 (a batch system's, before a time limit) are counted
/// instead of ending the process (SIGHUP not under nohup). A signal that is sent twice at once counts once:
/// `timeout` sends it to the process and to its group, and the end of a terminal comes from system and shell,
/// so that SIGHUP is never a second one, nor is a batch system's SIGTERM after its SIGUSR1. One object at a
/// time; the former handlers come back with its end.
class Interrupts {
 public:
  Interrupts();
  ~Interrupts();
  Interrupts(const Interrupts&) = delete;

  int count() const;       // 1: stop cleanly; 2: at once
  int signal() const;      // the last one's number, 0 when there was none
  int descriptor() const;  // readable once a signal came, for poll
  void drain() const;      // takes out what makes it readable
};

}  // namespace crosstalk::work
