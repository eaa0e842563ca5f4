// The steps of an agent as they are kept: episodes and their neighbours, what gives way, and going on from a
// checkpoint.
#include "replay/trajectories.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cstring>

#include "base/error.hpp"

namespace crosstalk::replay {
namespace {

using Ids = std::vector<Id>;

/// Records are numbers that count on, whatever is done; an observation is the last `history` of them.
class Counting final : public env::Drawing {
 public:
  explicit Counting(std::int64_t history = 1) : history_(history) {}
  std::size_t bytes() const override { return sizeof(std::int32_t); }
  std::int64_t history() const override { return history_; }
  void draw(std::span<const std::byte* const> records, at::Tensor& slot) const override {
    slot = at::empty({static_cast<std::int64_t>(records.size())}, at::kDouble);
    for (std::size_t i = 0; i < records.size(); ++i)
      slot[static_cast<std::int64_t>(i)] = static_cast<double>(number(records[i]));
    slot = slot.view({-1, history_});
  }
  void check(const std::byte* record) const override {
    if (number(record) < 0) throw Error(ErrorKind::data, "no such number");
  }
  static std::int32_t number(const std::byte* record) {
    std::int32_t number = 0;
    std::memcpy(&number, record, sizeof number);
    return number;
  }

 private:
  std::int64_t history_;
};

class Counter final : public env::Environment {
 public:
  const env::Spaces& spaces() const override { return spaces_; }
  std::shared_ptr<const env::Drawing> drawing() const override { return drawing_; }
  void reset(std::uint64_t) override { ++now_; }
  env::Outcome step(std::span<const std::int64_t>) override {
    ++now_;
    return {};
  }
  void record(std::byte* to) const override { std::memcpy(to, &now_, sizeof now_); }
  void save(tensor::State&) const override {}
  bool load(const tensor::State&) override { return true; }

