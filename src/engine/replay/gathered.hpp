#pragma once

#include <map>
#include <vector>

#include "env/environment.hpp"
#include "replay/segment.hpp"

namespace crosstalk::replay {

/// Steps on their way to a segment, column by column as Segment has them: an episode that goes on, or whole
/// ones behind each other.
class Gathered {
 public:
  explicit Gathered(const SegmentForm& form) : form_(&form) {}

  /// What an environment shows at one moment.
  struct Seen {
    std::span<const std::byte> record;
    std::span<const std::uint8_t> ram = {};  // as many as the form says
    std::span<const float> values = {};
  };
  /// An episode begins; the one before has ended.
  void begin(std::uint64_t seed, const Seen& seen);
  /// A step of it. `executed`: of its frames, as many as were played.
  void add(std::int64_t action, const env::Outcome& outcome, const Seen& seen,
           std::span<const std::int64_t> executed = {});
  /// Whole episodes of another, or of a segment, behind these.
  void append(const Gathered& other);
  void append(const Segment& segment);
  void clear();

  std::int64_t steps() const { return std::ssize(actions_); }
  std::int64_t episodes() const { return std::ssize(lengths_); }
  std::uint64_t bytes() const;  // of all columns
  /// The columns as tensors that share this memory.
  std::map<std::string, at::Tensor> tensors() const;

  std::span<const double> rewards() const { return rewards_; }
  std::span<const double> scores() const { return scores_; }
  std::span<const std::int64_t> lengths() const { return lengths_; }

 private:
  void see(const Seen& seen);

  const SegmentForm* form_;
  std::vector<std::uint8_t> observations_, terminations_, truncations_, ram_;
  std::vector<std::int64_t> actions_, lengths_, seeds_, executed_;
  std::vector<double> rewards_, scores_;
  std::vector<float> values_;
};

/// The sums of each episode's rewards and, where there are some, scores, behind those that are in the
/// vectors.
void sums(const Gathered& steps, std::vector<double>& returns, std::vector<double>& scores);
void sums(const Segment& steps, std::vector<double>& returns, std::vector<double>& scores);

}  // namespace crosstalk::replay
