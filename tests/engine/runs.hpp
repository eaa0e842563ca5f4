#pragma once

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <tuple>
#include <vector>

#include "run/loop.hpp"
#include "small_data.hpp"

/// Whole runs, from configurations as they come in a message, and what they leave.
namespace crosstalk::run {

using OneRun = Run;  // inside a test, Run is GoogleTest's own

/// A configuration with its data, nullptr where it has none, and its stored trajectories.
struct Kind {
  Json flat;
  const data::Dataset* dataset = nullptr;
  OwnFile file = {};
};

inline std::unique_ptr<OneRun> begun(const Kind& kind, std::uint64_t seed = 3) {
  at::set_num_threads(1);
  return std::make_unique<OneRun>(Settings(kind.flat), seed, kind.dataset, kind.file);
}

/// All that a run says.
class Heard final : public Sink {
 public:
  std::vector<Row> rows;
  std::vector<Array> arrays;
  std::int64_t stop_at = -1;
  std::string cut_at;
  void store(measure::Readings readings) override {
    rows.insert(rows.end(), readings.rows.begin(), readings.rows.end());
    arrays.insert(arrays.end(), readings.arrays.begin(), readings.arrays.end());
  }
  void cut(const std::string&, const std::string& place) override { cut_at = place; }
  void make_durable() override {}
  bool asked_to_stop(std::int64_t step, std::int64_t) override { return step == stop_at; }
};

inline Outcome carried_out(OneRun& run, Heard& heard) {
  Checkpoint none("", 1e9, {});
  return carry_out(run, heard, none);
}

using Key = std::tuple<std::int64_t, std::string, std::string>;

/// Rows by step, measure and split. Those that come twice must be equal.
inline std::map<Key, double> by_key(const std::vector<Row>& rows) {
  std::map<Key, double> map;
  for (const Row& row : rows) {
    const auto [place, is_new] = map.emplace(std::tuple{row.step, row.measure, row.split}, row.value);
    EXPECT_TRUE(is_new || place->second == row.value)
        << row.measure << " " << row.split << " at " << row.step;
  }
  return map;
}

/// The same of arrays, with their axes, as text: numbers that are not known are equal there.
inline std::map<Key, std::string> by_key(const std::vector<Array>& arrays) {
  std::map<Key, std::string> map;
  for (const Array& array : arrays) {
    const std::string text = Json(array.values).dump() + array.axes.dump();
    const auto [place, is_new] = map.emplace(std::tuple{array.step, array.name, array.split}, text);
    EXPECT_TRUE(is_new || place->second == text) << array.name << " " << array.split << " at " << array.step;
  }
  return map;
}

/// Measured before every tick, and not at all.
inline void expect_the_same_theta_with_and_without_a_probe(const Kind& kind) {
  const auto measured = begun(kind), bare = begun(kind);
  while (!measured->finished()) {
    measured->measure();
    EXPECT_EQ(measured->advance(), bare->advance());
    measured->take_change();
  }
  measured->measure();
  EXPECT_TRUE(bare->finished());
  EXPECT_TRUE(at::equal(measured->theta(), bare->theta())) << kind.flat.dump();
}

/// Stopped at each step, loaded into a fresh run and carried on: the same theta and rows. At how many steps
/// it could be stopped: where a measurement waits for an update, a run goes on until it has come.
inline std::int64_t stopped_at_each_step(const Kind& kind, const std::filesystem::path& kept) {
  const Identity who = identity("a", kind.flat, 3, "d");
  const auto whole = begun(kind);
  Heard expected;
  EXPECT_EQ(carried_out(*whole, expected).ending, Ending::done);
  EXPECT_FALSE(expected.rows.empty());
  std::int64_t stopped = 0;
  for (std::int64_t stop = 1; stop < whole->steps(); ++stop) {
    std::filesystem::remove(kept);
    Heard heard;
    heard.stop_at = stop;
    Checkpoint before(kept, 1e9, who);
    if (carry_out(*begun(kind), heard, before).ending != Ending::stopped) continue;
    ++stopped;
    heard.stop_at = -1;
    const auto second = begun(kind);
    Checkpoint after(kept, 1e9, who);
    const Outcome outcome = carry_out(*second, heard, after);
    EXPECT_EQ(outcome.ending, Ending::done);
    EXPECT_GE(outcome.resumed_at, stop);
    EXPECT_LT(outcome.resumed_at, stop + 25);
    EXPECT_TRUE(at::equal(second->theta(), whole->theta())) << stop << " of " << kind.flat.dump();
    EXPECT_EQ(by_key(heard.rows), by_key(expected.rows)) << stop << " of " << kind.flat.dump();
    EXPECT_EQ(by_key(heard.arrays), by_key(expected.arrays)) << stop << " of " << kind.flat.dump();
  }
  return stopped;
}

/// The rows of the last measurement are those of the network that the last update leaves.
inline void expect_the_last_rows_to_be_of_the_last_network(const Kind& kind) {
  Heard heard;
  const auto whole = begun(kind), bare = begun(kind);
  EXPECT_EQ(carried_out(*whole, heard).ending, Ending::done);
  while (!bare->finished()) bare->advance();
  std::vector<Row> at_end;
  for (const Row& row : heard.rows)
    if (row.step == whole->count()) at_end.push_back(row);
  EXPECT_FALSE(at_end.empty());
  EXPECT_EQ(by_key(at_end), by_key(bare->measure().rows)) << kind.flat.dump();
  for (const Row& row : at_end) EXPECT_FALSE(row.measure.ends_with("churn")) << "no update follows";
  EXPECT_FALSE(bare->awaits_change());
}

}  // namespace crosstalk::run