 private:
  env::Spaces spaces_{.observation = {1}, .choices = {3, 2}};
  std::shared_ptr<const env::Drawing> drawing_ = std::make_shared<Counting>();
  std::int32_t now_ = -1;  // the first episode begins with 0
};

Trajectories kept(Keeping keeping = {}, at::ScalarType type = at::kDouble, std::int64_t history = 1) {
  return {std::make_shared<Counting>(history), {3, 2}, type, keeping};
}

/// Episodes of these lengths, terminated and truncated in turn; the last goes on.
void add_episodes(Trajectories& steps, const std::vector<int>& lengths, Counter counter = {}) {
  for (std::size_t e = 0; e < lengths.size(); ++e) {
    counter.reset(0);
    steps.begin(counter);
    for (int t = 0; t < lengths[e]; ++t) {
      const std::int64_t action[] = {steps.end() % 3, steps.end() % 2};
      env::Outcome outcome = counter.step(action);
      outcome.reward = 0.1 * static_cast<double>(steps.end());
      if (t + 1 == lengths[e] && e + 1 < lengths.size())
        (e % 2 == 0 ? outcome.terminated : outcome.truncated) = true;
      steps.add(action, outcome, counter);
    }
  }
}

std::vector<double> drawn(const Trajectories& steps, const Ids& rows, At at) {
  at::Tensor slot;
  steps.draw(rows, at, slot);
  const at::Tensor flat = slot.flatten().contiguous();
  return {flat.const_data_ptr<double>(), flat.const_data_ptr<double>() + flat.numel()};
}

TEST(Trajectories, know_what_was_done_and_seen_before_and_after_each_step) {
  Trajectories steps = kept();
  add_episodes(steps, {3, 1, 2});
  EXPECT_EQ(steps.size(), 6);
  // Observations 0 1 2 3, then 4 5, then 6 7 8: an episode's last is nobody's first.
  EXPECT_EQ(drawn(steps, {0, 1, 2, 3, 4, 5}, At::before), (std::vector<double>{0, 1, 2, 4, 6, 7}));
  EXPECT_EQ(drawn(steps, {0, 1, 2, 3, 4, 5}, At::after), (std::vector<double>{1, 2, 3, 5, 7, 8}));
  EXPECT_EQ(drawn(steps, {5, 0, 5}, At::before), (std::vector<double>{7, 0, 7}));
  for (Id row = 0; row < 6; ++row) {
    EXPECT_EQ(steps.action(row)[0], row % 3);
    EXPECT_EQ(steps.action(row)[1], row % 2);
    EXPECT_EQ(steps[row].reward, 0.1 * static_cast<double>(row));
    EXPECT_EQ(steps[row].terminated, row == 2);
    EXPECT_EQ(steps[row].truncated, row == 3);
  }
  EXPECT_EQ(steps.begun(), 3);
  EXPECT_EQ(steps.finished(), 2);
  EXPECT_TRUE(steps.going());
  EXPECT_EQ(steps.unfinished(), 4);
  at::Tensor now;
  steps.now(now);
  EXPECT_EQ(now.item<double>(), 8);
}

TEST(Trajectories, keep_rewards_in_the_precision_that_is_learned_in) {
  Trajectories single = kept({}, at::kFloat);
  add_episodes(single, {3});
  EXPECT_EQ(single[1].reward, static_cast<double>(0.1f));
}

TEST(Trajectories, show_what_follows_a_step_as_what_was_before_it_where_they_are_aliased) {
  Trajectories steps = kept({.aliased = true});
  add_episodes(steps, {3, 2});
  EXPECT_EQ(drawn(steps, {0, 2, 3}, At::before), (std::vector<double>{1, 3, 5}));
  EXPECT_EQ(drawn(steps, {0, 2, 3}, At::after), (std::vector<double>{1, 3, 5}));
}

/// All neighbours of a row, by going one step after the other.
Ids reached(const Trajectories& steps, Id row, std::int64_t by) {
  Ids rows;
  for (std::int64_t offset = by; steps.neighbour(row, offset); offset += by)
    rows.push_back(*steps.neighbour(row, offset));
  return rows;
}

TEST(Trajectories, have_neighbours_up_to_their_episodes_ends_and_to_what_has_given_way) {
  Trajectories all = kept();
  add_episodes(all, {3, 1, 4});
  EXPECT_EQ(reached(all, 1, 1), (Ids{2}));
  EXPECT_EQ(reached(all, 1, -1), (Ids{0}));
  EXPECT_EQ(reached(all, 3, 1), Ids{});
  EXPECT_EQ(reached(all, 3, -1), Ids{});
  EXPECT_EQ(reached(all, 5, 1), (Ids{6, 7}));
  EXPECT_EQ(all.neighbour(5, 0), 5);
  EXPECT_EQ(all.neighbour(0, -1), std::nullopt);
  EXPECT_EQ(all.neighbour(2, 3), std::nullopt);  // there is such a row, of a later episode
  EXPECT_EQ(all.episode(5).begin, 4);
  EXPECT_EQ(all.episode(5).end, 8);

  Trajectories few = kept({.capacity = 3});
  add_episodes(few, {3, 1, 4});
  EXPECT_EQ(few.first(), 5);
  EXPECT_EQ(reached(few, 7, -1), (Ids{6, 5}));
  EXPECT_EQ(few.episode(6).begin, 5);
  EXPECT_EQ(drawn(few, {5, 6, 7}, At::before), drawn(all, {5, 6, 7}, At::before));
  EXPECT_EQ(drawn(few, {5, 6, 7}, At::after), drawn(all, {5, 6, 7}, At::after));
}

TEST(Trajectories, of_a_ring_draw_the_slots_that_a_plain_ring_has) {
  for (const std::int64_t capacity : {1, 5, 7}) {
    Trajectories steps = kept({.capacity = capacity});
    Counter counter;
    std::vector<Id> ring;  // the next one overwrites the oldest
    for (Id added = 0; added < 23; ++added) {
      if (added % 4 == 0) {
        counter.reset(0);
        steps.begin(counter);
      }
      const std::int64_t action[] = {0, 0};
      env::Outcome outcome = counter.step(action);
      outcome.terminated = added % 4 == 3;
      steps.add(action, outcome, counter);
      if (std::ssize(ring) < capacity)
        ring.push_back(added);
      else
        ring[static_cast<std::size_t>(added % capacity)] = added;
      ASSERT_EQ(steps.size(), std::ssize(ring));
      for (std::int64_t place = 0; place < steps.size(); ++place)
        EXPECT_EQ(steps.drawn(place), ring[static_cast<std::size_t>(place)]) << capacity << " " << added;
    }
  }
}

TEST(Trajectories, that_keep_whole_episodes_drop_the_oldest_when_enough_ended_steps_stay) {
  Trajectories steps = kept({.capacity = 5, .evict = Keeping::Evict::episodes});
  add_episodes(steps, {4, 3, 2, 3});  // before the last one began, 3 + 2 steps stayed without the first
  EXPECT_EQ(steps.first(), 4);
  EXPECT_EQ(steps.size(), 8);
  Trajectories other = kept({.capacity = 6, .evict = Keeping::Evict::episodes});
  add_episodes(other, {4, 3, 2, 3});
  EXPECT_EQ(other.first(), 0);
  for (std::int64_t place = 0; place < steps.size(); ++place) EXPECT_EQ(steps.drawn(place), 4 + place);
}

std::int64_t observations_held(const Trajectories& steps) {
  return tensor::saved(steps).tensor("observations").size(0);
}

TEST(Trajectories, store_each_observation_once_and_drop_those_that_no_step_needs) {
  Trajectories all = kept();
  add_episodes(all, {3, 1, 4});
  EXPECT_EQ(observations_held(all), 8 + 3);  // one a step, and the last of each episode
  Trajectories ring = kept({.capacity = 3});
  add_episodes(ring, {3, 1, 40});
  EXPECT_EQ(observations_held(ring), 3 + 1);
}

/// What each row of episodes of these lengths shows, worked out from the numbers alone: those of episode e
/// begin where all before it end, each having one more than steps.
std::vector<double> last_four(const std::vector<int>& lengths, const Ids& rows, At at) {
  std::vector<double> shown;
  for (const Id row : rows) {
    Id first_row = 0;
    double begun = 0;
    for (const int length : lengths) {
      if (row < first_row + length) break;
      first_row += length;
      begun += length + 1;
    }
    const double newest = begun + static_cast<double>(row - first_row) + (at == At::after ? 1 : 0);
    for (const double back : {3.0, 2.0, 1.0, 0.0}) shown.push_back(std::max(newest - back, begun));
  }
  return shown;
}

Ids all_of(const Trajectories& steps) {
  Ids rows;
  for (Id row = steps.first(); row < steps.end(); ++row) rows.push_back(row);
  return rows;
}

const Keeping keepings[] = {{}, {.capacity = 3}, {.capacity = 5, .evict = Keeping::Evict::episodes}};

TEST(Trajectories, that_show_the_last_four_records_show_an_episodes_first_where_it_has_fewer) {
  const std::vector<int> lengths = {3, 1, 9, 2, 12};
  for (const Keeping& keeping : keepings) {
    Trajectories steps = kept(keeping, at::kDouble, 4);
    add_episodes(steps, lengths);
    for (const At at : {At::before, At::after})
      EXPECT_EQ(drawn(steps, all_of(steps), at), last_four(lengths, all_of(steps), at));
    at::Tensor now;
    steps.now(now);
    EXPECT_TRUE(at::equal(now, at::tensor({28.0, 29.0, 30.0, 31.0}).to(at::kDouble).view({1, 4})));
  }
  Trajectories aliased = kept({.aliased = true}, at::kDouble, 4);
  add_episodes(aliased, lengths);
  EXPECT_EQ(drawn(aliased, all_of(aliased), At::before), last_four(lengths, all_of(aliased), At::after));
}

TEST(Trajectories, that_show_the_last_four_records_keep_three_more_at_most_and_none_of_an_episode_gone) {
  Trajectories ring = kept({.capacity = 5}, at::kDouble, 4);
  add_episodes(ring, {3, 1, 40});
  EXPECT_EQ(observations_held(ring), 5 + 1 + 3);
  Trajectories begun = kept({.capacity = 5}, at::kDouble, 4);
  add_episodes(begun, {3, 7});
  EXPECT_EQ(observations_held(begun),
            5 + 1 + 2);  // two steps of the second are gone, and none of its records
  Trajectories all = kept({}, at::kDouble, 4);
  add_episodes(all, {3, 1, 4});
  EXPECT_EQ(observations_held(all), 8 + 3);
}

TEST(Trajectories, that_show_the_last_four_records_are_the_same_after_loading_and_go_on_alike) {
  for (const Keeping& keeping : keepings)
    for (const std::vector<int>& lengths : {std::vector{0}, {2}, {3, 1, 4}, {3, 1, 9, 2}, {2, 11}, {5, 0}}) {
      Trajectories steps = kept(keeping, at::kDouble, 4), other = kept(keeping, at::kDouble, 4);
      add_episodes(steps, lengths);
      other.load(tensor::saved(steps));
      Counter counter;
      for (int i = 0; i < 9; ++i) {
        const auto both = [&](const auto& what) { EXPECT_EQ(what(other), what(steps)) << i; };
        both([](const Trajectories& each) { return drawn(each, all_of(each), At::before); });
        both([](const Trajectories& each) { return drawn(each, all_of(each), At::after); });
        both([](const Trajectories& each) { return observations_held(each); });
        const std::int64_t action[] = {1, 1};
        counter.reset(0);
        for (Trajectories* each : {&steps, &other}) {
          if (i == 5) each->begin(counter);
          each->add(action, {.reward = 1, .truncated = i == 4}, counter);
        }
      }
    }
}

TEST(Trajectories, that_show_the_last_four_records_join_those_of_others) {
  const std::vector<int> lengths = {3, 1, 6};
  Trajectories first = kept({}, at::kDouble, 4);
  add_episodes(first, lengths);
  Trajectories joined = first.another();
  joined.append(first);
  for (const At at : {At::before, At::after})
    EXPECT_EQ(drawn(joined, all_of(joined), at), last_four(lengths, all_of(joined), at));
}

TEST(Trajectories, refuse_a_state_that_keeps_more_of_the_past_than_is_shown) {
  Trajectories steps = kept({.capacity = 5}, at::kDouble, 4);
  add_episodes(steps, {3, 20});
  tensor::State state = tensor::saved(steps);
  EXPECT_EQ(state.positions.at("earlier"), 3u);
  for (const std::uint64_t wrong : {2, 4}) {
    state.positions["earlier"] = wrong;
    EXPECT_THROW(kept({.capacity = 5}, at::kDouble, 4).load(state), Error);
  }
  state.positions.erase("earlier");
  EXPECT_THROW(kept({.capacity = 5}, at::kDouble, 4).load(state), Error);
}

TEST(Trajectories, take_others_episodes_and_single_steps_behind_their_own) {
  Trajectories first = kept(), second = kept();
  add_episodes(first, {2});
  add_episodes(second, {3, 1, 2});
  Trajectories joined = first.another();
  EXPECT_EQ(joined.size(), 0);
  joined.append(second);
  const std::int32_t from = 70, to = 90;
  const auto record = [](const std::int32_t& number) { return reinterpret_cast<const std::byte*>(&number); };
  const std::int64_t action[] = {2, 1};
  for (int i = 0; i < 2; ++i) joined.add_alone(record(from), action, {-1, true, false}, record(to));
  EXPECT_EQ(joined.size(), 8);
  for (const At at : {At::before, At::after}) {
    const std::vector<double> theirs = drawn(second, {0, 1, 2, 3, 4, 5}, at);
    EXPECT_EQ(drawn(joined, {0, 1, 2, 3, 4, 5}, at), theirs);
    EXPECT_EQ(drawn(joined, {6, 7}, at), std::vector<double>(2, at == At::before ? 70 : 90));
  }
  EXPECT_EQ(reached(joined, 4, 1), (Ids{5}));
  EXPECT_EQ(reached(joined, 6, 1), Ids{});
  EXPECT_EQ(joined[6].reward, -1);
  EXPECT_EQ(joined.action(7)[0], 2);
}

TEST(Trajectories, loaded_from_what_was_saved_are_the_same_and_go_on_alike) {
  for (const Keeping keeping :
       {Keeping{}, Keeping{.capacity = 3}, Keeping{.capacity = 3, .evict = Keeping::Evict::episodes}})
    for (const std::vector<int>& lengths : {std::vector{0}, {2}, {3, 1, 4}, {3, 1, 9, 2}, {2, 11}}) {
      Trajectories steps = kept(keeping), other = kept(keeping);
      add_episodes(steps, lengths);
      const tensor::State state = tensor::saved(steps);
      other.load(state);
      EXPECT_EQ(other.first(), steps.first());
      EXPECT_EQ(other.unfinished(), steps.unfinished());
      Counter counter;
      for (int i = 0; i < 5; ++i) {
        const std::int64_t action[] = {1, 1};
        for (Trajectories* each : {&steps, &other}) {
          if (i == 2) each->begin(counter);
          each->add(action, {.reward = 1, .truncated = i == 1}, counter);
        }
      }
      const tensor::State ours = tensor::saved(other), theirs = tensor::saved(steps);
      EXPECT_EQ(ours.positions, theirs.positions);
      for (const auto& [name, tensor] : theirs.tensors)
        EXPECT_TRUE(at::equal(ours.tensor(name), tensor)) << name;
    }
}

TEST(Trajectories,
     are_saved_in_a_byte_an_action_and_a_flag_and_a_reward_of_their_precision_beside_observations) {
  Trajectories steps = kept({}, at::kFloat), wide(std::make_shared<Counting>(), {300}, at::kDouble),
               deep(std::make_shared<Counting>(), {100000}, at::kDouble);
  add_episodes(steps, {3, 1, 4});
  const auto bytes = [](const Trajectories& each, const char* name) {
    return tensor::saved(each).tensor(name).nbytes();
  };
  EXPECT_EQ(bytes(steps, "actions"), 8u * 2);
  EXPECT_EQ(bytes(steps, "flags"), 8u);
  EXPECT_EQ(bytes(steps, "rewards"), 8u * 4);
  EXPECT_EQ(bytes(steps, "observations"), (8u + 3) * 4);
  EXPECT_EQ(tensor::saved(steps).tensors.size(), 4u);
  Counter counter;
  for (const auto& [each, action, size] :
       {std::tuple{&wide, std::int64_t{299}, 2u}, {&deep, std::int64_t{99999}, 4u}}) {
    counter.reset(0);
    each->begin(counter);
    each->add({&action, 1}, {}, counter);
    EXPECT_EQ(bytes(*each, "actions"), size);
    Trajectories other = each->another();
    other.load(tensor::saved(*each));
    EXPECT_EQ(other.action(0)[0], action);
  }
}

TEST(Trajectories, know_after_loading_where_each_episode_began_and_which_it_was) {
  for (const Keeping keeping :
       {Keeping{}, Keeping{.capacity = 4}, Keeping{.capacity = 4, .evict = Keeping::Evict::episodes}}) {
    Trajectories steps = kept(keeping), other = kept(keeping);
    add_episodes(steps, {3, 1, 1, 4});
    other.load(tensor::saved(steps));
    ASSERT_EQ(other.size(), steps.size());
    for (Id row = steps.first(); row < steps.end(); ++row) {
      EXPECT_EQ(other[row].episode, steps[row].episode);
      EXPECT_EQ(other[row].record, steps[row].record);
      EXPECT_EQ(other[row].reward, steps[row].reward);
      EXPECT_EQ(other[row].terminated, steps[row].terminated);
      EXPECT_EQ(other[row].truncated, steps[row].truncated);
      EXPECT_EQ(other.action(row)[0], steps.action(row)[0]);
      EXPECT_EQ(other.action(row)[1], steps.action(row)[1]);
    }
    for (const At at : {At::before, At::after})
      EXPECT_EQ(drawn(other, {steps.first(), steps.end() - 1}, at),
                drawn(steps, {steps.first(), steps.end() - 1}, at));
  }
}

TEST(Trajectories, refuse_a_state_that_is_damaged_or_anothers) {
  Trajectories steps = kept({.capacity = 6});
  add_episodes(steps, {3, 1, 4});
  const tensor::State whole = tensor::saved(steps);
  const auto is_refused = [&](const auto& damage) {
    tensor::State state;
    for (const auto& [name, tensor] : whole.tensors) state.tensors[name] = tensor.clone();
    state.positions = whole.positions;
    damage(state);
    try {
      kept({.capacity = 6}).load(state);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::data) << error.what();
      return true;
    }
    return false;
  };
  EXPECT_FALSE(is_refused([](tensor::State&) {}));
  for (const auto& [name, tensor] : whole.tensors) {
    EXPECT_TRUE(is_refused([&](tensor::State& state) { state.tensors.erase(name); })) << name;
    EXPECT_TRUE(is_refused([&](tensor::State& state) {
      state.tensors[name] = tensor.narrow(0, 0, tensor.size(0) - 1).clone();
    })) << name;
    EXPECT_TRUE(is_refused([&](tensor::State& state) { state.tensors[name] = tensor.to(at::kFloat); }))
        << name;
  }
  for (const auto& [name, value] : whole.positions)
    EXPECT_TRUE(is_refused([&](tensor::State& state) { state.positions.erase(name); })) << name;
  const auto bytes_of = [](tensor::State& state, const char* name) {
    return state.tensors[name].mutable_data_ptr<std::uint8_t>();
  };
  EXPECT_TRUE(is_refused([&](tensor::State& state) { bytes_of(state, "actions")[0] = 3; }));
  EXPECT_TRUE(is_refused([&](tensor::State& state) { bytes_of(state, "actions")[1] = 2; }));
  EXPECT_TRUE(is_refused([&](tensor::State& state) { bytes_of(state, "observations")[3] = 0x80; }));
  EXPECT_TRUE(is_refused([&](tensor::State& state) { bytes_of(state, "flags")[0] = 3; }));
  EXPECT_TRUE(
      is_refused([&](tensor::State& state) { bytes_of(state, "flags")[0] |= 4; }));  // nothing is before it
  EXPECT_TRUE(
      is_refused([&](tensor::State& state) { bytes_of(state, "flags")[3] |= 4; }));  // one episode more
  EXPECT_TRUE(is_refused([&](tensor::State& state) { bytes_of(state, "flags")[1] |= 8; }));
  EXPECT_TRUE(is_refused([](tensor::State& state) { state.positions["episode"] += 1; }));
  EXPECT_TRUE(is_refused([](tensor::State& state) { state.positions["open"] = 100; }));
  EXPECT_TRUE(is_refused([](tensor::State& state) { state.positions["finished"] = 4; }));
  EXPECT_TRUE(is_refused([](tensor::State& state) { state.positions["first"] = ~std::uint64_t{0}; }));
  // One of a larger ring, or of fewer choices.
  Trajectories more = kept({.capacity = 8});
  add_episodes(more, {3, 1, 4});
  EXPECT_THROW(steps.load(tensor::saved(more)), Error);
  Trajectories others(std::make_shared<Counting>(), {3}, at::kDouble, {.capacity = 6});
  EXPECT_THROW(others.load(whole), Error);
}

TEST(Trajectories, are_asked_for_where_rows_are_something_else) {
  const Trajectories steps = kept();
  const data::Table& table = steps;
  EXPECT_EQ(&trajectories(table), &steps);
  struct Nothing final : data::Table {
    Id first() const override { return 0; }
    Id end() const override { return 0; }
    void draw(std::span<const Id>, At, at::Tensor&) const override {}
  };
  EXPECT_THROW(trajectories(Nothing()), Error);
}

}  // namespace
}  // namespace crosstalk::replay
