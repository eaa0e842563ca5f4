#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cluster/plan.hpp"

namespace crosstalk::cluster {

/// A run that a task is to make: its place in the study, the seconds that it is expected to take, and what it
/// shares with others (a first agent that each folder makes for itself; empty: nothing).
struct Packed {
  std::size_t place = 0;
  double seconds = 0;
  std::string shares;
};

/// What a task should be like.
struct Wish {
  double seconds = 3600;          // that it should last, on the clock
  int jobs = 1;                   // workers of a task
  std::size_t most_tasks = 1000;  // that the cluster takes in one array
  std::size_t runs = 0;  // of each task, in the study's order, where the user has said it; 0: by seconds
};

/// Cuts runs into tasks that take about as long as one another. Every run is in exactly one task; a run that
/// is longer than the wish is alone. Runs that share something stay together as far as they fit into one
/// task. Error(config) where `runs` of the wish would give more tasks than the cluster takes.
std::vector<Task> pack(const std::vector<Packed>& runs, const Wish& wish);

}  // namespace crosstalk::cluster
