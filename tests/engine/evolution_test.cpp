// How interference evolves, by whole runs against a slow twin: PyTorch's autograd differentiated twice in
// double precision, pair by pair; the changes that small steps really make; and the identities of the terms.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "base/error.hpp"
#include "learn/learner.hpp"
#include "oracle.hpp"
#include "replay/stored.hpp"
#include "small_stored.hpp"

namespace crosstalk::run {
namespace {

constexpr double gamma_ = 0.9, tau = 0.1;
const Json all_measures = {"rho_prime",     "rho_prime.r1",       "rho_prime.r2",   "rho_prime.r3",
                           "rho_bar_prime", "rho_prime.momentum", "rho_prime.step", "rho_prime.layers"};

at::Tensor grad_of(const at::Tensor& of, const at::Tensor& by, bool again = false) {
  if (!of.requires_grad()) return at::zeros_like(by);
  const auto all = torch::autograd::grad({of}, {by}, {}, /*retain_graph=*/true, again, /*allow_unused=*/true);
  return all[0].defined() ? all[0] : at::zeros_like(by);
}

/// One update with what was measured at it.
struct Measured {
  std::unique_ptr<OneRun> run;
  at::Tensor before, after, target, target_after, mu;  // (P)
  std::map<std::string, Array> arrays;
  std::map<Key, double> rows;

