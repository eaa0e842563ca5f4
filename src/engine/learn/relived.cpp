#include "learn/relived.hpp"

#include <algorithm>

#include "base/error.hpp"

namespace crosstalk::learn {

Relived::Settings Relived::Settings::read(const crosstalk::Settings& settings) {
  const bool in_order = settings.word("task.behaviour", behaviours) == Behaviour::life;
  return {.start = settings.count("learner.start"),
          .every = settings.count("learner.update-every"),
          .batch = settings.count("learner.batch"),
          .replay = in_order ? settings.count("learner.replay") : 0};
}

replay::Trajectories::Episode Relived::reach(const replay::Trajectories& steps, std::int64_t ticks,
                                             std::int64_t replay) {
  const data::Id end = steps.unfinished();
  if (replay == 0) return {0, end};
  const data::Id now = std::min(ticks, end);
  return {std::max<data::Id>(0, now - replay), now};
}

bool Relived::next(Batch& batch) {
  const std::int64_t newest = ticks_++;
  if (newest <= settings_.start || newest % settings_.every != 0) return false;
  life_.live();
  const auto [first, end] = reach(life_.steps(), ticks_, settings_.replay);
  if (first == end)
    throw Error(ErrorKind::config,
                "the agent whose steps are learned from (task.behaviour) has ended no "
                "episode by then: give it more learner.steps");
  batch.rows.table = &life_.steps();
  batch.rows.ids.resize(static_cast<std::size_t>(settings_.batch));
  for (data::Id& row : batch.rows.ids)
    row = first + static_cast<data::Id>(stream_.below(static_cast<std::uint64_t>(end - first)));
  return true;
}

void Relived::save(tensor::State& state) const {
  state.positions["steps"] = static_cast<std::uint64_t>(ticks_);
  state.positions["batches"] = stream_.position();
  state.put("life", tensor::saved(life_));
}

void Relived::load(const tensor::State& state) {
  ticks_ = state.count("steps");
  stream_.seek(state.position("batches"));
  life_.load(state.part("life"));
}

}  // namespace crosstalk::learn
