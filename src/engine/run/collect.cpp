#include "run/collect.hpp"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <fstream>
#include <iterator>

#include "base/clock.hpp"
#include "base/digest.hpp"
#include "base/environments.hpp"
#include "base/error.hpp"
#include "base/plain_file.hpp"
#include "base/text.hpp"
#include "learn/policy.hpp"
#include "replay/storing.hpp"
#include "replay/trajectories.hpp"
#include "run/expert.hpp"
#include "run/left_alone.hpp"
#include "run/open_retraced.hpp"

namespace crosstalk::run {
namespace {

/// Settings with the precision and the device that observations are drawn in.
Settings drawn_as(const CollectOrder& order, at::ScalarType type) {
  Json flat = order.settings.flat();
  flat["runtime.precision"] =
      word_for(precisions, type == at::kFloat ? Precision::single_precision : Precision::double_precision);
  return Settings(flat);
}

class Collecting {
 public:
  Collecting(const CollectOrder& order, CollectWatcher& watcher);
  Collected go();

 private:
  Json recipe() const;
  void copy_expert() const;
  /// A whole episode; nothing where it is stopped, or goes over what is left.
  std::optional<replay::Gathered> episode();
  replay::Gathered::Seen see();
  Json positions() const { return {{"levels", levels_.position()}, {"actions", actions_.position()}}; }

