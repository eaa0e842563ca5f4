#include "study/keys.hpp"
#include "study/measures.hpp"

namespace crosstalk::study {

std::vector<Key> probe_keys() {
  return {
      {.name = "probe.every",
       .type = Type::integer,
       .help = "Measure before the updates (agents: environment steps) 0, every, 2 x every, ..., and after "
               "the last one.",
       .fallback = 50,
       .by_condition = {{"cifar10", 20},
                        {"sarcos", 250},
                        {"california", 5},
                        {"double-dqn", 10000},
                        {"reinforce", 5000},
                        {"svhn/reinforce", 1000}},
       .least = 1,
       .most = 1e9},
      {.name = "probe.samples",
       .type = Type::integer,
       .help = "Pairs are formed among the first so many training and test rows; agents: among so many "
               "transitions of each.",
       .fallback = 96,
       .by_condition =
           {{"sarcos", 128}, {"california", 200}, {"own-table", 128}, {"own-images", 128}, {"windowed", 128}},
       .least = 2,
       .most = 100000},
      {.name = "probe.episodes",
       .type = Type::integer,
       .help =
           "Agents: the first so many training and test images are played at each measurement, greedily by "
           "double-dqn, by sampled actions by reinforce.",
       .fallback = 128,
       .least = 1,
       .most = 100000},
      {.name = "probe.function",
       .type = Type::text,
       .help =
           "The function whose gradients interfere: the largest output, the mean of the outputs, the largest "
           "class probability, or (agents) the outputs of the actions taken, summed over both choices.",
       .fallback = "max",
       .allowed = {"max", "mean", "confidence", "taken"}},
      {.name = "probe.measures",
       .type = Type::texts,
       .help = "What to measure; by default all that fit the task's kind.",
       .fallback = measure_names("classify"),
       .by_condition = {{"regress", measure_names("regress")}, {"windowed", measure_names("windowed")}},
       .allowed = measure_names()},
  };
}

}  // namespace crosstalk::study
