// What is learned by, through a network: the gradient of theta against PyTorch's autograd in double
// precision, and what is bootstrapped through.
#include <gtest/gtest.h>

#include <cmath>

#include "base/error.hpp"
#include "data/examples.hpp"
#include "folder.hpp"
#include "learn/labels.hpp"
#include "learn/lambda_error.hpp"
#include "learn/learners.hpp"
#include "learn/policy_gradient.hpp"
#include "learn/residual.hpp"
#include "learn/td.hpp"
#include "worlds.hpp"

namespace crosstalk::learn {
namespace {

constexpr double gamma = 0.9;

using Formula = at::Tensor (*)(const at::Tensor&);  // of an error
const std::pair<ErrorLoss, Formula> losses_of_errors[] = {
    {ErrorLoss::square, [](const at::Tensor& d) { return d * d; }},
    {ErrorLoss::smooth_l1, [](const at::Tensor& d) { return at::minimum(d * d, d.abs()); }},
    {ErrorLoss::huber,
     [](const at::Tensor& d) { return at::huber_loss(d, at::zeros_like(d), at::Reduction::Mean, 1.0); }}};
const Formula square = losses_of_errors[0].second;

class Gradients : public ::testing::Test {
 protected:
  Folder folder;
  data::Dataset dataset = [&] {
    write_images(folder.path() / "images.safetensors", 20, 8, 10);
    return data::read_dataset(folder.path() / "images.safetensors");
  }();