  const nn::Network& network() const { return run->subject().networks().network(); }
  const data::Table& table() const { return *run->subject().samples().front().rows.table; }
  std::vector<data::Id> ids(const char* axis) const {
    return arrays.at("rho_prime").axes.at(axis).at("labels").get<std::vector<data::Id>>();
  }
  at::Tensor array(const std::string& name) const {
    const Array& found = arrays.at(name);
    return at::tensor(found.values, at::kDouble).reshape(found.shape);
  }
  double row(const std::string& name) const {
    return rows.at({std::get<0>(rows.begin()->first), name, "others-batch"});
  }
};

Measured measured(const Kind& kind, int earlier) {
  Measured all{.run = begun(kind)};
  for (int i = 0; i < earlier; ++i) all.run->advance();
  all.run->measure();
  const learn::Networks& networks = all.run->subject().networks();
  const auto theta = [&](learn::Net net) { return networks.of(net).theta().to(at::kDouble).clone(); };
  all.before = theta(learn::Net::online);
  if (networks.has_target()) all.target = theta(learn::Net::target);
  all.mu = all.run->subject().average().gradients;
  all.run->advance();
  all.after = theta(learn::Net::online);
  if (networks.has_target()) all.target_after = theta(learn::Net::target);
  const std::optional<measure::Readings> change = all.run->take_change();
  EXPECT_TRUE(change.has_value());
  if (!change) return all;
  all.rows = by_key(change->rows);
  for (const Array& array : change->arrays) all.arrays[array.name] = array;
  return all;
}

/// grad J of one row as a function of theta (the first argument) and of what it bootstraps from (the second).
using Slope = std::function<at::Tensor(data::Id, const at::Tensor& theta, const at::Tensor& from)>;

/// d grad f of a stored step: what each algorithm's d is, from its definition.
Slope stored_slope(const Measured& of, const std::string& algorithm, const std::filesystem::path& set) {
  return [&of, algorithm, set](data::Id row, const at::Tensor& theta, const at::Tensor& from) {
    const auto& steps = replay::trajectories(of.table());
    at::Tensor s, next;
    const std::vector<data::Id> one = {row};
    steps.draw(one, data::At::before, s);
    steps.draw(one, data::At::after, next);
    const std::int64_t action = algorithm == "td-lambda" ? 0 : *steps.action(row).begin();
    const at::Tensor f = oracle::forward(of.network(), theta, s).back()[0][action];
    const bool goes_on = !steps[row].terminated;
    at::Tensor y;
    if (algorithm == "reg" || algorithm == "td-star") {
      const replay::Stored stored(set, at::kDouble, at::kCPU);
      y = algorithm == "reg"
              ? stored.values(one, data::At::before)[0][action].to(at::kDouble)
              : stored.values(one, data::At::after)[0].max().to(at::kDouble) * gamma_ * double(goes_on) +
                    steps[row].reward;
    } else {
      y = oracle::forward(of.network(), from, next).back()[0].max() * gamma_ * double(goes_on) +
          steps[row].reward;
    }
    return (f - y) * grad_of(f, theta, true);
  };
}

/// The derivative at 0 of F(theta + e v, from + e w) by e.
double along(const std::function<at::Tensor(const at::Tensor&, const at::Tensor&)>& of,
             const at::Tensor& theta, const at::Tensor& from, const at::Tensor& v, const at::Tensor& w) {
  const at::Tensor online = theta.clone().set_requires_grad(true);
  const at::Tensor target = from.clone().set_requires_grad(true);
  const at::Tensor value = of(online, target);
  return (grad_of(value, online).dot(v) + grad_of(value, target).dot(w)).item<double>();
}

void expect_near(const at::Tensor& ours, const at::Tensor& theirs, double tolerance,
                 const std::string& what) {
  ASSERT_EQ(ours.sizes(), theirs.sizes()) << what;
  EXPECT_LE(oracle::difference(ours, theirs), tolerance) << what << "\n" << ours << "\n" << theirs;
}

class Evolution : public SmallStored {
 protected:
  Kind stored(const std::string& algorithm, const Json& layers, const Json& changes = Json::object()) const {
    Json all = stored_keys(algorithm, {{"probe.measures", all_measures},
                                       {"runtime.precision", "double"},
                                       {"learner.gamma", gamma_},
                                       {"learner.tau", tau},
                                       {"learner.lambda", 0.5},
                                       {"learner.target-every", 6},
                                       {"probe.others", 12},
                                       {"network.layers", layers}});
    if (algorithm == "reg")  // whose moving average is of other errors
      std::erase_if(all["probe.measures"].get_ref<Json::array_t&>(),
                    [](const Json& name) { return name == "rho_prime.momentum"; });
    all.update(changes);
    return {all, nullptr, stored_in(set)};
  }
  static std::vector<Json> networks() {
    return {{"linear 5", "tanh", "linear out"},
            {"linear 6", "leaky", "linear 5", "leaky", "linear out"},
            {"linear 5", "layernorm", "tanh", "linear out"}};
  }
};

// 1e-9 of the largest number: double precision both ways, by other operations.
TEST_F(Evolution, derivatives_and_terms_equal_autograd_differentiated_twice) {
  struct Which {
    const char* algorithm;
    double live, own;  // the share of theta's step that what is bootstrapped from makes
  };
  for (const auto& [algorithm, live, own] :
       {Which{"ql", 1, 1}, {"dqn", 1, 0}, {"polyak", 1, tau}, {"reg", 0, 0}, {"td-star", 0, 0}})
    for (const Json& layers : networks()) {
      const Measured m = measured(stored(algorithm, layers), 8);
      const std::string what = std::string(algorithm) + " " + layers.dump();
      const Slope slope = stored_slope(m, algorithm, set);
      const std::vector<data::Id> a = m.ids("0"), b = m.ids("1");
      ASSERT_EQ(std::ssize(a), 12) << what;
      EXPECT_TRUE(std::ranges::any_of(a, [&](data::Id row) {
        return replay::trajectories(m.table())[row].terminated;
      })) << "none of these is at the end of an episode";
      const at::Tensor from = m.target.defined() ? m.target : m.before;
      at::Tensor total_own = at::zeros({std::ssize(a), std::ssize(b)}, at::kDouble);
      at::Tensor rho = at::zeros_like(total_own), second = at::zeros_like(total_own),
                 first = at::zeros_like(total_own), whole = at::zeros_like(total_own),
                 step = at::zeros_like(total_own), came = at::zeros_like(total_own);
      for (std::int64_t i = 0; i < std::ssize(a); ++i)
        for (std::int64_t j = 0; j < std::ssize(b); ++j) {
          const auto of = [&](data::Id row) {
            return [&, row](const at::Tensor& theta, const at::Tensor& target) {
              return slope(row, theta, target);
            };
          };
          const auto at_before = [&](data::Id row) {
            const at::Tensor leaf = m.before.clone().set_requires_grad(true);
            return slope(row, leaf, from).detach();
          };
          const at::Tensor gb = at_before(b[j]);
          const auto dot = [&](const at::Tensor& theta, const at::Tensor& target) {
            return of(a[i])(theta, target).dot(of(b[j])(theta, target));
          };
          rho[i][j] = at_before(a[i]).dot(gb);
          total_own[i][j] = -along(dot, m.before, from, gb, gb * own);
          const double beta = 0.9;
          first[i][j] = total_own[i][j] * (1 - beta);
          second[i][j] =
              -beta * along([&](const at::Tensor& theta,
                                const at::Tensor& target) { return of(a[i])(theta, target).dot(m.mu); },
                            m.before, from, gb, gb * own);
          const at::Tensor step_b = m.mu * beta + gb * (1 - beta);
          whole[i][j] = -along(
              [&](const at::Tensor& theta, const at::Tensor& target) {
                return of(a[i])(theta, target).dot(m.mu * beta + of(b[j])(theta, target) * (1 - beta));
              },
              m.before, from, step_b, step_b * own);
          const at::Tensor moved = m.after - m.before,
                           target_moved = m.target.defined() ? m.target_after - m.target : moved;
          step[i][j] = along(dot, m.before, from, moved, live > 0 ? target_moved : target_moved * 0);
          const at::Tensor now = m.after.clone().set_requires_grad(true);
          came[i][j] = dot(now, m.target.defined() ? m.target_after : m.after).detach() - rho[i][j];
        }
      expect_near(m.array("rho_prime.rho"), rho, 1e-9, what + ", rho");
      const at::Tensor terms =
          m.array("rho_prime.r3") + m.array("rho_prime.r1.own") + m.array("rho_prime.r2.own");
      expect_near(-terms, total_own, 1e-9, what + ", rho' as the run's aims move");
      if (algorithm != std::string("reg")) {
        expect_near(m.array("rho_prime.momentum.first"), first, 1e-9, what + ", momentum, first");
        expect_near(m.array("rho_prime.momentum.second"), second, 1e-9, what + ", momentum, second");
        expect_near(m.array("rho_prime.momentum.step"), whole, 1e-9, what + ", momentum, along the step");
      }
      expect_near(m.array("rho_prime.step"), step, 1e-9, what + ", along the step");
      expect_near(m.array("rho_prime.step.came"), came, 1e-8, what + ", what came");
    }
}

// r1 and r2 are dots of gradients alone; r3 is then what is left of the derivative with the aims alive.
TEST_F(Evolution, terms_are_those_of_equations_16_and_17) {
  for (const char* algorithm : {"ql", "dqn", "reg"})
    for (const Json& layers : networks()) {
      const Measured m = measured(stored(algorithm, layers), 8);
      const std::string what = std::string(algorithm) + " " + layers.dump();
      const bool live = algorithm != std::string("reg");
      const auto& steps = replay::trajectories(m.table());
      const at::Tensor theta = m.before.clone().set_requires_grad(true);
      const at::Tensor from = m.target.defined() ? m.target : m.before;
      const Slope slope = stored_slope(m, algorithm, set);
      struct Sample {
        double d;
        at::Tensor g, g_next;  // of f, and of gamma f(s')
      };
      const auto sample = [&](data::Id row) {
        at::Tensor s, next;
        steps.draw(std::vector<data::Id>{row}, data::At::before, s);
        steps.draw(std::vector<data::Id>{row}, data::At::after, next);
        const at::Tensor f = oracle::forward(m.network(), theta, s).back()[0][*steps.action(row).begin()],
                         v = oracle::forward(m.network(), theta, next).back()[0].max() *
                             (steps[row].terminated ? 0.0 : gamma_);
        const at::Tensor g = grad_of(f, theta).detach();
        const double d = slope(row, theta, from).detach().dot(g).item<double>() / g.dot(g).item<double>();
        return Sample{d, g, live ? grad_of(v, theta).detach() : at::zeros_like(g)};
      };
      const std::vector<data::Id> a = m.ids("0"), b = m.ids("1");
      at::Tensor r1 = at::zeros({std::ssize(a), std::ssize(b)}, at::kDouble), r2 = at::zeros_like(r1),
                 bar = at::zeros_like(r1);
      for (std::int64_t i = 0; i < r1.size(0); ++i)
        for (std::int64_t j = 0; j < r1.size(1); ++j) {
          const Sample at_a = sample(a[i]), at_b = sample(b[j]);
          const auto dot = [](const at::Tensor& x, const at::Tensor& y) { return x.dot(y).item<double>(); };
          const double ab = dot(at_a.g, at_b.g);
          r1[i][j] = at_b.d * at_b.d * ab * (ab - dot(at_a.g_next, at_b.g));
          r2[i][j] = at_a.d * at_b.d * ab * (dot(at_b.g, at_b.g) - dot(at_b.g_next, at_b.g));
          bar[i][j] = m.array("rho_prime.r3")[i][j].item<double>() / (-at_a.d * at_b.d);
        }
      expect_near(m.array("rho_prime.r1"), r1, 1e-9, what + ", r1");
      expect_near(m.array("rho_prime.r2"), r2, 1e-9, what + ", r2");
      expect_near(m.array("rho_prime"), -(r1 + r2 + m.array("rho_prime.r3")), 1e-12, what + ", sum");
      expect_near(m.array("rho_bar_prime"), bar, 1e-9, what + ", rho-bar'");
      expect_near(
          m.array("rho_prime.layers").sum(1)[0],
          -(m.array("rho_prime.r3") + m.array("rho_prime.r1.own") + m.array("rho_prime.r2.own")).mean(), 1e-9,
          what + ", layers");
      EXPECT_EQ(m.rows.contains({std::get<0>(m.rows.begin()->first), "rho_prime.printed", "others-batch"}),
                !live);
      if (!live) {
        EXPECT_NEAR(m.row("rho_prime.printed"), m.row("rho_prime") - m.row("rho_prime.r2"),
                    1e-9 * std::abs(m.row("rho_prime.r2")));
        EXPECT_NEAR(m.row("rho_prime.r2.printed"), 2 * m.row("rho_prime.r2"),
                    1e-9 * std::abs(m.row("rho_prime.r2")));
      }
      if (live)
        EXPECT_NEAR(m.row("rho_prime.momentum.printed"),
                    m.row("rho_prime.momentum.second") - m.row("rho_prime.momentum.first"),
                    1e-9 * std::abs(m.row("rho_prime.momentum.first")));
    }
}

// The remainder of the first order falls as the square of the step: its slope in logarithms is 2 within 0.1,
// over three decades, for the median pair (where the second derivative is near 0 it falls faster). Leaky
// networks too, as long as no unit changes its sign.
TEST_F(Evolution, the_change_that_comes_agrees_to_the_square_of_the_step) {
  for (const char* algorithm : {"ql", "td-star"})
    for (const Json& layers : {networks()[0], networks()[1]})
      for (const bool with_momentum : {false, true}) {
        const Measured m = measured(stored(algorithm, layers), 8);
        const std::string what = std::string(algorithm) + " " + layers.dump();
        const Slope slope = stored_slope(m, algorithm, set);
        const std::vector<data::Id> a = m.ids("0"), b = m.ids("1");
        const auto gradient = [&](data::Id row, const at::Tensor& theta) {
          const at::Tensor leaf = theta.clone().set_requires_grad(true);
          return slope(row, leaf, leaf).detach();
        };
        const double beta = with_momentum ? 0.9 : 0;
        const at::Tensor derivative =
            with_momentum ? m.array("rho_prime.momentum.step") : m.array("rho_prime");
        const auto signs = [&](const at::Tensor& theta) {
          std::vector<at::Tensor> all;
          at::Tensor inputs;
          std::vector<data::Id> rows = a;
          rows.insert(rows.end(), b.begin(), b.end());
          for (const data::At at : {data::At::before, data::At::after}) {
            m.table().draw(rows, at, inputs);
            for (const at::Tensor& value : oracle::forward(m.network(), theta, inputs))
              all.push_back(value.flatten().sign());
          }
          return at::cat(all);
        };
        std::vector<double> slopes;
        for (std::int64_t pair = 0; pair < std::ssize(a) * std::ssize(b); ++pair) {
          const std::int64_t i = pair / std::ssize(b), j = pair % std::ssize(b);
          const at::Tensor gb = gradient(b[j], m.before);
          const at::Tensor step = m.mu * beta + gb * (1 - beta);
          const auto rho = [&](double alpha) {
            const at::Tensor theta = m.before - step * alpha;
            return gradient(a[i], theta).dot(m.mu * beta + gradient(b[j], theta) * (1 - beta)).item<double>();
          };
          const double begun = rho(0), longest = 1e-1 / step.norm().item<double>();
          std::vector<double> steps, left;
          for (double alpha = longest; alpha > longest * 1e-7; alpha /= std::sqrt(10)) {
            if (layers == networks()[1] && !signs(m.before - step * alpha).equal(signs(m.before))) continue;
            const double remainder = std::abs(rho(alpha) - begun - alpha * derivative[i][j].item<double>());
            if (remainder < 3e-13 * std::abs(begun)) break;  // rounding
            if (remainder > 3e-3 * std::abs(alpha * derivative[i][j].item<double>()))
              continue;  // not small yet
            steps.push_back(std::log10(alpha)), left.push_back(std::log10(remainder));
          }
          constexpr std::size_t three_decades = 7;                // steps, sqrt(10) apart
          if (steps.size() < three_decades) continue;             // a unit changes its sign soon
          const std::size_t from = steps.size() - three_decades;  // the shortest ones
          const double fall = (left[from] - left.back()) / (steps[from] - steps.back());
          slopes.push_back(fall);
        }
        ASSERT_GE(slopes.size(), 3u) << what;
        std::sort(slopes.begin(), slopes.end());
        const double median = slopes[slopes.size() / 2];
        std::cout << what << (with_momentum ? ", momentum" : "") << ": slope " << median
                  << " over three decades, the median of " << slopes.size() << " pairs\n";
        EXPECT_NEAR(median, 2, 0.1) << what;
      }
}

// Cross-entropy: all outputs pull, and their softmax's covariance stands between (16)'s gradients.
TEST_F(Evolution, a_classifier_has_the_same_terms_of_its_own_loss) {
  write_images(folder.path() / "images.safetensors", 30, 12, 10);
  const data::Dataset dataset = data::read_dataset(folder.path() / "images.safetensors");
  for (const Json& layers :
       {Json{"conv 3 3 stride 2", "tanh", "flatten", "linear out"},
        Json{"conv 3 3 stride 2", "leaky", "conv 2 2", "layernorm", "leaky", "flatten", "linear out"}}) {
    const Measured m = measured({keys({{"task.kind", "classify"},
                                       {"task.dataset", "images"},
                                       {"learner.loss", "cross-entropy"},
                                       {"probe.measures",
                                        {"rho_prime", "rho_prime.r1", "rho_prime.r2", "rho_prime.r3",
                                         "rho_prime.step", "rho_prime.layers"}},
                                       {"probe.others", 6},
                                       {"runtime.precision", "double"},
                                       {"network.layers", layers}}),
                                 &dataset},
                                3);
    const std::vector<data::Id> a = m.ids("0"), b = m.ids("1");
    const auto outputs = [&](data::Id row, const at::Tensor& theta) {
      at::Tensor x;
      m.table().draw(std::vector<data::Id>{row}, data::At::before, x);
      return oracle::forward(m.network(), theta, x).back();
    };
    const auto label = [&](data::Id row) {
      at::Tensor labels;
      m.table().beside("label", std::vector<data::Id>{row}, labels);
      return labels;
    };
    const auto loss = [&](data::Id row, const at::Tensor& theta) {
      return at::cross_entropy_loss(outputs(row, theta), label(row));
    };
    const auto held = [&](data::Id row, const at::Tensor& theta) {  // c . f, c the slopes of the loss there
      const at::Tensor f = outputs(row, m.before);
      const at::Tensor c = at::softmax(f, 1) - at::one_hot(label(row), 10);
      return (c.detach() * outputs(row, theta)).sum();
    };
    const auto slope = [&](const auto& of, data::Id row, const at::Tensor& theta) {
      return grad_of(of(row, theta), theta, true);
    };
    at::Tensor total = at::zeros({std::ssize(a), std::ssize(b)}, at::kDouble), r1 = at::zeros_like(total),
               r2 = at::zeros_like(total), r3 = at::zeros_like(total), step = at::zeros_like(total);
    const at::Tensor moved = m.after - m.before;
    for (std::int64_t i = 0; i < total.size(0); ++i)
      for (std::int64_t j = 0; j < total.size(1); ++j) {
        const at::Tensor leaf = m.before.clone().set_requires_grad(true);
        const at::Tensor at_a = slope(loss, a[i], leaf).detach(), at_b = slope(loss, b[j], leaf).detach();
        const auto times = [&](const auto& of, data::Id row, const at::Tensor& v) {
          return grad_of(slope(of, row, leaf).dot(v), leaf).detach();
        };
        const double bend_a = at_b.dot(times(held, a[i], at_b)).item<double>(),
                     bend_b = at_a.dot(times(held, b[j], at_b)).item<double>();
        r1[i][j] = at_b.dot(times(loss, a[i], at_b)).item<double>() - bend_a;
        r2[i][j] = at_a.dot(times(loss, b[j], at_b)).item<double>() - bend_b;
        r3[i][j] = bend_a + bend_b;
        step[i][j] = (at_b.dot(times(loss, a[i], moved)) + at_a.dot(times(loss, b[j], moved))).item<double>();
      }
    total = -(r1 + r2 + r3);
    for (const auto& [name, theirs] : std::map<std::string, at::Tensor>{{"rho_prime.r1", r1},
                                                                        {"rho_prime.r2", r2},
                                                                        {"rho_prime.r3", r3},
                                                                        {"rho_prime", total},
                                                                        {"rho_prime.step", step}})
      expect_near(m.array(name), theirs, 1e-9, name + layers.dump());
    expect_near(m.array("rho_prime.layers").sum(1)[0], total.mean(), 1e-9, "layers");
    EXPECT_TRUE(m.rows.contains({std::get<0>(m.rows.begin()->first), "rho_prime.within", "others-batch"}));
  }
}

// mu is of gradients of d^2 / 2, whatever multiple of it is learned by: the velocity of the optimiser, v =
// gradient
// + beta v, times 1 - beta, and half of it where the loss is the square.
TEST_F(Evolution, the_moving_average_is_of_the_loss_that_the_terms_are_of) {
  for (const auto& [loss, share] : {std::pair{"squared-error", 0.5}, {"smooth-l1", 0.5}, {"huber", 1.0}}) {
    const auto run = begun(stored("ql", networks()[0], {{"learner.loss", loss}}));
    for (int i = 0; i < 5; ++i) run->advance();
    const at::Tensor velocity = run->save().part("optimizer").tensors.at("velocity");
    expect_near(run->subject().average().gradients, velocity * (0.1 * share), 1e-12, loss);
    EXPECT_EQ(run->subject().average().beta, 0.9);
  }
}

// Aims that no state's value makes by itself are held: then what came is what was said, for a short step.
TEST_F(Evolution, a_short_step_changes_what_is_predicted) {
  for (const char* algorithm : {"ql", "dqn", "polyak", "double-dqn", "td-lambda", "mc", "td-star"}) {
    Json changes = {{"learner.rate", 1e-9}, {"learner.n-step", algorithm == std::string("ql") ? 3 : 1}};
    if (algorithm == std::string("double-dqn")) changes["learner.target"] = "double";
    const Measured m = measured(stored(algorithm, networks()[0], changes), 8);
    expect_near(m.array("rho_prime.step.came"), m.array("rho_prime.step"), 1e-4, algorithm);
  }
}

TEST_F(Evolution, measuring_leaves_theta_as_it_is_to_the_last_bit) {
  for (const char* algorithm : {"ql", "dqn", "polyak", "reg", "mc", "td-star", "td-lambda"})
    expect_the_same_theta_with_and_without_a_probe(stored(algorithm, networks()[1]));
}

TEST_F(Evolution, what_cannot_be_measured_is_refused_by_name) {
  const auto refusal = [&](const Kind& kind) -> std::string {
    try {
      begun(kind);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  const Json layers = networks()[0];
  EXPECT_NE(refusal(stored("residual", layers)).find("learner.algorithm = \"residual\""), std::string::npos);
  EXPECT_NE(refusal(stored("dqn", layers, {{"learner.optimizer", "adam"}}))
                .find("learner.optimizer = \"momentum\""),
            std::string::npos);
  EXPECT_NE(refusal(stored("dqn", {"linear 5", "leaky", "linear out noisy 0.1"})).find("noisy"),
            std::string::npos);
  EXPECT_NE(refusal(stored("dqn", layers, {{"learner.target-copies", 3}})).find("learner.target-copies"),
            std::string::npos);
  EXPECT_NE(refusal(stored("reg", layers, {{"probe.measures", {"rho_prime.momentum"}}})).find("td-star"),
            std::string::npos);
  EXPECT_EQ(refusal(stored("dqn", layers)), "");
}

}  // namespace
}  // namespace crosstalk::run
