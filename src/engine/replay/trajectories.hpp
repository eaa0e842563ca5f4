#pragma once

#include <deque>
#include <memory>

#include "data/table.hpp"
#include "env/environment.hpp"
#include "replay/records.hpp"

namespace crosstalk::replay {

using data::At;
using data::Id;

/// What is kept of the steps of an agent.
struct Keeping {
  enum class Evict {
    steps,    // the oldest step goes when another comes
    episodes  // the oldest episode goes, whole, when one begins and as many ended steps stay without it
  };
  std::int64_t capacity = 0;  // steps that stay at least; 0: all stay
  Evict evict = Evict::steps;
  bool aliased = false;  // the published mistake: what follows a step is shown as what was before it, too
  bool shifted =
      false;  // that of stored steps: what is shown before and after a step is that of a step later
  std::filesystem::path folder = {};  // where observations lie in files; empty: in memory, and checkpoints
};

/// One step: what was done and what came of it.
struct Step {
  std::int64_t record;   // the newest of the observation before it; that after it ends with the next one
  std::int64_t start;    // the first record of its episode, or the first of it that was there on loading
  std::int64_t episode;  // its number, from 0
  double reward;         // rounded to the run's precision
  bool terminated, truncated;
  bool ended() const { return terminated || truncated; }
};

/// Whole episodes that lie elsewhere, side by side: `records` holds one more for each than it has steps.
struct LentEpisodes {
  const std::byte* records;
  std::span<const std::int64_t> lengths;  // steps of each, 1 or more
  std::span<const std::int64_t> actions;  // of each step, each choice
  std::span<const double> rewards;
  std::span<const std::uint8_t> terminated, truncated;  // the last step of each alone
};

/// The steps of an agent, episode after episode: each observation is stored once, as an environment's record.
/// One that shows several records (env::Drawing::history) is drawn from those before it, which therefore stay
/// as long as a step needs them. A row is a step, numbered for life. The memory grows with what is in it.
class Trajectories final : public data::Table {
 public:
  /// choices: how many there are of each (env::Spaces); rewards are kept in `type`, the precision in which is
  /// learned from them.
  Trajectories(std::shared_ptr<const env::Drawing> drawing, std::vector<std::int64_t> choices,
               at::ScalarType type, Keeping keeping = {});

  /// An episode begins with what the environment shows now.
  void begin(const env::Environment& environment);
  /// A step of it was taken.
  void add(std::span<const std::int64_t> action, const env::Outcome& outcome,
           const env::Environment& environment);
  /// The episode that goes on ends with its newest step, truncated.
  void cut();
  /// One step that is an episode of its own, from record to record.
  void add_alone(const std::byte* before, std::span<const std::int64_t> action, const env::Outcome& outcome,
                 const std::byte* after);
  /// An empty one for steps of the same kind, drawn by `drawing`, that keeps all and aliases nothing.
  Trajectories another(std::shared_ptr<const env::Drawing> drawing) const {
    return {std::move(drawing), choices_, type_};
  }
  Trajectories another() const { return another(drawing_); }
  /// Episodes whose records are not copied: they must stay where they are as long as these trajectories do.
  /// Before any that is begun here, and only where all are kept.
  void lend(const LentEpisodes& episodes);
  /// All episodes of another, of the same drawing, behind these; it must have kept them whole.
  void append(const Trajectories& other);

  Id first() const override { return first_; }
  Id end() const override { return first_ + static_cast<Id>(steps_.size()); }
  /// Step `place` of a ring of `capacity` slots.
  Id drawn(std::int64_t place) const override;
  void draw(std::span<const Id> rows, At at, at::Tensor& slot) const override;
  /// "label": the class (N) int64 of what was shown before each step, where the drawing knows it.
  bool beside(std::string_view name, std::span<const Id> rows, at::Tensor& slot) const override;
  std::optional<Id> neighbour(Id row, std::int64_t offset) const override;
  /// "before" and "after" (N, observation), "action" (N, choices) int64, "reward" (N) double, "terminated"
  /// and "truncated" (N) uint8, "episode" (N) int64.
  data::Columns columns(std::span<const Id> rows) const override;

  const Step& operator[](Id row) const { return steps_[static_cast<std::size_t>(row - first_)]; }
  std::span<const std::int64_t> action(Id row) const;                              // of each choice
  const std::byte* before(Id row) const { return records_[(*this)[row].record]; }  // the record
  /// The rows of a step's episode that are held: [begin, end).
  struct Episode {
    Id begin, end;
  };
  Episode episode(Id row) const;
  std::int64_t begun() const { return begun_; }        // episodes, ever
  std::int64_t finished() const { return finished_; }  // of them
  /// Whether the newest episode still goes on.
  bool going() const { return begun_ > finished_; }
  /// The first row held of an episode that has not ended; end() where all have.
  Id unfinished() const { return going() ? open_ : end(); }
  /// The newest observation, which no step has left yet, (1, observation).
  void now(at::Tensor& slot) const;
  /// Its records, behind those that are in `records`.
  void now(std::vector<const std::byte*>& records) const { look(records_.end() - 1, start_, records); }

  void save(tensor::State& state) const;
  /// Error(data) where the state is another task's or damaged.
  void load(const tensor::State& state);

 private:
  void look(std::int64_t newest, std::int64_t start, std::vector<const std::byte*>& records) const;
  std::int64_t earliest_needed() const;
  /// Room for the first record of another episode.
  std::byte* begin_episode();
  void add_step(std::span<const std::int64_t> action, const env::Outcome& outcome);
  void drop(Id first);
  double rounded(double reward) const;
  at::Tensor actions() const;
  void read_actions(const at::Tensor& saved);

  std::shared_ptr<const env::Drawing> drawing_;
  std::vector<std::int64_t> choices_;
  at::ScalarType type_;
  Keeping keeping_;
  Records records_, actions_;  // observations; a row's actions, int64
  std::deque<Step> steps_;
  Id first_ = 0, open_ = 0;
  std::int64_t begun_ = 0, finished_ = 0;
  std::int64_t start_ = 0;  // the first record of the newest episode
};

/// Rows that are steps of trajectories. Error(config) where they are not: what asks for transitions was given
/// examples.
const Trajectories& trajectories(const data::Table& table);

}  // namespace crosstalk::replay
