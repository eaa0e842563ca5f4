#include "measure/pairs_of_sides.hpp"

#include <ATen/ATen.h>

#include "trace/cross_gram.hpp"
#include "trace/directional.hpp"
#include "trace/steps.hpp"

namespace crosstalk::measure {
namespace {

AimsMove aims_move(const learn::Objective::Behind& behind, const nn::Network& network,
                   const nn::Parameters& parameters, double share) {
  AimsMove move{std::make_unique<trace::Passage>(network, parameters, behind.inputs), {}, share};
  move.passage->back(behind.cotangent);
  move.trace = move.passage->trace();
  return move;
}

}  // namespace

at::Tensor AimsMove::along_each(const trace::Trace& others) const {
  return trace::cross_gram(trace, others) * share;
}

at::Tensor AimsMove::along(const at::Tensor& vector) const {
  return trace::directional(trace, vector) * share;
}

Side::Side(const learn::Objective& objective, data::Rows of, const nn::Network& network,
           const nn::Parameters& parameters, learn::Passes& passes, const learn::Aims* held)
    : objective(objective),
      rows(std::move(of)),
      inputs([&] {
        at::Tensor slot;
        objective.inputs(rows, slot);
        return slot;
      }()),
      passage(network, parameters, inputs) {
  if (held != nullptr)
    aims = *held;
  else
    objective.aims(rows, passes, aims);
  learn::Pull pull;
  objective.pull(passage.output(), aims, learn::Over::samples, {}, pull);
  is_single = objective.prediction(passage.output(), aims, cotangent);
  if (is_single) {
    scale = pull.errors.squeeze(1);
  } else {
    half = pull.errors.defined() ? 0.5 : 1;
    cotangent = pull.cotangent * half;
    scale = at::ones({rows.size()}, cotangent.options());
  }
  cotangent = cotangent.contiguous();
  passage.back(cotangent);
  trace = passage.trace();
}

void Side::look_behind(learn::Passes& passes) {
  const nn::Network& network = passage.network;
  const auto behind = objective.behind(rows, learn::Net::online, passes);
  if (!behind) return;
  live = aims_move(*behind, network, passage.parameters, 1);
  moves_as_live = objective.bootstraps_from() == learn::Net::online;
  const double share = passes.networks().target_share();
  if (moves_as_live || share == 0) return;
  own = aims_move(*objective.behind(rows, learn::Net::target, passes), network,
                  passes.networks().of(learn::Net::target), share);
}

at::Tensor Side::moves(const at::Tensor& tangents, const at::Tensor& aims_move) const {
  if (!is_single) return objective.curve(passage.output(), aims, tangents) * half;
  const at::Tensor number = cotangent.unsqueeze(1);
  at::Tensor error = (tangents * number).sum(2);
  if (aims_move.defined()) error = error - aims_move;
  return error.unsqueeze(2) * number;
}

at::Tensor Side::moves_along_one(const at::Tensor& tangents, const at::Tensor& aims_move) const {
  return moves(tangents.unsqueeze(1), aims_move.defined() ? aims_move.unsqueeze(1) : aims_move).squeeze(1);
}

PairsOfSides::PairsOfSides(Side of_a, Side of_b) : a(std::move(of_a)), b(std::move(of_b)) {
  trace::Curvature pairs = trace::curvature(a.passage, *trace::along_each(b.trace));
  first = pairs.first, second = pairs.second;
  own = trace::tangent(b.passage, *trace::along_own(b.trace));
  own_second = trace::cross_gram(own, a.trace).t();
  dots = (first * a.cotangent.unsqueeze(1)).sum(2);
}

at::Tensor PairsOfSides::scales() const { return a.scale.unsqueeze(1) * b.scale; }

at::Tensor PairsOfSides::interference(const Side& a, const Side& b) {
  return trace::cross_gram(a.trace, b.trace) * (a.scale.unsqueeze(1) * b.scale);
}

at::Tensor PairsOfSides::dots_with(const at::Tensor& e) const {
  if (b.is_single) return dots * (e * b.cotangent).sum(1);
  return trace::cross_gram(a.trace, b.passage.trace_of(e));
}

}  // namespace crosstalk::measure
