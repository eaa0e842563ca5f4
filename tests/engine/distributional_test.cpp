// Learning distributions of returns: the projection against the papers' loop, aims and gradients against
// autograd, what is read off the distributions, and whole runs of Rainbow.
#include "learn/distributional.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "learn/policy.hpp"
#include "runs.hpp"
#include "worlds.hpp"

namespace crosstalk::learn {
namespace {

using Numbers = std::vector<double>;

/// Bellemare et al. (2017), algorithm 1: each atom's probability to the whole places beside it.
Numbers by_the_papers_loop(double reward, double discount, const Numbers& p, const Atoms& atoms) {
  Numbers m(p.size(), 0.0);
  for (std::size_t j = 0; j < p.size(); ++j) {
    const double shifted =
        std::clamp(reward + discount * atoms.number(static_cast<std::int64_t>(j)), atoms.least, atoms.most);
    const double b = std::clamp((shifted - atoms.least) / atoms.apart(), 0.0, double(p.size() - 1));
    const double lower = std::floor(b), upper = std::ceil(b);
    if (lower == upper) {  // where the algorithm as printed would lose the mass
      m[static_cast<std::size_t>(lower)] += p[j];
    } else {
      m[static_cast<std::size_t>(lower)] += p[j] * (upper - b);
      m[static_cast<std::size_t>(upper)] += p[j] * (b - lower);
    }
  }
  return m;
}

/// Of one step of this reward; discount 0: nothing follows.
Numbers ours(double reward, double discount, const Numbers& p, const Atoms& atoms) {
  const auto one = [](double value) { return at::full({1, 1}, value, at::kDouble); };
  const at::Tensor m = projected({one(reward), one(discount == 0 ? 0 : 1), discount, {}},
                                 at::tensor(p, at::kDouble).unsqueeze(0), atoms)
                           .contiguous();
  return {m.const_data_ptr<double>(), m.const_data_ptr<double>() + m.numel()};
}

void expect_near(const Numbers& one, const Numbers& other, double tolerance) {
  ASSERT_EQ(one.size(), other.size());
  for (std::size_t i = 0; i < one.size(); ++i) EXPECT_NEAR(one[i], other[i], tolerance) << i;
}

TEST(Projection, by_hand) {
  const Atoms atoms{5, -2, 2};  // -2 -1 0 1 2
  const Numbers p = {0.1, 0.2, 0.4, 0.2, 0.1};
  expect_near(ours(0, 1, p, atoms), p, 1e-15);                         // nothing moves
  expect_near(ours(1, 1, p, atoms), {0, 0.1, 0.2, 0.4, 0.3}, 1e-15);   // on atoms, one beyond the end
  expect_near(ours(-7, 1, p, atoms), {1, 0, 0, 0, 0}, 1e-15);          // all beyond the least
  expect_near(ours(7, 0.5, p, atoms), {0, 0, 0, 0, 1}, 1e-15);         // and the most
  expect_near(ours(0.25, 0, p, atoms), {0, 0, 0.75, 0.25, 0}, 1e-15);  // terminal: the reward alone
  expect_near(ours(2, 0, p, atoms), {0, 0, 0, 0, 1}, 1e-15);           // terminal on the last atom
  expect_near(ours(0, 0.5, p, atoms), {0, 0.2, 0.6, 0.2, 0}, 1e-15);   // between them, half and half
}

TEST(Projection, is_the_papers_loop_and_keeps_mass_and_mean_within_the_ends) {
  tensor::Stream stream(1, "projection");
  for (int i = 0; i < 300; ++i) {
    const Atoms atoms{2 + static_cast<std::int64_t>(stream.below(60)), stream.uniform(-20, -1),
                      stream.uniform(1, 20)};
    Numbers p(static_cast<std::size_t>(atoms.count));
    double sum = 0, mean = 0, mass = 0, moved = 0;
    for (double& each : p) sum += each = stream.uniform();
    for (double& each : p) each /= sum;
    const double discount = i % 5 == 0 ? 0 : stream.uniform(), reward = stream.uniform(-3, 3) * (i % 3);
    const Numbers m = ours(reward, discount, p, atoms);
    expect_near(m, by_the_papers_loop(reward, discount, p, atoms), 1e-12);
    for (std::size_t z = 0; z < p.size(); ++z) {
      const double number = atoms.number(static_cast<std::int64_t>(z));
      mass += m[z], moved += m[z] * number;
      mean += p[z] * std::clamp(reward + discount * number, atoms.least, atoms.most);
    }
    EXPECT_NEAR(mass, 1, 1e-12);
    EXPECT_NEAR(moved, mean, 1e-11);
  }
}

const Atoms seven{7, -4, 2};

World world_of(const std::string& name,
               const std::vector<std::string>& layers = {"linear 6", "tanh", "linear out"}) {
  return exact_world(name, {.states = 5, .width = 3, .height = 3}, false, seven, layers);
}

/// (A, Z) probabilities at what is seen before or after a step, by PyTorch.
at::Tensor chances(const World& world, const at::Tensor& theta, data::Id row, data::At at) {
  return at::softmax(world.output(theta, row, at).view({-1, seven.count}), 1);
}

Numbers numbers_of(const at::Tensor& tensor) {
  const at::Tensor flat = tensor.detach().contiguous();
  return {flat.const_data_ptr<double>(), flat.const_data_ptr<double>() + flat.numel()};
}

/// The aim of a step: n rewards one by one, then the target's distribution of the action that `select` has as
/// its best. A tensor that autograd may go through by `value`.
at::Tensor aim_of(const World& world, const at::Tensor& value, const at::Tensor& select, data::Id row,
                  std::int64_t n, double gamma) {
  double reward = 0, discount = 1;
  data::Id at = row;
  for (std::int64_t k = 0;; ++k, ++at) {
    reward += discount * (*world.steps)[at].reward;
    discount *= gamma;
    if (k + 1 == n || (*world.steps)[at].ended()) break;
  }
  if ((*world.steps)[at].terminated) discount = 0;
  const at::Tensor selecting = chances(world, select, at, data::At::after);
  std::int64_t best = 0;
  Numbers means;
  for (std::int64_t a = 0; a < selecting.size(0); ++a) {
    double mean = 0;
    for (std::int64_t z = 0; z < seven.count; ++z) mean += selecting[a][z].item<double>() * seven.number(z);
    means.push_back(mean);
    if (mean > means[static_cast<std::size_t>(best)]) best = a;
  }
  const at::Tensor p = chances(world, value, at, data::At::after)[best];
  at::Tensor m = at::zeros({seven.count}, at::kDouble);  // linear in p: a column for each atom
  for (std::int64_t j = 0; j < seven.count; ++j) {
    Numbers only(static_cast<std::size_t>(seven.count), 0.0);
    only[static_cast<std::size_t>(j)] = 1;
    m = m + p[j] * at::tensor(by_the_papers_loop(reward, discount, only, seven), at::kDouble);
  }
  return m;
}

Distributional objective_of(const World& world, std::int64_t n) {
  return Distributional({.values = world.values, .gamma = 0.9, .steps = n});
}

TEST(Distributions, are_aimed_at_as_their_formula_says_the_online_network_choosing_the_target_valuing) {
  int differ = 0;
  for (const char* name : {"random-walk", "gridworld"})
    for (const std::int64_t n : {1, 3}) {
      World world = world_of(name);
      const Distributional objective = objective_of(world, n);
      Networks networks(world.network, world.online, {Follow::How::never});
      tensor::State state = tensor::saved(networks);
      state.tensors["target"] = world.other;
      networks.load(state);
      Passes passes(networks);
      const data::Rows rows = world.some_rows(25);
      Aims aims;
      objective.aims(rows, passes, aims);
      for (std::int64_t i = 0; i < rows.size(); ++i) {
        const data::Id row = rows.ids[static_cast<std::size_t>(i)];
        const at::Tensor& online = world.online.theta();
        expect_near(numbers_of(aims.targets[i]), numbers_of(aim_of(world, world.other, online, row, n, 0.9)),
                    1e-12);
        differ += !at::allclose(aims.targets[i], aim_of(world, world.other, world.other, row, n, 0.9));
      }
    }
  EXPECT_GT(differ, 0) << "the two networks choose alike everywhere";
}

TEST(Distributions, go_along_autograds_gradient_with_what_they_bootstrap_from_held) {
  World world = world_of("gridworld");
  const data::Rows rows = world.some_rows(12);
  for (const bool weighted : {false, true}) {
    Batch batch{rows, {}};
    if (weighted) batch.weights = at::linspace(0.01, 0.2, rows.size(), at::kDouble);
    const auto loss = [&](bool alive) {
      return by_autograd(world, [&](const at::Tensor& theta) {
        at::Tensor sum = at::zeros({}, at::kDouble);
        for (std::int64_t i = 0; i < rows.size(); ++i) {
          const data::Id row = rows.ids[static_cast<std::size_t>(i)];
          const at::Tensor held = alive ? theta : theta.detach();
          const at::Tensor m = aim_of(world, held, held, row, 2, 0.9);
          const at::Tensor p = chances(world, theta, row, data::At::before)[world.steps->action(row)[0]];
          const at::Tensor own = -(m * p.log()).sum();
          sum = sum + own * (weighted ? batch.weights[i].item<double>() : 1 / double(rows.size()));
        }
        return sum;
      });
    };
    const Kept ours = learned(world, std::make_unique<Distributional>(objective_of(world, 2)), batch,
                              {Follow::How::never}),
               held = loss(false);
    EXPECT_NEAR(ours.loss, held.loss, 1e-10 * held.loss);
    EXPECT_LT(oracle::difference(ours.gradient, held.gradient), 1e-10);
    EXPECT_GT(oracle::difference(ours.gradient, loss(true).gradient), 0.001);
  }
}

TEST(Distributions, have_no_scalar_errors_and_each_samples_gradient_by_itself) {
  World world = world_of("gridworld");
  const Distributional objective = objective_of(world, 1);
  const Networks networks(world.network, world.online, {Follow::How::never});
  Passes passes(networks);
  const data::Rows rows = world.some_rows(9);
  Aims aims;
  Pull each, all;
  objective.aims(rows, passes, aims);
  const at::Tensor output = at::randn({9, world.outputs()}, at::kDouble);
  each.errors = output;  // of another objective before
  objective.pull(output, aims, Over::samples, {}, each);
  objective.pull(output, aims, Over::batch, {}, all);
  EXPECT_FALSE(each.errors.defined());
  EXPECT_NEAR(each.losses.mean().item<double>(), all.loss, 1e-12);
  EXPECT_LT(oracle::difference(each.cotangent / 9, all.cotangent), 1e-12);
}

TEST(Means, are_the_values_and_carry_gradients_back_as_autograd_does) {
  const at::Tensor logits = at::randn({5, 3 * 7}, at::kDouble).set_requires_grad(true),
                   gradient = at::randn({5, 3}, at::kDouble);
  at::Tensor values = at::zeros({5, 3}, at::kDouble);
  const at::Tensor p = at::softmax(logits.view({5, 3, 7}), 2);
  for (std::int64_t z = 0; z < 7; ++z) values = values + p.select(2, z) * seven.number(z);
  const at::Tensor back = torch::autograd::grad({(values * gradient).sum()}, {logits})[0];
  EXPECT_LT(oracle::difference(values_of(logits.detach(), seven), values), 1e-12);
  EXPECT_LT(oracle::difference(at_outputs(gradient, logits.detach(), seven), back), 1e-12);
  const at::Tensor plain = at::randn({2, 3});
  EXPECT_TRUE(values_of(plain, {}).is_same(plain));
  EXPECT_TRUE(at_outputs(plain, logits, {}).is_same(plain));
}

TEST(Policies, act_by_the_means_of_distributions_not_by_their_largest_logit) {
  const ByMeans greedy({3, 0, 2}, std::make_unique<Greedy>(Heads{2}));
  const Numbers logits = {5, 0, 0, /* the other action */ 1, 1, 1};
  tensor::Stream stream(1, "actions");
  std::vector<std::int64_t> action(1);
  greedy.act([&] { return std::span<const double>(logits); }, stream, 0, action);
  EXPECT_EQ(action[0], 1);
}

/// Looks at the networks before and after an update.
class Looking final : public Watcher {
 public:
  explicit Looking(const World& world, const Networks& networks) : world_(world), networks_(networks) {}
  void before(const Update& update) override {
    was_ = update.tape.output().clone();
    target_ = look(networks_.noisy(Net::target), update);
    plain_ = look(networks_.of(Net::online), update);
  }
  void after(const Update& update) override {
    EXPECT_TRUE(at::equal(look(networks_.noisy(Net::online), update), was_)) << "other noise";
    EXPECT_FALSE(at::equal(target_, was_)) << "the target has the same noise";
    EXPECT_FALSE(at::equal(plain_, was_));
    for (const at::Tensor& earlier : seen_) EXPECT_FALSE(at::equal(earlier, was_)) << "not drawn anew";
    seen_.push_back(was_);
  }
  std::size_t updates() const { return seen_.size(); }

