// What becomes of a transition's value between an update on it and the next one: by a slow twin that keeps
// all values after all updates, and PyTorch's forward pass in double precision.
#include "measure/drift.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "base/error.hpp"
#include "oracle.hpp"
#include "replay/trajectories.hpp"
#include "small_stored.hpp"

namespace crosstalk::run {
namespace {

class ValueDrift : public SmallStored {
 protected:
  Kind stored(const std::string& algorithm, const Json& changes = Json::object()) const {
    return {of(stored_keys(algorithm, changes)), nullptr, stored_in(set)};
  }
  static Kind exact(const std::string& environment, const std::string& algorithm, const Json& changes) {
    return {of(exact_keys(environment, algorithm, changes))};
  }
  /// In double precision, measured by this alone.
  static Json of(Json keys) {
    keys.update({{"probe.measures", {"value_drift"}}, {"runtime.precision", "double"}});
    return keys;
  }
};

/// The same run twice: one is measured before every tick and says which rows each update learns from, the
/// other has its drifts measured before every `every`-th tick.
class Twin {
 public:
  explicit Twin(const Kind& kind)
      : measured_(begun(kind)), is_agent_(kind.flat.at("task.kind") == "control") {
    Kind watched = kind;
    watched.flat.update({{"probe.measures", {"loss_difference"}},
                         {"probe.losses", {"own"}},
                         {"probe.offsets", 0},
                         {"probe.others", 0}});
    watched_ = begun(watched);
  }

  struct Read {
    data::Id row;
    double drift, updates;
    bool touched;  // whether another update between was about the same state and action
  };

  /// Calls visit(readings, the twin's drifts, how many wait) for each measurement.
  template <class Visit>
  void run(int every, const Visit& visit) {
    for (int tick = 0;; ++tick) {
      watched_->measure();
      if ((tick % every == 0 && updates_ > 0) || measured_->finished()) {
        std::int64_t waiting = 0;
        for (const auto& [row, last] : last_) waiting += noted_.contains(last.update);
        visit(measured_->measure(), std::exchange(reads_, {}), waiting);
        noting_ = true;
      }
      if (measured_->finished()) return;
      const at::Tensor before = watched_->theta().clone();
      const auto loss = watched_->advance();
      EXPECT_EQ(measured_->advance(), loss);
      const auto change = watched_->take_change();
      if (loss && steps_ == nullptr)
        steps_ = &replay::trajectories(*watched_->subject().samples().front().rows.table);
      if (!loss) continue;
      EXPECT_EQ(change.has_value(), updates_ > 0 || !is_agent_) << "which rows an update learns from";
      learned_from(change ? batch_of(*change) : std::set<data::Id>(), before);
    }
  }

 private:
  struct Last {
    double value;
    int update;
  };

  static std::set<data::Id> batch_of(const measure::Readings& readings) {
    for (const Array& array : readings.arrays)
      if (array.name == "loss_difference.rows" && array.split == "batch")
        return {array.values.begin(), array.values.end()};
    return {};
  }

  const replay::Trajectories& steps() const { return *steps_; }

  /// The state as it is seen, and what was done there.
  std::string place(data::Id row) const {
    at::Tensor slot;
    steps().draw({&row, 1}, data::At::before, slot);
    std::string text = std::to_string(steps().action(row)[0]);
    for (std::int64_t i = 0; i < slot.numel(); ++i)
      text += " " + std::to_string(slot.flatten()[i].item<double>());
    return text;
  }

  double value(data::Id row, const at::Tensor& theta) const {
    at::Tensor slot;
    steps().draw({&row, 1}, data::At::before, slot);
    const at::Tensor output = oracle::forward(watched_->network(), theta, slot).back()[0];
    return output[output.size(0) == 1 ? 0 : steps().action(row)[0]].item<double>();
  }

  void learned_from(const std::set<data::Id>& batch, const at::Tensor& before) {
    for (const data::Id row : batch) {
      const auto last = last_.find(row);
      if (last == last_.end() || !noted_.contains(last->second.update)) continue;
      bool touched = false;
      for (int between = last->second.update + 1; between < updates_; ++between)
        touched = touched || places_[static_cast<std::size_t>(between)].contains(place(row));
      reads_.push_back({row, value(row, before) - last->second.value,
                        static_cast<double>(updates_ - last->second.update - 1), touched});
    }
    std::set<std::string>& places = places_.emplace_back();
    for (const data::Id row : batch) {
      last_[row] = {value(row, watched_->theta()), updates_};
      places.insert(place(row));
    }
    if (std::exchange(noting_, false)) noted_.insert(updates_);
    ++updates_;
  }

