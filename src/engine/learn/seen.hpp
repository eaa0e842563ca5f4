#pragma once

#include <memory>

#include "learn/source.hpp"
#include "replay/trajectories.hpp"

/// What of the steps that an agent has seen is learned from, and when.
namespace crosstalk::learn {

/// Lets another source give a batch after more than `start` steps, at each step whose number, counted from 0,
/// divides by `every`; once.
class Due final : public Source {
 public:
  Due(const replay::Trajectories& steps, std::int64_t start, std::int64_t every,
      std::unique_ptr<Source> source)
      : steps_(steps), start_(start), every_(every), source_(std::move(source)) {}
  bool next(Batch& batch) override;
  void learned(const Update& update) override { source_->learned(update); }
  void save(tensor::State& state) const override;
  void load(const tensor::State& state) override;

 private:
  const replay::Trajectories& steps_;
  std::int64_t start_, every_, given_ = 0;
  std::unique_ptr<Source> source_;
};

/// Each step, once, as it comes.
class Newest final : public Source {
 public:
  explicit Newest(const replay::Trajectories& steps) : steps_(steps) {}
  bool next(Batch& batch) override;
  void save(tensor::State& state) const override;
  void load(const tensor::State& state) override;

 private:
  const replay::Trajectories& steps_;
  data::Id given_ = 0;
};

/// All steps since the last batch, at the end of the first episode with more of them than `collect`.
class Collected final : public Source {
 public:
  Collected(const replay::Trajectories& steps, std::int64_t collect) : steps_(steps), collect_(collect) {}
  bool next(Batch& batch) override;
  void save(tensor::State& state) const override;
  void load(const tensor::State& state) override;

 private:
  const replay::Trajectories& steps_;
  std::int64_t collect_;
  data::Id given_ = 0;
};

/// The steps of an episode one by one, in order, once it has ended: a round of updates.
class Replayed final : public Source {
 public:
  explicit Replayed(const replay::Trajectories& steps) : steps_(steps) {}
  bool next(Batch& batch) override;
  bool settled() const override { return given_ == steps_.unfinished(); }
  void save(tensor::State& state) const override;
  void load(const tensor::State& state) override;

 private:
  const replay::Trajectories& steps_;
  data::Id given_ = 0;
};

}  // namespace crosstalk::learn