  const CollectOrder& order_;
  CollectWatcher& watcher_;
  std::unique_ptr<Expert> expert_;
  std::unique_ptr<env::Retraced> environment_;
  std::optional<std::string> unrepeatable_;
  std::int64_t cut_in_trials_ = 0;  // of the episodes by which it is seen that they can be had again
  bool console_;                    // its frames are known, and its score
  std::unique_ptr<replay::Storing> storing_;
  tensor::Stream levels_, actions_;
  std::uint64_t level_count_;
  learn::EpsilonGreedy policy_;
  bool stopped_ = false, copied_ = false;
  // What is seen now.
  std::optional<replay::Trajectories> shown_;
  std::vector<std::byte> record_;
  std::vector<std::uint8_t> ram_;
  std::vector<double> values_;
  std::vector<float> stored_values_;
};

Collecting::Collecting(const CollectOrder& order, CollectWatcher& watcher)
    : order_(order),
      watcher_(watcher),
      environment_(open_retraced(order.settings, order.file, /*tries=*/true)),
      unrepeatable_(environment_->unrepeatable()),
      console_(world_of(order.settings.text("task.environment")) == "atari:"),
      levels_(order.seed, "collect/levels"),
      actions_(order.seed, "collect/actions"),
      level_count_(static_cast<std::uint64_t>(environment_->spaces().levels)),
      policy_({environment_->spaces().choices.front()},
              {.from = order.expert ? order.epsilon : 1, .to = order.expert ? order.epsilon : 1, .steps = 1}),
      record_(environment_->drawing()->bytes()) {
  const std::string name = order.settings.text("task.environment");
  if (const std::int64_t learned = levels_to_learn_on(order.settings); learned > 0)
    level_count_ = std::min(level_count_, static_cast<std::uint64_t>(learned));
  if (order.expert) {
    expert_ = std::make_unique<Expert>(*order.expert, order.settings.text("runtime.device"), name, order.task,
                                       environment_->spaces());
    if (expert_->type() != type_of(order.settings))  // observations are drawn as its network takes them
      environment_ = open_retraced(drawn_as(order, expert_->type()), order.file, /*tries=*/false);
  }
  if (order.ram) {
    environment_->reset(1);
    ram_ = environment_->player().memory();
    if (ram_.empty())
      throw Error(ErrorKind::config, "--ram: " + name +
                                         " has no console whose memory could be kept; an atari: "
                                         "game has.");
  }
  cut_in_trials_ = environment_->cut();
  storing_ = std::make_unique<replay::Storing>(order.folder, recipe(), /*scores=*/console_);
  if (const Json& there = storing_->collector(); !there.is_null()) {
    levels_.seek(there.at("levels").get<std::uint64_t>());
    actions_.seek(there.at("actions").get<std::uint64_t>());
  }
}

Json Collecting::recipe() const {
  Json policy = {{"kind", "random"}};
  if (expert_) {
    policy = expert_->about();
    policy["kind"] = "expert", policy["epsilon"] = order_.epsilon,
    policy["file"] = TrajectorySet::expert_name;
  }
  Json versions = {{"crosstalk", CROSSTALK_VERSION}, {"torch", CROSSTALK_TORCH_VERSION}};
  const std::string name = order_.settings.text("task.environment");
  for (const auto& [package, version] : env::versions_of(name)) versions[package] = version;
  Json recipe = {{"environment", name},
                 {"task", order_.task},
                 {"policy", policy},
                 {"seed", order_.seed},
                 {"requested", order_.transitions},
                 {"versions", versions},
                 {"observation", env::to_json(environment_->player().form())},
                 {"actions", environment_->spaces().choices.front()},
                 {"discount of values", expert_ ? Json(expert_->discount()) : Json()},
                 {"frames", console_ ? order_.settings.count("task.frame-skip") : 0},
                 {"ram", ram_.size()},
                 {"lossy", false}};
  if (!order_.file.sha256.empty()) recipe["class"] = order_.file.sha256;
  return recipe;
}

void Collecting::copy_expert() const {
  const std::filesystem::path copy = order_.folder / TrajectorySet::expert_name;
  std::error_code ignored;
  if (std::filesystem::exists(copy, ignored)) {
    if (no_plain_file(copy).empty() && sha256_of_file(copy) == expert_->about().at("sha256")) return;
    throw Error(ErrorKind::data,
                copy.string() + " is no copy of " + order_.expert->string() +
                    ": it is damaged, or another expert's. Move it away, or give another --out.");
  }
  std::ifstream file(*order_.expert, std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(file), {});
  if (sha256(bytes) != expert_->about().at("sha256"))
    throw Error(ErrorKind::data, order_.expert->string() + " was changed while it was read.");
  write_draft(copy, bytes);
}

replay::Gathered::Seen Collecting::see() {
  environment_->record(record_.data());
  if (order_.ram) ram_ = environment_->player().memory();
  if (expert_) {
    shown_->now(expert_->inputs());
    const at::Tensor values = expert_->values(expert_->inputs());
    const auto* from = values.const_data_ptr<double>();
    values_.assign(from, from + values.numel());
    stored_values_.assign(values_.begin(), values_.end());
  }
  return {record_, ram_, stored_values_};
}

std::optional<replay::Gathered> Collecting::episode() {
  const std::int64_t left = order_.transitions - storing_->steps();
  if (left == 0) return std::nullopt;
  replay::Gathered steps(storing_->form());
  // Of an episode no more than what is seen now is needed, to look at it.
  shown_.emplace(environment_->drawing(), environment_->spaces().choices, at::kDouble,
                 replay::Keeping{.capacity = 1});
  const std::uint64_t seed = levels_.below(level_count_);
  environment_->reset(seed);
  shown_->begin(*environment_);
  steps.begin(seed, see());
  std::int64_t action = 0;
  for (env::Outcome outcome; !outcome.ended();) {
    if (steps.steps() == left) return std::nullopt;
    if (watcher_.asked_to_stop(storing_->steps() + steps.steps(), storing_->episodes())) {
      stopped_ = true;
      return std::nullopt;
    }
    policy_.act([&]() -> std::span<const double> { return values_; }, actions_, 0, {&action, 1});
    outcome = environment_->step({&action, 1});
    shown_->add({&action, 1}, outcome, *environment_);
    const std::vector<std::int64_t> executed =
        console_ ? environment_->player().executed() : std::vector<std::int64_t>();
    steps.add(action, outcome, see(), executed);
  }
  return steps;
}

Collected Collecting::go() {
  const auto collected = [&](Ending ending, bool was_complete = false) {
    return Collected{ending, storing_->steps(), storing_->episodes(), was_complete};
  };
  if (storing_->complete()) return collected(Ending::done, true);
  if (unrepeatable_) watcher_.remark(*unrepeatable_);
  double kept = coarse_seconds();
  while (const auto steps = episode()) {
    const NotYet ends;
    if (expert_ && !std::exchange(copied_, true)) copy_expert();
    storing_->add(*steps, positions());
    if (coarse_seconds() - kept < order_.checkpoint_seconds) continue;
    storing_->keep();
    kept = coarse_seconds();
  }
  const NotYet ends;
  if (stopped_) {
    storing_->keep();
    return collected(Ending::stopped);
  }
  if (storing_->episodes() == 0)
    throw Error(
        ErrorKind::config,
        "--transitions " + std::to_string(order_.transitions) + ": the first episode of " +
            order_.settings.text("task.environment") +
            " is longer, and only whole ones are stored. Ask for more" +
            (order_.task.contains("task.episode-steps") ? ", or give a smaller task.episode-steps." : "."));
  storing_->finish();
  if (const std::int64_t cut = environment_->cut() - cut_in_trials_; cut > 0)
    watcher_.remark(with_commas(cut) + " of the episodes were cut after task.episode-steps = " +
                    with_commas(order_.settings.count("task.episode-steps")) + " steps");
  return collected(Ending::done);
}

}  // namespace

CollectOrder CollectOrder::read(const Json& message) {
  CollectOrder order{.folder = message.at("folder").get<std::string>(),
                     .settings = Settings(message.at("configuration")),
                     .task = message.at("task"),
                     .seed = message.at("seed"),
                     .transitions = message.at("transitions"),
                     .epsilon = message.at("epsilon"),
                     .checkpoint_seconds = message.at("checkpoint_seconds"),
                     .ram = message.at("ram")};
  if (const Json& expert = message.at("expert"); !expert.is_null()) order.expert = expert.get<std::string>();
  if (const auto own = message.find("environment"); own != message.end())
    order.file = {own->at("file").get<std::string>(), own->at("sha256").get<std::string>()};
  return order;
}

Collected collect(const CollectOrder& order, CollectWatcher& watcher) {
  at::set_num_threads(
      static_cast<int>(std::clamp<std::int64_t>(order.settings.count("runtime.threads"), 1, 1024)));
  return Collecting(order, watcher).go();
}

}  // namespace crosstalk::run
