// TD(lambda) and expected updates against plain loops over states, and against linear algebra.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/error.hpp"
#include "env/exact.hpp"
#include "env/registry.hpp"
#include "env/solve.hpp"
#include "nn/build.hpp"
#include "oracle.hpp"
#include "runs.hpp"

namespace crosstalk::run {
namespace {

constexpr std::uint64_t seed = 3;
using Numbers = std::vector<double>;

/// One step as the environment itself takes it, at the actions that the stream of the run says.
struct Step {
  std::int32_t state, next;
  double reward;
  bool begins, ends;  // its episode
};

/// The steps that a run of seed `seed` takes, played anew with nothing of its own but the streams' names.
class Played {
 public:
  explicit Played(const std::string& name, const env::Sizes& sizes)
      : process_(env::exact_process(name, sizes)),
        world_(process_, std::make_shared<env::StateDrawing>(*process_, at::kDouble, at::kCPU)) {}

  Step step() {
    const bool begins = over_;
    if (begins) world_.reset(levels_.below(std::uint64_t{1} << 32));
    const std::int32_t from = world_.state();
    const auto actions = static_cast<double>(process_->actions);
    const std::int64_t action = static_cast<std::int64_t>(actions_.uniform() * actions);
    const env::Outcome outcome = world_.step({&action, 1});
    over_ = outcome.ended();
    return {from, world_.state(), outcome.reward, begins, over_};
  }
  std::vector<Step> episode() {
    std::vector<Step> steps = {step()};
    while (!steps.back().ends) steps.push_back(step());
    return steps;
  }
  const env::DecisionProcess& process() const { return *process_; }

