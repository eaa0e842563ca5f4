#include "learn/eligibility.hpp"

#include <ATen/ATen.h>

#include "base/error.hpp"
#include "trace/gradient.hpp"

namespace crosstalk::learn {

void Eligibility::direct(const Objective& objective, const Networks& networks, Update& update) {
  const data::Rows& rows = update.batch.rows;
  if (rows.size() != 1 || !update.pull.errors.defined() || update.pull.errors.numel() != 1 ||
      !objective.prediction(update.tape.output(), update.aims, prediction_))
    throw Error(ErrorKind::config,
                "eligibility traces need one step a batch and one error a step: they go with "
                "learner.algorithm = \"td-lambda\"");
  const nn::Parameters& online = networks.noisy(Net::online);
  if (!along_.defined()) along_ = at::zeros_like(online.theta());
  if (!trace_.defined()) trace_ = at::zeros_like(online.theta());
  networks.network().backward(online, update.tape, prediction_, update.gradients);
  trace::gradient_into(networks.network(), online, update.tape, update.gradients, along_);
  const bool goes_on = rows.table->neighbour(rows.ids.front(), -1).has_value();
  trace_.mul_(goes_on ? decay_ : 0).add_(along_);
  double error = update.pull.errors.item<double>();
  if (update.batch.weights.defined()) error *= update.batch.weights.item<double>();
  update.gradient = trace_ * error;
}

void Eligibility::save(tensor::State& state) const {
  if (trace_.defined()) state.tensors["trace"] = trace_;
}

void Eligibility::load(const tensor::State& state) {
  const auto saved = state.tensors.find("trace");
  trace_ = saved == state.tensors.end() ? at::Tensor() : saved->second.clone();
}

}  // namespace crosstalk::learn
