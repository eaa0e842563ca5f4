#include "run/task.hpp"

namespace crosstalk::run {

std::unique_ptr<Task> make_task(const Configuration& configuration, std::uint64_t seed,
                                const data::Dataset& dataset) {
  return configuration.task.kind == "windowed" ? windowed_task(configuration, seed, dataset)
                                               : supervised_task(configuration, seed, dataset);
}

}  // namespace crosstalk::run
