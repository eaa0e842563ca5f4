#include "measure/watch.hpp"

#include <ATen/ATen.h>

#include "base/error.hpp"
#include "measure/blocks.hpp"
#include "trace/directional.hpp"
#include "trace/steps.hpp"

namespace crosstalk::measure {
namespace {

/// Puts the numbers of some rows of a block where they belong.
void put(const at::Tensor& numbers, const at::Tensor& places, std::int64_t first, const at::Tensor& all) {
  all.index_copy_(0, places + first, numbers.to(at::kCPU, at::kDouble));
}

}  // namespace

Watch::Watch(Subject& subject, const Reach& reach, Asked asked)
    : subject_(subject), network_(subject.networks().network()), reach_(reach), asked_(asked) {
  if (asked.second) network_.refuse_without_jets();
  const learn::Objective* own = subject.objective("own");
  const bool moves = own != nullptr && (own->looks_ahead() || own->live() != nullptr);
  for (const std::string& name : reach.losses) {
    const learn::Objective* objective = subject.objective(name);
    if (objective == nullptr)
      throw Error(ErrorKind::config,
                  "probe.losses holds \"" + name + "\", which is none of this run's losses");
    losses_.push_back({name, moves && objective->live() != nullptr ? objective->live() : objective, {}, {}});
  }
  if (const learn::Objective* errors = subject.objective("td"); asked.squares && errors != nullptr)
    losses_.push_back({"td", errors, {}, {}, /*squares=*/true});
}

template <class Visit>
void Watch::each_block(Visit visit) const {
  const std::int64_t all = around_.near.rows.size();
  for (Block block{0, 0, 0}; block.first < all; ++block.number, block.first += block.count) {
    block.count = std::min(rows_at_once, all - block.first);
    visit(block);
  }
}

void Watch::before(const learn::Update& update, learn::Passes& passes) {
  const data::Rows& batch = update.batch.rows;
  const auto around = [&](std::span<const data::Id> beside) {
    return neighbours(batch, -reach_.offsets, reach_.offsets, beside);
  };
  const std::vector<data::Id> others = subject_.others(around({}).rows, reach_.others);
  around_ = {.near = around(others)};
  for (const data::Id row : others) around_.others.push_back(place_in(around_.near.rows, row));
  theta_ = subject_.networks().of(learn::Net::online).theta().clone();
  const std::int64_t rows = around_.near.rows.size();
  for (Loss& loss : losses_) {
    loss.held.clear();
    loss.change = {.defined = at::zeros({rows}, at::kBool),
                   .before = at::zeros({rows}, at::kDouble),
                   .after = at::zeros({rows}, at::kDouble)};
    if (asked_.first && !loss.squares) loss.change.predicted = at::zeros({rows}, at::kDouble);
    if (asked_.second && !loss.squares) loss.change.second = at::zeros({rows}, at::kDouble);
    each_block([&](const Block& block) {
      const Held& held = loss.held.emplace_back(this->held(*loss.objective, block, passes));
      loss.change.defined.index_fill_(0, held.aimed.places + block.first, true);
    });
  }
}

Watch::Held Watch::held(const learn::Objective& objective, const Block& block, learn::Passes& passes) const {
  Held held{.aimed = aimed_rows(objective, *around_.near.rows.table, ids_of(block))};
  if (!held.aimed.empty()) objective.aims(held.aimed.rows, passes, held.aims);
  return held;
}

std::span<const data::Id> Watch::ids_of(const Block& block) const {
  return {around_.near.rows.ids.data() + block.first, static_cast<std::size_t>(block.count)};
}

Around Watch::after() {
  step_ = subject_.networks().of(learn::Net::online).theta() - theta_;
  const nn::Parameters was(network_, theta_);
  each_block([&](const Block& block) {
    look(block, was);
    for (Loss& loss : losses_)
      if (loss.objective->looks_ahead()) look_ahead(loss, block, was);
  });
  for (Loss& loss : losses_) {
    if (loss.squares)
      around_.squares = std::move(loss.change);
    else
      around_.changes[loss.name] = std::move(loss.change);
  }
  return std::move(around_);
}

/// (n): the mean over choices of the errors (n, H).
at::Tensor Watch::squares_of(const at::Tensor& errors) { return errors.square().mean(1); }

/// The losses at s, which share their passes.
void Watch::look(const Block& block, const nn::Parameters& was) {
  bool drawn = false;
  std::optional<trace::Jet> moves;  // of the outputs, where a second order is asked for
  for (const bool before : {true, false}) {
    bool passed = false;
    for (Loss& loss : losses_) {
      const Held& held = loss.held[block.number];
      if (loss.objective->looks_ahead() || held.aimed.empty()) continue;
      if (!std::exchange(drawn, true))
        around_.near.rows.table->draw(ids_of(block), data::At::before, inputs_);
      if (!std::exchange(passed, true))
        network_.forward(before ? was : subject_.networks().of(learn::Net::online), inputs_, tape_);
      const learn::Pull pull = this->pull(loss, block);
      put(loss.of(pull), held.aimed.places, block.first, before ? loss.change.before : loss.change.after);
      if (!before || !loss.change.predicted.defined()) continue;
      const at::Tensor places = held.aimed.places.to(pull.cotangent.device());
      const at::Tensor cotangent = at::zeros_like(tape_.output()).index_copy_(0, places, pull.cotangent);
      put(slopes(was, cotangent).neg().index_select(0, places), held.aimed.places, block.first,
          loss.change.predicted);
      if (!loss.change.second.defined()) continue;
      if (!moves) moves = outputs_move(was);
      const auto of_aimed = [&](const at::Tensor& all) { return all.index_select(0, places); };
      add_second(loss, block, {of_aimed(moves->first), of_aimed(moves->second)}, of_aimed(tape_.output()),
                 pull);
    }
  }
}

/// A loss at s and at what follows it.
void Watch::look_ahead(Loss& loss, const Block& block, const nn::Parameters& was) {
  const Held& held = loss.held[block.number];
  if (held.aimed.empty()) return;
  loss.objective->inputs(held.aimed.rows, inputs_);
  network_.forward(was, inputs_, tape_);
  const learn::Pull before = pull(loss, block);
  put(before.losses, held.aimed.places, block.first, loss.change.before);
  if (asked_.first) {
    const at::Tensor all = slopes(was, before.cotangent).view({-1, held.aimed.rows.size()});  // of each state
    put(all.sum(0).neg(), held.aimed.places, block.first, loss.change.predicted);
    if (asked_.second) add_second(loss, block, outputs_move(was), tape_.output(), before);
  }
  network_.forward(subject_.networks().of(learn::Net::online), inputs_, tape_);
  put(pull(loss, block).losses, held.aimed.places, block.first, loss.change.after);
}

/// By what the tape says of the block.
learn::Pull Watch::pull(const Loss& loss, const Block& block) const {
  const Held& held = loss.held[block.number];
  const at::Tensor& output = tape_.output();
  learn::Pull pull;
  loss.objective->pull(
      loss.objective->looks_ahead() ? output : output.index_select(0, held.aimed.places.to(output.device())),
      held.aims, learn::Over::samples, {}, pull);
  return pull;
}

/// What the outputs for inputs_ move by along the step.
trace::Jet Watch::outputs_move(const nn::Parameters& was) const {
  return trace::jet(trace::Passage(network_, was, inputs_), *trace::along(network_.layout(), step_));
}

/// - grad L . step - 1/2 (c . f'' + f' . C f'), c the loss's gradient at the outputs and C its Hessian there.
void Watch::add_second(Loss& loss, const Block& block, const trace::Jet& outputs, const at::Tensor& output,
                       const learn::Pull& pull) {
  const Held& held = loss.held[block.number];
  const at::Tensor curved = loss.objective->curve(output, held.aims, outputs.first);
  const at::Tensor bent = (outputs.second * pull.cotangent.unsqueeze(1) + outputs.first * curved).sum({1, 2});
  const at::Tensor each = bent.view({-1, held.aimed.rows.size()}).sum(0).to(at::kCPU, at::kDouble);
  const at::Tensor first = loss.change.predicted.index_select(0, held.aimed.places + block.first);
  put(first - each / 2, held.aimed.places, block.first, loss.change.second);
}

/// grad L . step of each sample of the pass that is on the tape.
at::Tensor Watch::slopes(const nn::Parameters& was, const at::Tensor& cotangent) {
  network_.backward(was, tape_, cotangent, gradients_);
  return trace::directional(trace::make_trace(network_, was, tape_, gradients_), step_);
}

}  // namespace crosstalk::measure
