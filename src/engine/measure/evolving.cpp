#include "measure/evolving.hpp"

#include <ATen/ATen.h>

#include "base/error.hpp"
#include "measure/aimed_rows.hpp"
#include "measure/classes.hpp"
#include "measure/pairs_of_sides.hpp"
#include "trace/cross_gram.hpp"
#include "trace/directional.hpp"
#include "trace/steps.hpp"

namespace crosstalk::measure {
namespace {

at::Tensor in_double(const at::Tensor& values) { return values.to(at::kCPU, at::kDouble); }

/// A copy of theta, which moves in place.
struct Held {
  Held(const nn::Network& network, const at::Tensor& theta)
      : theta(theta.clone()), parameters(network, this->theta) {}
  at::Tensor theta;
  nn::Parameters parameters;
};

/// Part l of a trace.
trace::Trace layer_of(const trace::Trace& all, std::size_t l) {
  return {all.samples, all.layout, {all.layers[l]}};
}

}  // namespace

/// Both sides at the theta before the update.
struct Evolving::Pairs {
  Pairs(const nn::Network& network, const at::Tensor& theta) : was(network, theta) {}
  Held was;
  std::optional<Held> target;  // what the aims are bootstrapped from, where that is another network
  std::optional<learn::Objective::Behind> behind_a, behind_b;  // and what it is asked of
  std::optional<PairsOfSides> of;
  at::Tensor aims_a, aims_b;  // (A, B), (B): what the aims move by along the gradients at B, as the run's own
};

Evolving::Evolving(Subject& subject, std::int64_t count, EvolutionAsked asked)
    : subject_(subject),
      objective_([&]() -> const learn::Objective& {
        const learn::Objective* of = subject.objective("evolving");
        if (of == nullptr)
          throw Error(ErrorKind::config,
                      "probe.measures asks how interference evolves, and nothing is learned here by a loss "
                      "that rho_prime is of: leave rho_prime and rho_bar_prime out");
        return *of;
      }()),
      count_(count),
      asked_(asked) {
  if (count == 0)
    throw Error(ErrorKind::config,
                "probe.others = 0 leaves no rows A to pair with the minibatch's, of which rho_prime and "
                "rho_bar_prime "
                "are: give 1 or more, or leave them out of probe.measures");
  const learn::Networks& networks = subject.networks();
  networks.network().refuse_without_jets();
  if (asked.momentum && !subject.average().gradients.defined())
    throw Error(ErrorKind::config,
                "probe.measures holds \"rho_prime.momentum\" where the optimiser keeps no moving average of "
                "gradients: give learner.optimizer = \"momentum\", or leave it out");
  if (asked.step && networks.most_averaged() > 1)
    throw Error(ErrorKind::config, "rho_prime.step does not go with learner.target-copies = " +
                                       std::to_string(networks.most_averaged()) +
                                       ": give 1, or leave it out");
}

Evolving::~Evolving() = default;

void Evolving::before(const learn::Update& update, learn::Passes& passes) {
  evolution_.reset(), pairs_.reset();
  std::span<const data::Id> batch = update.batch.rows.ids;
  const data::Table& table = *update.batch.rows.table;
  batch = batch.first(static_cast<std::size_t>(std::min<std::int64_t>(count_, std::ssize(batch))));
  data::Rows b = aimed_rows(objective_, table, batch).rows;
  const std::vector<data::Id> others = subject_.others(update.batch.rows, count_);
  data::Rows a = aimed_rows(objective_, table, others).rows;
  if (a.ids.empty() || b.ids.empty()) return;
  const learn::Networks& networks = subject_.networks();
  const nn::Network& network = networks.network();
  pairs_ = std::make_unique<Pairs>(network, networks.of(learn::Net::online).theta());
  pairs_->of.emplace(Side(objective_, std::move(a), network, pairs_->was.parameters, passes),
                     Side(objective_, std::move(b), network, pairs_->was.parameters, passes));
  pairs_->of->a.look_behind(passes);
  pairs_->of->b.look_behind(passes);
  if (asked_.step && objective_.bootstraps_from() == learn::Net::target) {
    pairs_->target.emplace(network, networks.of(learn::Net::target).theta());
    pairs_->behind_a = objective_.behind(pairs_->of->a.rows, learn::Net::target, passes);
    pairs_->behind_b = objective_.behind(pairs_->of->b.rows, learn::Net::target, passes);
  }
  add_terms(*pairs_);
  if (asked_.momentum) add_momentum(*pairs_);
  if (asked_.layers) add_layers(*pairs_);
}

void Evolving::add_terms(Pairs& pairs) {
  const PairsOfSides& of = *pairs.of;
  const Side &a = of.a, &b = of.b;
  Evolution& evolution = evolution_.emplace(Evolution{.a = a.rows, .b = b.rows});
  const at::Tensor scales = of.scales(), step = b.scale * b.scale;
  const auto r1 = [&](const at::Tensor& aims) {
    return in_double((of.first * a.moves(of.first, aims)).sum(2) * step);
  };
  const auto r2 = [&](const at::Tensor& aims) {
    return in_double(of.dots_with(b.moves_along_one(of.own.first, aims)) * scales);
  };
  at::Tensor live_a, live_b;
  if (a.live) {
    live_a = a.live->along_each(b.trace);
    live_b = b.live->along_each(b.trace).diagonal();
  }
  Terms& terms = evolution.terms;
  const at::Tensor bends = of.second + of.own_second;
  terms.r1 = r1(live_a), terms.r2 = r2(live_b), terms.r3 = in_double(scales * b.scale * bends);
  if (a.moves_as_live) {
    pairs.aims_a = live_a, pairs.aims_b = live_b;
  } else if (a.own) {
    pairs.aims_a = a.own->along_each(b.trace);
    pairs.aims_b = b.own->along_each(b.trace).diagonal();
  }
  const bool differs = a.live && !a.moves_as_live;
  terms.aims_move = a.live.has_value();
  terms.r1_own = differs ? r1(pairs.aims_a) : terms.r1;
  terms.r2_own = differs ? r2(pairs.aims_b) : terms.r2;
  evolution.interference = in_double(scales * of.dots);
  if (a.is_single) {
    terms.bar = in_double(-b.scale * bends);
    evolution.errors_a = in_double(a.scale), evolution.errors_b = in_double(b.scale);
  }
  evolution.distances = at::cdist(in_double(a.inputs).flatten(1), in_double(b.inputs).flatten(1));
  evolution.classes_a = classes_of(a.rows), evolution.classes_b = classes_of(b.rows);
}

/// What both sides move by along a vector: the number's gradients, and the loss's slopes at the outputs.
struct Evolving::AlongVector {
  trace::Tangent numbers;
  at::Tensor slopes;  // (n, p)
  AlongVector(const Side& side, const at::Tensor& vector, const at::Tensor& aims_move)
      : numbers(trace::tangent(side.passage, *trace::along(side.trace.layout, vector))),
        slopes(side.moves_along_one(numbers.first, aims_move)) {}
};

/// With b = grad J_B, D the derivative of grad J along a direction, and m = beta mu + (1 - beta) b.
void Evolving::add_momentum(const Pairs& pairs) {
  const PairsOfSides& of = *pairs.of;
  const Side &a = of.a, &b = of.b;
  const learn::Optimizer::Average average = subject_.average();
  const at::Tensor& mu = average.gradients;
  const double beta = average.beta, rest = 1 - beta;
  const auto aims = [&](const Side& side) {
    const auto& move = side.moves_as_live ? side.live : side.own;
    return move ? move->along(mu) : at::Tensor();
  };
  const AlongVector along_a(a, mu, aims(a)), along_b(b, mu, aims(b));
  const at::Tensor scales = of.scales();
  const at::Tensor bend = trace::cross_gram(along_a.numbers, b.trace) * scales;
  const at::Tensor b_mu = (of.first * along_a.slopes.unsqueeze(1)).sum(2) * b.scale + bend;  // b . D_A mu
  const at::Tensor mu_b =
      (along_a.numbers.first.unsqueeze(1) * a.moves(of.first, pairs.aims_a)).sum(2) * b.scale + bend;
  const at::Tensor mu_mu =
      (along_a.numbers.first * along_a.slopes).sum(1) + a.scale * trace::directional(along_a.numbers, mu);
  const at::Tensor a_mu = of.dots_with(along_b.slopes) * a.scale.unsqueeze(1) +
                          trace::cross_gram(along_b.numbers, a.trace).t() * scales;  // grad J_A . D_B mu
  const at::Tensor twice = scales * b.scale;
  const Terms& terms = evolution_->terms;
  const at::Tensor own_a = terms.r1_own + in_double(of.second * twice),
                   own_b = terms.r2_own + in_double(of.own_second * twice);
  const at::Tensor of_a = in_double(mu_mu).unsqueeze(1) * (beta * beta) +
                          in_double(b_mu + mu_b) * (beta * rest) + own_a * (rest * rest);
  evolution_->momentum = MomentumTerms{.beta = beta,
                                       .first = terms.total_own() * rest,
                                       .second = in_double(mu_b) * -beta,
                                       .step = -of_a - (in_double(a_mu) * beta + own_b * rest) * rest};
}

void Evolving::add_layers(const Pairs& pairs) {
  const PairsOfSides& of = *pairs.of;
  const Side &a = of.a, &b = of.b;
  const auto each = trace::along_each(b.trace);
  const trace::Shares held = trace::shares(a.passage, *each);
  const trace::Shares moved = trace::shares(a.passage, *each, a.moves(of.first, pairs.aims_a));
  const at::Tensor scales = of.scales(), twice = scales * b.scale, step = b.scale * b.scale;
  const trace::Trace at_b = b.passage.trace_of(b.moves_along_one(of.own.first, pairs.aims_b));
  LayerTerms layers{.layers = held.layers};
  std::vector<at::Tensor> r1, r2, r3;
  for (std::size_t l = 0; l < held.layers.size(); ++l) {
    const auto at = static_cast<std::int64_t>(l);
    const trace::Trace of_a = layer_of(a.trace, l);
    const trace::Tangent own{{}, layer_of(of.own.inputs, l), layer_of(of.own.gradients, l)};
    const auto mean = [](const at::Tensor& pairs) { return in_double(pairs).mean(); };
    r1.push_back(mean((moved.second[at] - held.second[at]) * step));
    r2.push_back(mean(trace::cross_gram(of_a, layer_of(at_b, l)) * scales));
    r3.push_back(mean((held.second[at] + trace::cross_gram(own, of_a).t()) * twice));
  }
  layers.r1 = at::stack(r1), layers.r2 = at::stack(r2), layers.r3 = at::stack(r3);
  evolution_->layers = std::move(layers);
}

/// Also where theta moved by more than SGD would have moved it, and the target by a copy. Aims that do not
/// move with one state's value each (a lambda-return's) are held.
void Evolving::add_step(const Pairs& pairs, learn::Passes& passes) {
  const PairsOfSides& of = *pairs.of;
  const Side &a = of.a, &b = of.b;
  const learn::Networks& networks = subject_.networks();
  const at::Tensor step = networks.of(learn::Net::online).theta() - pairs.was.theta;
  const auto aims = [&](const Side& side, const std::optional<learn::Objective::Behind>& behind) {
    if (!pairs.target) return side.live ? side.live->along(step) : at::Tensor();
    if (!behind) return at::Tensor();
    trace::Passage passage(networks.network(), pairs.target->parameters, behind->inputs);
    passage.back(behind->cotangent);
    return trace::directional(passage.trace(), networks.of(learn::Net::target).theta() - pairs.target->theta);
  };
  const AlongVector along_a(a, step, aims(a, pairs.behind_a)), along_b(b, step, aims(b, pairs.behind_b));
  const at::Tensor scales = of.scales();
  const at::Tensor of_a = (of.first * along_a.slopes.unsqueeze(1)).sum(2) * b.scale +
                          trace::cross_gram(along_a.numbers, b.trace) * scales;
  const at::Tensor of_b = of.dots_with(along_b.slopes) * a.scale.unsqueeze(1) +
                          trace::cross_gram(along_b.numbers, a.trace).t() * scales;
  const nn::Network& network = networks.network();
  const nn::Parameters& now = networks.of(learn::Net::online);
  const bool held = !a.live;
  const Side a_now(objective_, a.rows, network, now, passes, held ? &a.aims : nullptr);
  const Side b_now(objective_, b.rows, network, now, passes, held ? &b.aims : nullptr);
  const at::Tensor before = PairsOfSides::interference(a, b),  // the same way, so that rounding cancels
      after = PairsOfSides::interference(a_now, b_now);
  evolution_->step =
      StepTerms{.predicted = in_double(of_a + of_b), .came = in_double(after) - in_double(before)};
}

std::optional<Evolution> Evolving::ended(learn::Passes& passes) {
  if (!evolution_) return std::nullopt;
  if (asked_.step) add_step(*pairs_, passes);
  pairs_.reset();
  return std::exchange(evolution_, std::nullopt);
}

}  // namespace crosstalk::measure