 private:
  std::shared_ptr<const env::DecisionProcess> process_;
  env::Exact world_;
  tensor::Stream levels_{seed, "environment"}, actions_{seed, "exploration"};
  bool over_ = true;
};

/// The features of a state, zeros for an end; and w . x.
Numbers features(const env::DecisionProcess& process, std::int32_t state) {
  Numbers x(static_cast<std::size_t>(process.features), 0);
  for (std::size_t f = 0; f < x.size() && state >= 0; ++f)
    x[f] = process.observations[static_cast<std::size_t>(state) * x.size() + f];
  return x;
}
double dot(const Numbers& w, const Numbers& x) {
  double sum = 0;
  for (std::size_t f = 0; f < w.size(); ++f) sum += w[f] * x[f];
  return sum;
}
void add(Numbers& w, double factor, const Numbers& x) {
  for (std::size_t f = 0; f < w.size(); ++f) w[f] += factor * x[f];
}

Json walk_keys(const char* view, double lambda, double gamma, const Json& changes = Json::object()) {
  Json flat = exact_keys("random-walk", "td-lambda",
                         {{"learner.view", view},
                          {"learner.lambda", lambda},
                          {"learner.gamma", gamma},
                          {"learner.updates", 100000},
                          {"runtime.precision", "double"}});
  flat.update(changes);
  return flat;
}

void expect_near(const at::Tensor& theta, const Numbers& expected, double tolerance,
                 const std::string& where) {
  ASSERT_EQ(theta.numel(), std::ssize(expected));
  const double* w = theta.const_data_ptr<double>();
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(w[i], expected[i], tolerance) << where << i;
}

struct World {
  const char* name;
  env::Sizes sizes;
  const char* approximation;
};
const World worlds[] = {{"random-walk", {.states = 7}, "tabular"}, {"boyan", {.states = 13}, "linear"}};

// Sutton and Barto, second edition, section 12.2: z = gamma lambda z + x(s), w += alpha d z.
TEST(OnlineTdLambda, is_a_plain_loop_with_accumulating_traces) {
  for (const auto& [name, sizes, approximation] : worlds)
    for (const double lambda : {0.0, 0.4, 0.9, 1.0}) {
      const double gamma = 0.95, rate = 0.05;
      const auto run = begun({walk_keys("backward", lambda, gamma,
                                        {{"task.environment", name},
                                         {"task.states", sizes.states},
                                         {"learner.approximation", approximation},
                                         {"learner.rate", rate}})});
      Played world(name, sizes);
      Numbers w(static_cast<std::size_t>(world.process().features), 0), z(w.size(), 0);
      int episodes = 0;
      for (int t = 0; t < 200; ++t) {
        const Step step = world.step();
        const Numbers x = features(world.process(), step.state);
        for (double& each : z) each *= step.begins ? 0 : gamma * lambda;
        add(z, 1, x);
        const double error = dot(w, x) - (step.reward + gamma * dot(w, features(world.process(), step.next)));
        add(w, -rate * error, z);
        episodes += step.ends;
        EXPECT_NEAR(run->advance().value(), error * error, 1e-12);  // an update at each step
        expect_near(run->theta(), w, 1e-12, name);
      }
      EXPECT_GT(episodes, 5);
    }
}

TEST(OnlineTdLambda, of_a_network_goes_along_the_gradients_that_autograd_gives) {
  const double gamma = 0.95, lambda = 0.8, rate = 0.05;
  const auto run = begun({walk_keys("backward", lambda, gamma,
                                    {{"learner.approximation", "network"},
                                     {"network.layers", {"linear 5", "tanh", "linear out"}},
                                     {"learner.rate", rate}})});
  const nn::Network network = nn::build({7}, 1, std::vector<std::string>{"linear 5", "tanh", "linear out"});
  Played world("random-walk", {.states = 7});
  at::Tensor theta = run->theta().clone(), z = at::zeros_like(theta);
  const auto value = [&](const at::Tensor& by, std::int32_t state) {
    return oracle::forward(network, by, at::tensor(features(world.process(), state)).view({1, 7}))
        .back()[0][0];
  };
  for (int t = 0; t < 60; ++t) {
    const Step step = world.step();
    const at::Tensor leaf = theta.clone().set_requires_grad(true);
    const at::Tensor here = value(leaf, step.state);
    z = (step.begins ? 0 : gamma * lambda) * z + torch::autograd::grad({here}, {leaf})[0];
    // What a network says of an end counts for nothing.
    const double behind = step.next < 0 ? 0 : value(theta, step.next).item<double>();
    theta = theta - rate * (here.item<double>() - step.reward - gamma * behind) * z;
    run->advance();
    EXPECT_LT(oracle::difference(run->theta(), theta), 1e-10) << t;
  }
}

TEST(OnlineTdLambda, without_traces_is_td_0) {
  const double gamma = 0.95, rate = 0.1;
  const auto run = begun({walk_keys("backward", 0, gamma, {{"learner.rate", rate}})});
  Played world("random-walk", {.states = 7});
  Numbers v(8, 0);  // the last one is the end's
  for (int t = 0; t < 200; ++t) {
    const Step step = world.step();
    double& here = v[static_cast<std::size_t>(step.state)];
    here += rate * (step.reward + gamma * v[step.next < 0 ? 7 : static_cast<std::size_t>(step.next)] - here);
    run->advance();
    expect_near(run->theta(), Numbers(v.begin(), v.begin() + 7), 1e-12, "");
  }
}

/// Ticks until an episode's updates are done.
void to_next_episode(OneRun& run, std::size_t updates) {
  for (std::size_t made = 0; made < updates;) made += run.advance().has_value();
}

// Section 12.1: after an episode its lambda-returns from the values so far, then w += alpha (G_t - w x_t) x_t
// in order.
TEST(OfflineLambdaReturns, are_those_of_the_values_before_the_episodes_updates) {
  for (const auto& [name, sizes, approximation] : worlds)
    for (const double lambda : {0.0, 0.5, 1.0}) {
      const double gamma = 0.95, rate = 0.05;
      const auto run = begun({walk_keys("forward", lambda, gamma,
                                        {{"task.environment", name},
                                         {"task.states", sizes.states},
                                         {"learner.approximation", approximation},
                                         {"learner.rate", rate}})});
      Played world(name, sizes);
      Numbers w(static_cast<std::size_t>(world.process().features), 0);
      for (int e = 0; e < 8; ++e) {
        const std::vector<Step> episode = world.episode();
        const Numbers before = w;
        for (std::size_t t = 0; t < episode.size(); ++t) {
          // The weighted sum of all n-step returns from t on.
          double target = 0, rewards = 0, discount = 1, weight = 1;
          for (std::size_t k = t; k < episode.size(); ++k) {
            rewards += discount * episode[k].reward;
            discount *= gamma;
            const double n_step =
                rewards + discount * dot(before, features(world.process(), episode[k].next));
            target += (k + 1 == episode.size() ? weight : weight * (1 - lambda)) * n_step;
            weight *= lambda;
          }
          const Numbers x = features(world.process(), episode[t].state);
          add(w, rate * (target - dot(w, x)), x);
        }
        to_next_episode(*run, episode.size());
        expect_near(run->theta(), w, 1e-12, name);
      }
    }
}

TEST(OfflineLambdaReturns, of_lambda_1_are_monte_carlos) {
  const double gamma = 0.95, rate = 0.05;
  const auto run = begun({walk_keys("forward", 1, gamma, {{"learner.rate", rate}})});
  Played world("random-walk", {.states = 7});
  Numbers v(7, 0);
  for (int e = 0; e < 10; ++e) {
    const std::vector<Step> episode = world.episode();
    Numbers earned(episode.size() + 1, 0);
    for (std::size_t t = episode.size(); t-- > 0;) earned[t] = episode[t].reward + gamma * earned[t + 1];
    for (std::size_t t = 0; t < episode.size(); ++t) {
      double& here = v[static_cast<std::size_t>(episode[t].state)];
      here += rate * (earned[t] - here);
    }
    to_next_episode(*run, episode.size());
    expect_near(run->theta(), v, 1e-12, "");
  }
}

/// The learner of a task, and what each of its updates was.
struct Learning {
  std::unique_ptr<Task> task;
  explicit Learning(const Json& flat) : task(make_task(Settings(flat), seed, nullptr)) {}
  const at::Tensor& theta() const { return task->networks().of(learn::Net::online).theta(); }
  const learn::Update& update() { return *task->learner().tick(); }
};

Json expected_keys(const char* environment, const char* algorithm, double rate, const Json& changes = {}) {
  Json flat = exact_keys(environment, algorithm,
                         {{"learner.source", "expected"},
                          {"learner.view", "backward"},
                          {"learner.lambda", 0.0},
                          {"learner.rate", rate},
                          {"runtime.precision", "double"}});
  if (!changes.is_null()) flat.update(changes);
  return flat;
}

TEST(ExpectedUpdates, of_td_0_end_at_the_least_squares_fixed_point) {
  struct Case {
    const char* name;
    env::Sizes sizes;
    double rate, gamma;
    int updates;
  };
  for (const Case& each :
       {Case{"random-walk", {.states = 19}, 8, 1, 6000}, Case{"random-walk", {.states = 7}, 4, 0.9, 1000},
        Case{"boyan", {.states = 13}, 4, 1, 400}}) {
    const auto process = env::exact_process(each.name, each.sizes);
    Learning learning(expected_keys(each.name, "td-lambda", each.rate,
                                    {{"task.states", each.sizes.states}, {"learner.gamma", each.gamma}}));
    for (int i = 0; i < each.updates; ++i) learning.update();
    const at::Tensor fixed = env::fixed_point(*process, env::policy_of(*process, "uniform"), each.gamma);
    EXPECT_LT((learning.theta() - fixed).abs().max().item<double>(), 1e-8) << each.name;
  }
}

TEST(ExpectedUpdates, weigh_every_transition_by_its_chance) {
  for (const auto& [name, rows] : {std::pair{"random-walk", 14}, {"boyan", 11 * 2 + 2}, {"baird", 7}}) {
    Learning learning(expected_keys(name, "td-lambda", 0.1));
    for (int i = 0; i < 2; ++i) {
      const learn::Batch& batch = learning.update().batch;
      EXPECT_EQ(batch.rows.size(), rows) << name;
      EXPECT_NEAR(batch.weights.sum().item<double>(), 1, 1e-14) << name;
      EXPECT_GT(batch.weights.min().item<double>(), 0) << name;
    }
  }
}

// Sutton and Barto, section 11.2; d(s) = 1/7 for each state, at w from the published start.
TEST(Baird, leads_semi_gradients_beyond_any_bound_and_residual_gradients_to_less_error) {
  Learning semi(expected_keys("baird", "td-lambda", 0.5, {{"learner.gamma", 0.99}}));
  double bound = 20;
  for (int i = 0; i < 1000; ++i) {
    semi.update();
    if (i % 100 == 99) {
      EXPECT_GT(semi.theta().abs().max().item<double>(), bound) << i;
      bound *= 1000;
    }
  }
  Learning residual(expected_keys("baird", "residual", 0.5, {{"learner.gamma", 0.99}}));
  double loss = INFINITY;
  for (int i = 0; i < 1000; ++i) {
    const double now = residual.update().pull.loss;
    EXPECT_LE(now, loss) << i;
    loss = now;
    EXPECT_LE(residual.theta().abs().max().item<double>(), 10.5);
  }
  EXPECT_LT(loss, 1e-3);
}

TEST(Baird, ends_a_run_of_semi_gradients_as_diverged_and_not_one_of_residual_gradients) {
  struct Case {
    const char *algorithm, *source;
    double rate;
    int updates;
    Ending ending;
  };
  for (const Case& each : {Case{"td-lambda", "expected", 0.5, 1500, Ending::diverged},
                           Case{"td-lambda", "sampled", 0.05, 8000, Ending::diverged},
                           Case{"residual", "expected", 0.5, 1500, Ending::done},
                           Case{"residual", "sampled", 0.02, 8000, Ending::done}}) {
    const auto run = begun({expected_keys("baird", each.algorithm, each.rate,
                                          {{"learner.source", each.source},
                                           {"learner.gamma", 0.99},
                                           {"learner.updates", each.updates},
                                           {"learner.update-every", 1},
                                           {"runtime.precision", "single"},
                                           {"probe.every", 500}})});
    Heard heard;
    const Outcome outcome = carried_out(*run, heard);
    EXPECT_EQ(outcome.ending, each.ending) << each.algorithm << each.source << outcome.message;
    EXPECT_EQ(run->step() < each.updates, each.ending == Ending::diverged) << run->step();
    for (const Row& row : heard.rows) EXPECT_TRUE(std::isfinite(row.value)) << row.measure;
    if (each.ending == Ending::done) {
      EXPECT_LT(run->theta().abs().max().item<double>(), 11);
    }
  }
}

TEST(TdLambda, is_refused_where_its_returns_would_be_wrong) {
  for (const Json& change : std::vector<Json>{
           {{"learner.source", "expected"}, {"learner.view", "backward"}},
           {{"learner.source", "expected"}, {"learner.lambda", 0.0}},
           {{"task.environment", "baird"}, {"task.policy", "solid"}, {"learner.view", "backward"}},
           {{"task.environment", "baird"}, {"task.policy", "solid"}, {"learner.lambda", 0.0}}})
    try {
      begun({walk_keys("forward", 0.5, 0.9, change)});
      ADD_FAILURE() << change.dump();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::config);
      EXPECT_NE(std::string(error.what()).find("\"backward\""), std::string::npos) << error.what();
    }
}

}  // namespace
}  // namespace crosstalk::run
