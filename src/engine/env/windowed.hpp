#pragma once

#include <memory>

#include "env/environment.hpp"
#include "env/images.hpp"

namespace crosstalk::env {

/// An image under a window (Bengio et al. 2020, section 3): the agent sees what the window has revealed so
/// far, and at every step names one class and moves the window by 8 pixels up, down, left or right. +1 and
/// the end for the right class, -0.05 for another; after 20 steps the episode is truncated. The image is the
/// episode's seed: nothing is random. docs/windowed.md draws an episode.
class Windowed final : public Environment {
 public:
  explicit Windowed(std::shared_ptr<const Images> images);

  const Spaces& spaces() const override { return spaces_; }
  std::shared_ptr<const Drawing> drawing() const override { return images_; }
  /// Begins with image `image` under a window at (16, 16).
  void reset(std::uint64_t image) override;
  /// action: a class, then a move.
  Outcome step(std::span<const std::int64_t> action) override;
  void record(std::byte* to) const override;
  void save(tensor::State& state) const override;
  bool load(const tensor::State& state) override;

  const View& view() const { return view_; }
  std::int64_t steps() const { return steps_; }  // of this episode so far

 private:
  std::shared_ptr<const Images> images_;
  Spaces spaces_;
  View view_;
  std::int64_t steps_ = 0;
};

}  // namespace crosstalk::env
