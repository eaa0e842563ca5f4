#pragma once

#include <cstdint>
#include <vector>

#include "env/view.hpp"

namespace crosstalk::env {

/// What an agent does at each step: it names a class and moves the window.
struct Action {
  std::int64_t guess = 0, move = 0;
};

struct Outcome {
  double reward = 0;
  bool right = false;      // the class was the image's: the episode ends
  bool timed_out = false;  // it was the 20th step and the class was wrong: the episode ends too
  bool ended() const { return right || timed_out; }
  /// Whether nothing follows for what is learned: a time-out `truncates`, or is an end like any other.
  bool terminal(bool truncates) const { return right || (timed_out && !truncates); }
};

/// An image under a window (Bengio et al. 2020, section 3): the agent sees what the window has revealed so
/// far, and at every step names one class and moves the window by 8 pixels up, down, left or right. +1 and
/// the end for the right class, -0.05 for another; 20 steps at most. The image is the episode's seed: nothing
/// is random. docs/windowed.md draws an episode.
class Windowed {
 public:
  /// labels: the class of each image.
  explicit Windowed(const std::vector<std::int64_t>& labels) : labels_(&labels) {}

  /// Begins an episode with image `image` under a window at (16, 16).
  void reset(std::int32_t image);
  Outcome step(const Action& action);

  const View& view() const { return view_; }
  std::int64_t steps() const { return steps_; }  // of this episode so far

  /// Goes on in the middle of an episode: what view() and steps() said then.
  void restore(const View& view, std::int64_t steps);

 private:
  const std::vector<std::int64_t>* labels_;
  View view_;
  std::int64_t steps_ = 0;
};

}  // namespace crosstalk::env