  std::unique_ptr<OneRun> watched_, measured_;
  bool is_agent_;  // whose first update no measurement waits for: it is not measured until after it
  const replay::Trajectories* steps_ = nullptr;
  std::map<data::Id, Last> last_;  // of every row that was ever learned from
  std::vector<std::set<std::string>> places_;
  std::set<int> noted_;
  std::vector<Read> reads_;
  bool noting_ = false;
  int updates_ = 0;
};

std::map<std::string, Array> arrays_of(const measure::Readings& readings) {
  std::map<std::string, Array> arrays;
  for (const Array& array : readings.arrays) arrays[array.name] = array;
  return arrays;
}

std::map<std::string, double> rows_of(const measure::Readings& readings) {
  std::map<std::string, double> rows;
  for (const Row& row : readings.rows) {
    EXPECT_EQ(row.split, "batch");
    rows[row.measure] = row.value;
  }
  return rows;
}

TEST_F(ValueDrift, is_that_of_a_twin_that_keeps_all_values_after_all_updates) {
  for (const Kind& kind :
       {stored("dqn", {{"learner.updates", 60}}),
        stored("td-lambda", {{"learner.updates", 60}, {"learner.loss", "squared-error"}}),
        exact("gridworld", "dqn", {{"learner.steps", 120}, {"learner.replay", 40}}),
        exact("gridworld", "ql", {{"learner.steps", 120}, {"learner.sampling", "prioritised"}})}) {
    int read = 0, beyond = 0;
    bool noted = false;
    Twin(kind).run(
        5, [&](const measure::Readings& readings, const std::vector<Twin::Read>& twin, std::int64_t waiting) {
          const auto rows = rows_of(readings);
          noted = noted || waiting > 0;
          ASSERT_EQ(rows.contains("value_drift.left_out"), noted);
          if (noted) {
            EXPECT_EQ(rows.at("value_drift.left_out"), waiting);
          }
          ASSERT_EQ(rows.contains("value_drift"), !twin.empty());
          if (twin.empty()) return;
          const auto arrays = arrays_of(readings);
          const Array &each = arrays.at("value_drift.each"), &updates = arrays.at("value_drift.each.updates");
          ASSERT_EQ(each.values.size(), twin.size());
          double sum = 0, absolute = 0, between = 0, positive = 0;
          for (std::size_t i = 0; i < twin.size(); ++i) {
            EXPECT_EQ(each.axes["0"]["labels"][i], twin[i].row);
            EXPECT_NEAR(each.values[i], twin[i].drift, 1e-12) << kind.flat.dump();
            EXPECT_EQ(updates.values[i], twin[i].updates);
            sum += twin[i].drift, absolute += std::abs(twin[i].drift), between += twin[i].updates;
            positive += each.values[i] > 0;
            beyond += twin[i].updates >= 5;  // over a measurement and more
          }
          const double count = static_cast<double>(twin.size());
          read += static_cast<int>(twin.size());
          EXPECT_NEAR(rows.at("value_drift"), sum / count, 1e-12);
          EXPECT_NEAR(rows.at("value_drift.absolute"), absolute / count, 1e-12);
          EXPECT_NEAR(rows.at("value_drift.updates"), between / count, 1e-12);
          EXPECT_NEAR(rows.at("value_drift.positive"), positive / count, 1e-12);
          std::vector<double> sorted = each.values;
          std::sort(sorted.begin(), sorted.end());
          EXPECT_GE(rows.at("value_drift.q50"), sorted[(sorted.size() - 1) / 2]);
          EXPECT_LE(rows.at("value_drift.q50"), sorted[sorted.size() / 2]);
        });
    EXPECT_GT(read, 20) << kind.flat.dump();
    EXPECT_GT(beyond, 0) << "none is forgotten at a measurement";
  }
}

TEST_F(ValueDrift, of_a_table_is_zero_unless_the_entry_was_updated_in_between) {
  int zeros = 0, moved = 0;
  Twin(exact("gridworld", "ql",
             {{"learner.steps", 400}, {"learner.replay", 60}, {"learner.batch", 2}, {"learner.rate", 0.5}}))
      .run(2, [&](const measure::Readings& readings, const std::vector<Twin::Read>& twin, std::int64_t) {
        const auto arrays = arrays_of(readings);
        for (std::size_t i = 0; i < twin.size(); ++i) {
          const double drift = arrays.at("value_drift.each").values[i];
          if (!twin[i].touched) {
            EXPECT_EQ(drift, 0.0) << twin[i].row;
          }
          zeros += !twin[i].touched;
          moved += drift != 0;
        }
      });
  EXPECT_GT(zeros, 20);
  EXPECT_GT(moved, 20);
}

TEST_F(ValueDrift, has_a_histogram_whose_names_say_the_edges) {
  int checked = 0;
  Twin(stored("dqn", {{"learner.updates", 60}, {"learner.rate", 0.03}}))
      .run(5, [&](const measure::Readings& readings, const std::vector<Twin::Read>&, std::int64_t) {
        const auto arrays = arrays_of(readings);
        if (!arrays.contains("value_drift")) return;
        const Array &shares = arrays.at("value_drift"), &each = arrays.at("value_drift.each");
        const Json names = shares.axes["0"]["labels"];
        EXPECT_EQ(names.size(), 25u);
        EXPECT_EQ(names[0], "below -100");
        EXPECT_EQ(names[24], "above 100");
        EXPECT_EQ(names[12], "0");
        EXPECT_EQ(names[13], "0 to 0.001");
        double all = 0;
        for (std::size_t bin = 1; bin < 24; ++bin) {
          const std::string name = names[bin];
          const std::size_t to = name.find(" to ");
          const double low = std::stod(name), high = to == name.npos ? low : std::stod(name.substr(to + 4));
          double inside = 0;
          for (const double drift : each.values)
            inside += low == high ? drift == 0
                      : low < 0   ? low <= drift && drift < high
                                  : low < drift && drift <= high;
          EXPECT_NEAR(shares.values[bin], inside / static_cast<double>(each.values.size()), 1e-12) << name;
          all += shares.values[bin];
        }
        EXPECT_NEAR(all + shares.values[0] + shares.values[24], 1, 1e-12);
        ++checked;
      });
  EXPECT_GT(checked, 5);
}

TEST_F(ValueDrift, goes_on_over_a_checkpoint_at_each_step) {
  for (const Kind& kind : {stored("dqn", {{"learner.updates", 25}}),
                           exact("gridworld", "dqn", {{"learner.steps", 60}, {"learner.replay", 30}}),
                           exact("gridworld", "rainbow", {{"learner.steps", 60}})})
    EXPECT_EQ(stopped_at_each_step(kind, folder.path() / "kept"), begun(kind)->steps() - 1)
        << "no measurement waits for an update";
}

TEST_F(ValueDrift, of_logits_is_not_there_and_of_steps_that_are_learned_from_once_all_wait) {
  Heard logits, once;
  carried_out(
      *begun(exact("gridworld", "reinforce", {{"learner.loss", "policy-gradient"}, {"learner.steps", 200}})),
      logits);
  EXPECT_TRUE(logits.rows.empty());
  carried_out(*begun(exact("random-walk", "td-lambda", {{"learner.view", "backward"}})), once);
  EXPECT_FALSE(once.rows.empty());
  for (const Row& row : once.rows) EXPECT_EQ(row.measure, "value_drift.left_out");
}

TEST_F(ValueDrift, gives_up_those_that_wait_longest_beyond_a_number_and_comes_back_as_it_was_saved) {
  const auto run = begun(stored("dqn"));
  measure::Drift drift(run->subject(), 5);
  learn::Passes passes(run->subject().networks());
  learn::Update update;
  const data::Table* table = run->subject().samples().front().rows.table;
  EXPECT_FALSE(drift.take().has_value());
  const auto learn_from = [&](std::vector<data::Id> rows) {
    update.batch.rows = {table, std::move(rows)};
    drift.before(update, passes);
    drift.after(update, passes);
    run->advance();  // which moves theta
  };
  learn_from({1, 2, 1, 3});
  EXPECT_TRUE(drift.take()->rows.empty());
  learn_from({4, 5, 6});
  auto taken = drift.take();
  EXPECT_EQ(taken->left_out, (std::vector<data::Id>{4, 5, 6}));
  learn_from({7, 5});
  learn_from({4, 8});
  measure::Drift again(run->subject(), 5);
  again.load(tensor::saved(drift));
  taken = drift.take();
  EXPECT_EQ(taken->rows, (std::vector<data::Id>{5, 4}));
  EXPECT_EQ(taken->updates, (std::vector<double>{0, 1}));
  EXPECT_EQ(taken->left_out, (std::vector<data::Id>{5, 6, 7}));
  const auto same = again.take();
  EXPECT_EQ(same->rows, taken->rows);
  EXPECT_EQ(same->values, taken->values);
  EXPECT_EQ(same->left_out, taken->left_out);
  tensor::State broken = tensor::saved(drift);
  broken.tensors["noted.values"] = at::zeros({1}, at::kDouble);
  EXPECT_THROW(again.load(broken), Error);
}

}  // namespace
}  // namespace crosstalk::run
