#include "measure/probe.hpp"

#include <ATen/ATen.h>

#include "base/error.hpp"
#include "base/measures.hpp"
#include "measure/classes.hpp"
#include "measure/window.hpp"

namespace crosstalk::measure {
namespace {

/// `steps` beside each other, of a key, in an episode of those that are learned from.
void refuse_beyond(const Subject& subject, const char* key, std::int64_t said, std::int64_t steps) {
  const std::optional<std::int64_t> longest = subject.longest_episode();
  if (!longest || steps <= *longest) return;
  throw Error(ErrorKind::config, std::string(key) + " is " + std::to_string(said) +
                                     " where the longest episode that is learned from has " +
                                     std::to_string(*longest) + (*longest == 1 ? " step" : " steps") +
                                     ": give at most " + std::to_string(*longest - steps + said) +
                                     ", or leave out the measures that look along trajectories");
}

}  // namespace

Probe::Probe(std::vector<std::unique_ptr<Measure>> measures, Subject& subject, Function function,
             std::int64_t budget_bytes, Reach reach)
    : measures_(std::move(measures)),
      subject_(subject),
      reach_(std::move(reach)),
      passes_(subject.networks()),
      stack_(subject, function, budget_bytes),
      angles_(subject, function, budget_bytes),
      kernels_(subject, budget_bytes),
      batch_gradient_(subject) {
  for (const auto& measure : measures_) {
    measure->declare(needs_);
    const MeasureEntry* entry = find_measure(measure->name());
    if (entry == nullptr) continue;
    if (lists(entry->grams, "function")) needs_.gram(Gradient::function);
    if (lists(entry->grams, "loss")) needs_.gram(Gradient::loss);
  }
  refuse_what_is_not_there();
  if (needs_.wants_update())
    watch_.emplace(
        subject, reach_,
        Watch::Asked{needs_.wants_prediction(), needs_.wants_second_prediction(), needs_.wants_squares()});
  if (needs_.wants_evolution()) evolving_.emplace(subject, reach_.others, needs_.evolution_asked());
  if (needs_.wants_drift()) drift_.emplace(subject);
}

void Probe::refuse_what_is_not_there() const {
  if (needs_.wants_update() || !needs_.cosines().empty())
    refuse_beyond(subject_, "probe.offsets", reach_.offsets, reach_.offsets + 1);
  if (needs_.wants_window() || needs_.wants_targets())
    refuse_beyond(subject_, "probe.window", reach_.window, reach_.window);
  if (needs_.wants_memory() && !subject_.memory({}).defined())
    throw Error(ErrorKind::config,
                "probe.measures holds \"cosine.ram\", and nothing kept the console's memory here: give "
                "trajectories of an Atari game, which keep it, or leave it out");
}

Readings Probe::measure(std::int64_t step, bool last) {
  awaited_.reset();
  subject_.prepare(step);
  Evidence evidence{.last = last, .readout = subject_.readout()};
  if (needs_.wants_samples()) stack_.gather(needs_, passes_, evidence);
  if (needs_.wants_weights()) evidence.weights = weights_of(subject_.networks());
  evidence.numbers = subject_.numbers(needs_);
  if (needs_.wants_number("loss") && !evidence.numbers.contains("loss"))
    stack_.add_own_loss(needs_, passes_, evidence);
  gather_others(evidence);
  if (needs_.wants_window()) gather_windows(evidence);
  if (needs_.wants_targets()) gather_targets(evidence);
  gather_cosines(evidence);
  if (drift_) evidence.drifts = drift_->take();
  if (needs_.wants_classes()) gather_classes(evidence);
  if (needs_.wants_to_batch()) gather_to_batch(evidence);
  if (needs_.wants_kernel())
    for (Viewed& viewed : evidence.stack) viewed.kernel = kernels_.of(viewed.set.rows);
  Readings readings(step);
  for (const auto& measure : measures_) measure->measure(evidence, readings);
  await_change(step, std::move(evidence));
  return readings;
}

/// Where nothing is to be measured yet no update is waited for either: the first may be far away.
void Probe::await_change(std::int64_t step, Evidence evidence) {
  if (!needs_.wants_change() && !needs_.wants_update() && !needs_.wants_step() &&
      !needs_.wants_window_after() && !needs_.wants_evolution())
    return;
  if (evidence.stack.empty() && (needs_.wants_samples() || subject_.samples().empty())) return;
  awaited_ = {step, std::move(evidence), stack_.inputs()};
}

void Probe::gather_others(Evidence& evidence) {
  for (const std::string& name : needs_.outputs()) {
    std::optional<Set> set = subject_.set(name);
    if (!set) continue;
    set->rows.table->draw(set->rows.ids, data::At::before, passes_.inputs());
    const at::Tensor& output = passes_.output(learn::Net::online, passes_.inputs());
    const at::Tensor outputs = exact(learn::values_of(output, evidence.readout.atoms));
    evidence.others[name] = {.set = std::move(*set), .outputs = outputs};
  }
  if (!evidence.last) return;
  for (Viewed& viewed : evidence.stack) viewed.axis = subject_.axis(viewed.set);
}

void Probe::gather_windows(Evidence& evidence) {
  const learn::Objective* objective = subject_.objective("td");
  if (objective == nullptr) return;
  for (Viewed& viewed : evidence.stack)
    viewed.window = errors_along(*objective, viewed.set.rows, reach_.window, passes_);
}

/// Where outputs are no values there is no TD error, and what they are pulled by is no target of theirs. A
/// residual error, which moves its target, has that of the TD error.
void Probe::gather_targets(Evidence& evidence) {
  const learn::Objective *errors = subject_.objective("td"), *own = subject_.objective("own");
  if (errors == nullptr || own == nullptr) return;
  const learn::Objective& learned = own->looks_ahead() ? *errors : *own;
  for (Viewed& viewed : evidence.stack)
    viewed.targets = targets_along(learned, viewed.set.rows, reach_.window, passes_);
}

void Probe::gather_cosines(Evidence& evidence) {
  for (const Gradient gradient : needs_.cosines())
    for (Viewed& viewed : evidence.stack)
      viewed.cosines[gradient] = angles_.of(gradient, viewed.set.rows, reach_,
                                            needs_.wants_memory() && gradient == Gradient::function, passes_);
}

void Probe::gather_classes(Evidence& evidence) {
  for (Viewed& viewed : evidence.stack) viewed.classes = classes_of(viewed.set.rows);
}

/// Where what is learned from changes, its samples stand for it.
void Probe::gather_to_batch(Evidence& evidence) {
  if (evidence.stack.empty()) return;
  batch_gradient_.look(subject_.learned().value_or(evidence.stack.front().set), passes_);
  for (Viewed& viewed : evidence.stack) viewed.to_batch = batch_gradient_.cosines(viewed.set.rows, passes_);
}

void Probe::before(const learn::Update& update) {
  if (drift_) drift_->before(update, passes_);
  if (awaited_ && watch_) watch_->before(update, passes_);
  if (awaited_ && evolving_) evolving_->before(update, passes_);
}

void Probe::after(const learn::Update& update) {
  if (drift_) drift_->after(update, passes_);
  if (!awaited_) return;
  Evidence& evidence = awaited_->evidence;
  if (needs_.wants_change()) stack_.look_again(awaited_->inputs, evidence);
  if (needs_.wants_step())
    evidence.weights->after = exact(subject_.networks().of(learn::Net::online).theta());
  if (watch_) evidence.around = watch_->after();
}

/// The target has followed the step, where it does.
void Probe::ended() {
  if (!awaited_) return;
  Evidence& evidence = awaited_->evidence;
  for (Viewed& viewed : evidence.stack)
    if (needs_.wants_window_after() && viewed.window)
      viewed.window_after = errors_again(*subject_.objective("td"), *viewed.window, passes_);
  if (evolving_) evidence.evolution = evolving_->ended(passes_);
  change_ = Readings(awaited_->step);
  for (const auto& measure : measures_) measure->change(evidence, *change_);
  awaited_.reset();
}

void Probe::save(tensor::State& state) const {
  if (drift_) drift_->save(state);
}

void Probe::load(const tensor::State& state) {
  if (drift_) drift_->load(state);
}

}  // namespace crosstalk::measure
