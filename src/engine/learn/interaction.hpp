#pragma once

#include <cstdint>

#include "env/images.hpp"
#include "env/windowed.hpp"
#include "learn/state.hpp"
#include "replay/transition.hpp"
#include "tensor/random.hpp"

namespace crosstalk::learn {

/// What an agent stores of a step.
struct Storing {
  bool aliased = false;    // the published mistake: the picture after the step, as both s and s'
  bool truncates = false;  // the 20th step is no end of what is learned: its target goes on to s'
};

/// The stream of experience of one agent: the windowed task, episode after episode, each of an image drawn
/// from the stream "environment".
class Interaction {
 public:
  Interaction(const env::Images& images, Storing storing, std::uint64_t seed);

  const env::View& view() const { return task_.view(); }
  struct Taken {
    replay::Transition transition;
    bool ended;  // the next view is another episode's
  };
  Taken take(const env::Action& action);

  void save(State& state) const;
  void load(const State& state);

 private:
  void begin();

  const env::Images& images_;
  Storing storing_;
  tensor::Stream stream_;
  env::Windowed task_;
};

}  // namespace crosstalk::learn
