#include "learn/learner.hpp"

namespace crosstalk::learn {

Learner::Learner(std::unique_ptr<Networks> networks, std::unique_ptr<Objective> objective,
                 std::unique_ptr<Source> source, std::unique_ptr<Descent> descent,
                 std::unique_ptr<Optimizer> optimizer)
    : networks_(std::move(networks)),
      objective_(std::move(objective)),
      source_(std::move(source)),
      descent_(std::move(descent)),
      optimizer_(std::move(optimizer)),
      passes_(*networks_, Passes::Under::noise) {}

const Update* Learner::tick(Watcher* watcher) {
  Update& update = update_;
  update.batch.weights.reset();
  update.batch.opens = false;
  if (!source_->next(update.batch)) return nullptr;
  if (update.batch.opens) networks_->opened();
  networks_->begun();
  objective_->aims(update.batch.rows, passes_, update.aims);
  objective_->inputs(update.batch.rows, update.inputs);
  const nn::Parameters& online = networks_->noisy(Net::online);
  networks_->network().forward(online, update.inputs, update.tape);
  objective_->pull(update.tape.output(), update.aims, Over::batch, update.batch.weights, update.pull);
  descent_->direct(*objective_, *networks_, update);
  if (watcher != nullptr) watcher->before(update);
  optimizer_->step(online.theta(), update.gradient);
  if (watcher != nullptr) watcher->after(update);
  networks_->stepped();
  if (watcher != nullptr) watcher->ended();
  source_->learned(update);
  return &update;
}

Clock Learner::clock() const {
  Clock clock;
  source_->count(clock);
  clock.updates = networks_->updates();
  return clock;
}

void Learner::save(tensor::State& state) const {
  networks_->save(state);
  state.put("source", tensor::saved(*source_));
  state.put("descent", tensor::saved(*descent_));
  tensor::State optimizer;
  optimizer.tensors = optimizer_->save();
  state.put("optimizer", optimizer);
}

void Learner::load(const tensor::State& state) {
  networks_->load(state);
  source_->load(state.part("source"));
  descent_->load(state.part("descent"));
  optimizer_->load(state.part("optimizer").tensors);
}

}  // namespace crosstalk::learn