 private:
  at::Tensor look(const nn::Parameters& parameters, const Update& update) const {
    nn::Tape tape;
    world_.network.forward(parameters, update.inputs, tape);
    return tape.output().clone();
  }
  const World& world_;
  const Networks& networks_;
  at::Tensor was_, target_, plain_;
  std::vector<at::Tensor> seen_;
};

TEST(NoiseOfAnUpdate, is_drawn_anew_for_each_network_and_the_same_before_and_after_the_step) {
  World world = world_of("gridworld", {"dueling 5 noisy 0.5", "relu", "dueling out noisy 0.5"});
  auto networks = std::make_unique<Networks>(world.network, world.online, Follow{Follow::How::every, 2}, 7);
  const Networks& held = *networks;
  Looking looking(world, held);
  Learner learner(std::move(networks), std::make_unique<Distributional>(objective_of(world, 1)),
                  std::make_unique<Given>(Batch{world.some_rows(6), {}}), std::make_unique<Descent>(),
                  make_optimizer({.kind = OptimizerKind::sgd, .rate = 0}, world.online.theta()));
  for (int i = 0; i < 4; ++i) learner.tick(&looking);
  EXPECT_EQ(looking.updates(), 4u);
}

}  // namespace
}  // namespace crosstalk::learn

namespace crosstalk::run {
namespace {

Json of_a_grid(const Json& changes = Json::object()) {
  Json flat = exact_keys(
      "gridworld", "rainbow",
      {{"task.kind", "control"},
       {"task.width", 4},
       {"task.height", 4},
       {"network.layers", {"linear 32", "relu", "dueling 32 noisy 0.5", "relu", "dueling out noisy 0.5"}},
       {"learner.approximation", "network"},
       {"learner.gamma", 0.95},
       {"learner.optimizer", "adam"},
       {"learner.rate", 1e-3},
       {"learner.clip", 10.0},
       {"learner.atoms", 31},
       {"learner.value-least", -15.0},
       {"learner.value-most", 0.0},
       {"learner.n-step", 3},
       {"learner.sampling", "prioritised"},
       {"learner.explore-from", 0.0},
       {"learner.explore-to", 0.0},
       {"learner.steps", 4000},
       {"learner.start", 100},
       {"learner.update-every", 2},
       {"learner.replay", 4000},
       {"learner.batch", 32},
       {"learner.target-every", 50},
       {"probe.unit", "steps"},
       {"probe.every", 1000000},
       {"probe.explore", 0.0},
       {"probe.episodes", 20},
       {"probe.measures", {"return"}}});
  flat.update(changes);
  return flat;
}

double earned_at_the_end(const Json& flat) {
  const auto run = begun({flat});
  while (!run->finished()) run->advance();
  return by_key(run->measure().rows).at({run->count(), "return", "evaluation"});
}

TEST(Rainbow, finds_the_shortest_way_through_a_grid_by_noise_alone_and_by_epsilon_without_noise) {
  EXPECT_EQ(earned_at_the_end(of_a_grid()), -6.0);  // the best earn -6
  EXPECT_EQ(earned_at_the_end(of_a_grid({{"network.layers", {"linear 32", "relu", "linear out"}},
                                         {"learner.explore-from", 1.0},
                                         {"learner.explore-to", 0.1},
                                         {"learner.explore-steps", 2000},
                                         {"learner.n-step", 1},
                                         {"learner.sampling", "uniform"}})),
            -6.0);
}

TEST(Rainbow, is_measured_by_gradients_of_its_values_without_noise_as_autograd_says) {
  for (const char* function : {"max", "taken"}) {
    const auto run = begun({of_a_grid({{"learner.steps", 160},
                                       {"runtime.precision", "double"},
                                       {"probe.function", function},
                                       {"probe.measures", {"function_interference"}}})});
    while (!run->finished()) run->advance();
    const double ours = by_key(run->measure().rows).at({run->count(), "function_interference", "seen-seen"});
    const data::Rows rows = run->subject().samples().front().rows;
    const auto& steps = replay::trajectories(*rows.table);
    at::Tensor x;
    steps.draw(rows.ids, data::At::before, x);
    const at::Tensor leaf = run->theta().clone().set_requires_grad(true);
    const at::Tensor p =
        at::softmax(oracle::forward(run->network(), leaf, x).back().view({x.size(0), -1, 31}), 2);
    const at::Tensor values = at::matmul(p, at::linspace(-15, 0, 31, at::kDouble));
    std::vector<at::Tensor> gradients;
    for (std::int64_t n = 0; n < x.size(0); ++n) {
      const data::Id row = rows.ids[static_cast<std::size_t>(n)];
      const at::Tensor scalar =
          function == std::string("max") ? values[n].max() : values[n][steps.action(row)[0]];
      gradients.push_back(torch::autograd::grad({scalar}, {leaf}, {}, true)[0]);
    }
    const at::Tensor gram = at::mm(at::stack(gradients), at::stack(gradients).t());
    const double pairs = double(x.size(0) * (x.size(0) - 1)) / 2;
    const double mean = at::triu(gram, 1).sum().item<double>() / pairs;
    EXPECT_NEAR(ours, mean, 1e-10 * std::abs(mean)) << function;
    EXPECT_NE(mean, 0);
  }
}

}  // namespace
}  // namespace crosstalk::run
