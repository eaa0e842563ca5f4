#include "learn/interaction.hpp"

#include "base/error.hpp"

namespace crosstalk::learn {

Interaction::Interaction(const env::Images& images, Storing storing, std::uint64_t seed)
    : images_(images), storing_(storing), stream_(seed, "environment"), task_(images.labels()) {
  begin();
}

void Interaction::begin() {
  task_.reset(static_cast<std::int32_t>(stream_.below(static_cast<std::uint64_t>(images_.size()))));
}

Interaction::Taken Interaction::take(const env::Action& action) {
  const env::View before = task_.view();
  const env::Outcome outcome = task_.step(action);
  const env::View after = task_.view();
  if (outcome.ended()) begin();
  return {replay::transition(storing_.aliased ? after : before, action, outcome, after,
                             outcome.terminal(storing_.truncates)),
          outcome.ended()};
}

void Interaction::save(State& state) const {
  state.positions["environment"] = stream_.position();
  state.positions["episode.image"] = static_cast<std::uint64_t>(view().image);
  state.positions["episode.seen"] = view().seen;
  state.positions["episode.row"] = view().place.row;
  state.positions["episode.column"] = view().place.column;
  state.positions["episode.steps"] = static_cast<std::uint64_t>(task_.steps());
}

void Interaction::load(const State& state) {
  const std::uint64_t image = state.position("episode.image"), row = state.position("episode.row"),
                      column = state.position("episode.column"), steps = state.position("episode.steps");
  if (image >= static_cast<std::uint64_t>(images_.size()) || row >= env::centres.size() ||
      column >= env::centres.size() || steps >= static_cast<std::uint64_t>(env::most_steps)) {
    throw Error(ErrorKind::data,
                "the checkpoint's episode is of an image, a place or a step that the task does not have");
  }
  stream_.seek(state.position("environment"));
  const env::Place place{static_cast<std::uint8_t>(row), static_cast<std::uint8_t>(column)};
  task_.restore({state.position("episode.seen"), static_cast<std::int32_t>(image), place},
                static_cast<std::int64_t>(steps));
}

}  // namespace crosstalk::learn