  std::vector<World> worlds() const {
    std::vector<World> all;
    all.push_back(exact_world("random-walk", {.states = 5}, /*of_states=*/false));
    all.push_back(exact_world("gridworld", {.width = 3, .height = 3}, false));
    all.push_back(exact_world("boyan", {.states = 13}, true));
    all.push_back(exact_world("baird", {}, true));
    all.push_back(image_world(dataset));
    return all;
  }
};

/// A sample's target for a head, as a number that autograd may go through.
using Aim = std::function<at::Tensor(const at::Tensor& theta, data::Id row, std::size_t head)>;

/// sum_h loss(f_h - aim_h), the mean over rows or their weighted sum.
std::function<at::Tensor(const at::Tensor&)> loss_of(const World& world, const Batch& batch, Formula loss,
                                                     Aim aim) {
  return [&world, &batch, loss, aim](const at::Tensor& theta) {
    at::Tensor sum = at::zeros({}, at::kDouble);
    for (std::size_t n = 0; n < batch.rows.ids.size(); ++n) {
      const data::Id row = batch.rows.ids[n];
      const at::Tensor weight = batch.weights.defined() ? batch.weights[static_cast<std::int64_t>(n)]
                                                        : at::full({}, 1.0 / batch.rows.size(), at::kDouble);
      for (std::size_t h = 0; h < world.values.heads.size(); ++h)
        sum = sum + weight * loss(world.prediction(theta, row, h) - aim(theta, row, h));
    }
    return sum;
  };
}

/// Nothing follows a terminal step; what follows a cut is worth what the network says of it.
double going(const World& world, data::Id row, bool timeout_ends) {
  const replay::Step& step = (*world.steps)[row];
  return step.terminated || (timeout_ends && step.truncated) ? 0 : 1;
}

enum class Behind { held, alive };  // what a target says of s'
at::Tensor theta_behind(const at::Tensor& theta, Behind behind) {
  return behind == Behind::alive ? theta : theta.detach();
}

Aim td_aim(const World& world, Behind behind, bool timeout_ends = false) {
  return [&world, behind, timeout_ends](const at::Tensor& theta, data::Id row, std::size_t head) {
    const at::Tensor by = theta_behind(theta, behind);
    return (*world.steps)[row].reward +
           gamma * going(world, row, timeout_ends) * world.next_value(by, by, row, head);
  };
}

/// The lambda-return by its definition, as a sum over n-step returns.
Aim lambda_aim(const World& world, double lambda, Behind behind) {
  return [&world, lambda, behind](const at::Tensor& theta, data::Id row, std::size_t head) {
    const at::Tensor by = theta_behind(theta, behind);
    at::Tensor sum = at::zeros({}, at::kDouble);
    double rewards = 0, discount = 1, weight = 1;
    for (data::Id last = row;; ++last) {
      rewards += discount * (*world.steps)[last].reward;
      discount *= gamma;
      const bool is_longest = (*world.steps)[last].ended();
      const at::Tensor n_step =
          rewards + discount * going(world, last, false) * world.next_value(by, by, last, head);
      sum = sum + (is_longest ? weight : weight * (1 - lambda)) * n_step;
      if (is_longest) return sum;
      weight *= lambda;
    }
  };
}

Batch plain(const World& world, int count = 12) { return {world.some_rows(count), {}}; }
Batch weighted(const World& world) {
  tensor::Stream stream(9, "weights");
  return {world.some_rows(12), drawn({12}, stream).to(at::kDouble)};
}

void expect_equal(const Kept& ours, const Kept& theirs, const std::string& which) {
  EXPECT_NEAR(ours.loss, theirs.loss, 1e-10 * std::max(1.0, std::abs(theirs.loss))) << which;
  EXPECT_LT(oracle::difference(ours.gradient, theirs.gradient), 1e-10) << which;
}

TEST_F(Gradients, of_td_errors_are_autograds_with_every_loss_and_each_network_to_bootstrap_from) {
  for (World& world : worlds())
    for (const auto& [kind, formula] : losses_of_errors)
      for (const auto& [value, select] :
           {std::pair{Net::target, Net::target}, {Net::target, Net::online}, {Net::online, Net::online}})
        for (const bool timeout_ends : {false, true}) {
          const Batch batch = timeout_ends ? weighted(world) : plain(world);
          const auto by = [&world](Net net) {
            return net == Net::online ? world.online.theta() : world.other;
          };
          const Aim aim = [&, v = by(value), s = by(select)](const at::Tensor&, data::Id row, std::size_t h) {
            return (*world.steps)[row].reward +
                   gamma * going(world, row, timeout_ends) * world.next_value(v, s, row, h);
          };
          const Kept ours = learned(
              world,
              std::make_unique<Td>(Td::Settings{world.values, gamma, value, select, timeout_ends, kind}),
              batch, {Follow::How::never}, world.other);
          expect_equal(ours, by_autograd(world, loss_of(world, batch, formula, aim)), world.name);
        }
}

TEST_F(Gradients, of_residual_errors_are_autograds_at_both_ends_of_a_step) {
  for (World& world : worlds())
    for (const auto& [kind, formula] : losses_of_errors)
      for (const Batch& batch : {plain(world), weighted(world)})
        expect_equal(learned(world, std::make_unique<Residual>(world.values, Ahead{gamma}, kind), batch),
                     by_autograd(world, loss_of(world, batch, formula, td_aim(world, Behind::alive))),
                     world.name);
}

TEST_F(Gradients, of_lambda_errors_are_autograds_with_returns_from_their_definition) {
  for (World& world : worlds())
    for (const double lambda : {0.0, 0.5, 1.0})
      for (const auto& [kind, formula] : losses_of_errors) {
        const Batch batch = plain(world);
        const auto ours = learned(world,
                                  std::make_unique<LambdaError>(world.values, gamma, lambda, Net::online,
                                                                kind, LambdaError::Ends{}),
                                  batch);
        expect_equal(
            ours, by_autograd(world, loss_of(world, batch, formula, lambda_aim(world, lambda, Behind::held))),
            world.name);
      }
}

TEST_F(Gradients, of_policies_are_autograds_with_the_returns_of_plain_sums) {
  for (World& world : worlds()) {
    if (world.values.of_state) continue;  // nobody acts
    for (const Return weight : {Return::to_go, Return::episode}) {
      const Batch batch = plain(world);
      const auto loss = [&](const at::Tensor& theta) {
        at::Tensor sum = at::zeros({}, at::kDouble);
        for (const data::Id row : batch.rows.ids) {
          const auto episode = world.steps->episode(row);
          double earned = 0;
          for (data::Id each = weight == Return::to_go ? row : episode.begin; each < episode.end; ++each)
            earned += (*world.steps)[each].reward;
          const at::Tensor output = world.output(theta, row, data::At::before);
          for (std::size_t h = 0; h < world.values.heads.size(); ++h) {
            const at::Tensor p = at::softmax(output.narrow(0, world.first(h), world.values.heads[h]), 0);
            sum = sum - earned * p[world.steps->action(row)[h]].log() + 0.3 * (p * p.log()).sum();
          }
        }
        return sum / static_cast<double>(batch.rows.size());
      };
      expect_equal(learned(world, std::make_unique<PolicyGradient>(world.values.heads, weight, 0.3), batch),
                   by_autograd(world, loss), world.name);
    }
  }
}

TEST_F(Gradients, of_labels_are_autograds_for_classes_and_numbers_under_both_reductions) {
  write_table(folder.path() / "table.safetensors", 20, 8, 5, 3);
  const data::Dataset table = data::read_dataset(folder.path() / "table.safetensors");
  for (const data::Dataset* each : std::initializer_list<const data::Dataset*>{&table, &dataset})
    for (const Reduction reduction : {Reduction::mean, Reduction::sum}) {
      const bool classes = each->has_classes;
      const data::Examples examples(*each, each->train, data::first_rows(20), data::scaling(*each, "none"),
                                    at::kDouble, at::kCPU);
      const auto loss =
          classes ? cross_entropy(reduction) : squared_error(reduction, Targets::separate, {1, 1, 1});
      nn::Network network =
          nn::build(each->input_shape, each->outputs,
                    classes ? std::vector<std::string>{"conv 2 5 stride 3", "tanh", "flatten", "linear out"}
                            : std::vector<std::string>{"linear 6", "tanh", "linear out"});
      tensor::Stream stream(1, "theta");
      nn::Parameters theta(network, nn::initial_theta(network, Initialisation::pytorch, stream, at::kDouble));
      const data::Rows rows{&examples, {3, 0, 19, 3, 7}};
      Learner learner(std::make_unique<Networks>(network, theta), std::make_unique<Labels>(*loss),
                      std::make_unique<Given>(Batch{rows, {}}), std::make_unique<Descent>(),
                      make_optimizer({.kind = OptimizerKind::sgd, .rate = 0}, theta.theta()));
      Kept ours;
      learner.tick(&ours);
      at::Tensor inputs, labels;
      examples.draw(rows.ids, data::At::before, inputs);
      examples.beside("label", rows.ids, labels);
      const at::Tensor leaf = theta.theta().clone().set_requires_grad(true);
      const at::Tensor output = oracle::forward(network, leaf, inputs).back();
      const at::Tensor samples = classes ? at::cross_entropy_loss(output, labels, {}, at::Reduction::None)
                                         : (output - labels).square().mean(1);
      const at::Tensor value = reduction == Reduction::mean ? samples.mean() : samples.sum();
      EXPECT_NEAR(ours.loss, value.item<double>(), 1e-10);
      EXPECT_LT(oracle::difference(ours.gradient, torch::autograd::grad({value}, {leaf})[0]), 1e-10);
    }
}

/// A learner's objective with its networks as they are at the beginning: the target is a copy.
Kept by_algorithm(World& world, const std::string& algorithm, const Json& changes, const Batch& batch) {
  Json flat =
      exact_keys("random-walk", algorithm, {{"learner.gamma", gamma}, {"learner.loss", "squared-error"}});
  if (!changes.is_null()) flat.update(changes);
  const Settings settings(flat);
  AgentParts parts = agent_parts({.settings = settings,
                                  .kind = settings.word("task.kind", task_kinds),
                                  .seed = 1,
                                  .values = world.values});
  return learned(world, std::move(parts.objective), batch, parts.follow);
}

// Semi-gradients: what stands behind a step is held. Were it alive, the gradient would be another.
TEST_F(Gradients, go_through_what_is_bootstrapped_from_by_residual_alone) {
  World acting = exact_world("gridworld", {.width = 3, .height = 3}, false),
        valuing = exact_world("random-walk", {.states = 5}, true);
  struct Case {
    const char* algorithm;
    Json changes;
    World* world;
    Formula loss;
    double lambda;
    Behind behind;
  };
  for (const Case& each :
       {Case{"double-dqn", {}, &acting, square, 0, Behind::held},
        Case{"double-dqn", {{"learner.target-every", 3}}, &acting, square, 0, Behind::held},
        Case{"dqn", {}, &acting, square, 0, Behind::held},
        Case{"dqn", {{"learner.target-every", "never"}}, &acting, square, 0, Behind::held},
        Case{"polyak", {}, &acting, square, 0, Behind::held},
        Case{"ql", {}, &acting, square, 0, Behind::held},
        Case{"td-lambda", {{"learner.view", "backward"}}, &valuing, square, 0, Behind::held},
        Case{"td-lambda", {{"learner.lambda", 0.0}}, &valuing, square, 0, Behind::held},
        Case{"td-lambda", {{"learner.lambda", 0.6}}, &valuing, square, 0.6, Behind::held},
        Case{"residual", {}, &valuing, square, 0, Behind::alive},
        Case{"residual", {{"task.kind", "control"}}, &acting, square, 0, Behind::alive}}) {
    World& world = *each.world;
    const Batch batch = plain(world);
    const std::string which = std::string(each.algorithm) + " " + each.changes.dump();
    const Kept ours = by_algorithm(world, each.algorithm, each.changes, batch);
    const auto theirs = [&](Behind behind) {
      return by_autograd(world, loss_of(world, batch, each.loss, lambda_aim(world, each.lambda, behind)));
    };
    expect_equal(ours, theirs(each.behind), which);
    const Kept other = theirs(each.behind == Behind::held ? Behind::alive : Behind::held);
    EXPECT_GT(oracle::difference(ours.gradient, other.gradient), 0.01) << which;
  }
}

TEST_F(Gradients, of_monte_carlo_bootstrap_from_nothing_but_a_cut) {
  World world = exact_world("random-walk", {.states = 5}, true);
  for (const bool cut : {false, true}) {
    Batch batch{{world.steps.get(), {}}, {}};
    for (data::Id row = 0; row < world.steps->unfinished(); ++row)
      if ((*world.steps)[world.steps->episode(row).end - 1].truncated == cut) batch.rows.ids.push_back(row);
    ASSERT_GT(batch.rows.size(), 5);
    const Kept ours = by_algorithm(world, "td-lambda", {{"learner.lambda", 1.0}}, batch);
    const auto alive = by_autograd(world, loss_of(world, batch, square, lambda_aim(world, 1, Behind::alive)));
    if (cut)
      EXPECT_GT(oracle::difference(ours.gradient, alive.gradient), 0.01);
    else
      expect_equal(ours, alive, "terminated");
  }
}

TEST_F(Gradients, of_a_learner_of_steps_are_refused_where_there_are_none) {
  const data::Examples examples(dataset, dataset.train, data::first_rows(20), data::scaling(dataset, "none"),
                                at::kDouble, at::kCPU);
  World world = exact_world("random-walk", {.states = 5}, true);
  const Batch none{{&examples, {0, 1}}, {}};
  EXPECT_THROW(by_algorithm(world, "td-lambda", {}, none), Error);
  EXPECT_THROW(by_algorithm(world, "residual", {}, none), Error);
  const auto entropy = cross_entropy(Reduction::mean);
  EXPECT_THROW(learned(world, std::make_unique<Labels>(*entropy), plain(world)), Error);
}

}  // namespace
}  // namespace crosstalk::learn
