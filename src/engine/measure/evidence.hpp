#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crosstalk::measure {

/// Whose gradient by theta: that of the function measured (probe.function), or of one sample's loss.
enum class Function { output, loss };
enum class Split { train, test };

/// Pairs of samples (u, v): within one set the distinct ones, u < v, without the diagonal; between two sets
/// all. u and v count through the stacked set, training samples first.
class PairSet {
 public:
  struct Range {
    std::int64_t first, last;  // [first, last)
    std::int64_t size() const { return last - first; }
  };
  /// gram (stacked, stacked) and norms (stacked) must outlive the set.
  PairSet(std::string split, const double* gram, const double* norms, std::int64_t stacked, Range rows,
          Range columns)
      : split_(std::move(split)),
        gram_(gram),
        norms_(norms),
        stacked_(stacked),
        rows_(rows),
        columns_(columns) {}

  const std::string& split() const { return split_; }  // "train-train", "train-test", "test-test"
  std::int64_t count() const {
    return within() ? rows_.size() * (rows_.size() - 1) / 2 : rows_.size() * columns_.size();
  }

  double dot(std::int64_t u, std::int64_t v) const { return gram_[u * stacked_ + v]; }
  double norm(std::int64_t u) const { return norms_[u]; }

  /// Calls visit(u, v) for each pair, row by row.
  template <class Visit>
  void each(Visit visit) const {
    for (std::int64_t u = rows_.first; u < rows_.last; ++u) {
      for (std::int64_t v = within() ? u + 1 : columns_.first; v < columns_.last; ++v) visit(u, v);
    }
  }

 private:
  bool within() const { return rows_.first == columns_.first; }
  std::string split_;
  const double* gram_;
  const double* norms_;
  std::int64_t stacked_;
  Range rows_, columns_;
};

/// What a policy earns, on average over episodes.
struct Score {
  double reward = 0;       // undiscounted, of an episode
  double accuracy = 0;     // share of episodes that end with the right class
  double first_guess = 0;  // share of episodes whose first class is right
};

/// How well the predictor does that says the same of every row: the training rows' most frequent class (of
/// equally frequent ones the first), or the mean of each of their targets.
struct Constant {
  std::optional<double> accuracy, squared_error, squared_error_normalised;
};

/// How well the network does on one split. What does not belong to the task is not there.
struct Errors {
  std::optional<double> loss;                      // mean over rows, or over the samples measured, of J
  std::optional<double> accuracy;                  // share of rows whose largest output is their class
  std::optional<double> squared_error;             // mean over rows and outputs
  std::optional<double> squared_error_normalised;  // each output divided by its variance
  Constant constant;
  std::optional<Score> score;          // an agent's, and of two policies that never look:
  std::optional<Score> random, blind;  // the uniform one, and the best one
};

/// Dots of gradients over the stacked set of samples.
struct Gram {
  std::vector<double> dots;   // (n, n)
  std::vector<double> norms;  // (n)
};

/// What a probe has gathered at one moment of a run; measures read it.
class Evidence {
 public:
  Evidence(std::int64_t train, std::int64_t test) : train_(train), test_(test) {}

  std::int64_t train() const { return train_; }  // samples, not rows
  std::int64_t test() const { return test_; }
  bool has(Function function) const { return grams_.contains(function); }
  const Gram& gram(Function function) const { return grams_.at(function); }
  const Errors& errors(Split split) const { return errors_.at(split); }
  /// The three sets of pairs; none where that Gram is not there (an agent that has learned nothing yet).
  std::vector<PairSet> pairs(Function function) const;

  void put(Function function, Gram gram) { grams_[function] = std::move(gram); }
  void put(Split split, Errors errors) { errors_[split] = errors; }

 private:
  std::int64_t train_, test_;
  std::map<Function, Gram> grams_;
  std::map<Split, Errors> errors_;
};

}  // namespace crosstalk::measure
