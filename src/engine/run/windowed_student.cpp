#include <ATen/ATen.h>
#include <ATen/Version.h>
#include <unistd.h>

#include "data/subset.hpp"
#include "learn/relived.hpp"
#include "run/checkpoint.hpp"
#include "run/state_file.hpp"
#include "run/windowed_task.hpp"
#include "tensor/arithmetic.hpp"

namespace crosstalk::run {
namespace {

const char* const life_word = "life of an agent";

/// Who an agent's life belongs to, whatever is measured of it. On another machine it could have other bits.
Identity identity_of(const Json& agent, std::uint64_t seed) {
  Json lived = agent;
  std::erase_if(lived.get_ref<Json::object_t&>(),
                [](const auto& key) { return key.first.starts_with("probe."); });
  const std::string machine =
      std::string(CROSSTALK_TORCH_VERSION) + at::get_cpu_capability() + tensor::arithmetic();
  return identity("life", lived, seed, machine);
}

/// The life of another agent at images: its steps as it learned, or at least as many of the policy that it
/// ended with; and test episodes of that policy.
class WindowedLife final : public learn::Life {
 public:
  /// `lives`: the folder where it lies for other runs too, or comes to lie; empty: nowhere.
  WindowedLife(const Settings& agent, std::uint64_t seed, const data::Dataset& dataset, bool last_policy,
               const std::filesystem::path& lives)
      : agent_(agent, seed, dataset, /*remembers=*/true),
        who_(identity_of(agent.flat(), seed)),
        file_(lives.empty() ? lives : lives / (who_.what.substr(0, 16) + ".safetensors")),
        played_(agent_.training_steps()),
        tests_(agent_.test_steps()),
        steps_(last_policy ? played_ : agent_.life()) {}

  void live() override;
  const replay::Trajectories& steps() const override { return steps_; }
  const replay::Trajectories& tests() const { return tests_; }
  at::Tensor values_at(const data::Rows& rows, data::At at) { return agent_.values_at(rows, at); }

  void save(tensor::State& state) const override;
  void load(const tensor::State& state) override;

 private:
  bool has_lived() const { return tests_.end() > 0; }
  const at::Tensor& theta() const { return agent_.networks().of(learn::Net::online).theta(); }
  /// Whether it lay in the file, whole.
  bool recall();
  void record() const;

  WindowedAgent agent_;
  Identity who_;
  std::filesystem::path file_;
  replay::Trajectories played_, tests_;  // by its last policy
  replay::Trajectories& steps_;          // to learn from
};

void WindowedLife::live() {
  if (has_lived()) return;
  if (!recall()) {
    agent_.live();
    record();
  }
  if (&steps_ == &played_) agent_.play_on(agent_.length().count, played_);
  agent_.play_on_tests(tests_);
}

bool WindowedLife::recall() {
  std::error_code ignored;
  if (file_.empty() || !std::filesystem::exists(file_, ignored)) return false;
  try {
    const auto [about, state] = StateFile::read(tensor::SafetensorsFile(file_), life_word);
    if (about.value("identity", Json()) != who_.what) return false;
    replay::Trajectories whole = agent_.training_steps();
    whole.load(state.part("steps"));  // before anything of the agent is touched
    tensor::load_into(theta(), state, "theta");
    agent_.life() = std::move(whole);
    return true;
  } catch (const Error&) {
    return false;  // it is damaged, and is lived anew
  }
}

/// What cannot be written is lived by each run that needs it.
void WindowedLife::record() const try {
  if (file_.empty()) return;
  std::filesystem::create_directories(file_.parent_path());
  tensor::State state;
  state.put("steps", tensor::saved(agent_.life()));
  state.tensors["theta"] = theta();
  // Others may live it at the same time: each writes a file of its own, and any of them is the life.
  std::filesystem::path own = file_;
  own.replace_filename(file_.stem().string() + "-" + std::to_string(::getpid()) + ".safetensors");
  StateFile::write(own, state, {{"what", life_word}, {"identity", who_.what}});
  std::filesystem::rename(own, file_);
} catch (const Unwritten&) {
} catch (const std::filesystem::filesystem_error&) {
}

void WindowedLife::save(tensor::State& state) const {
  if (!has_lived()) return;
  state.put("steps", tensor::saved(steps_));
  state.put("tests", tensor::saved(tests_));
  state.tensors["theta"] = theta();
}

void WindowedLife::load(const tensor::State& state) {
  if (state.part("tests").tensors.empty()) return;
  steps_.load(state.part("steps"));
  tests_.load(state.part("tests"));
  tensor::load_into(theta(), state, "theta");
}

/// Its network and minibatches are those of another seed than the agent's, whose life would come out again.
std::uint64_t own_seed(std::uint64_t seed) {
  return tensor::Stream(seed, "student").below(std::uint64_t{1} << 62);
}

class WindowedStudent final : public WindowedTask {
 public:
  WindowedStudent(const Settings& settings, std::uint64_t seed, const data::Dataset& dataset,
                  const std::filesystem::path& lives);

  std::vector<measure::Set> samples() override;
  std::vector<data::Id> others(const data::Rows& apart_from, std::int64_t count) override;

 private:
  std::vector<data::Id> drawn_like(data::Id like, std::int64_t count, tensor::Stream& drawing) const override;

  WindowedLife life_;
  std::int64_t replay_;  // learn::Relived has it
  learn::Lessons lessons_;
};

WindowedStudent::WindowedStudent(const Settings& settings, std::uint64_t seed, const data::Dataset& dataset,
                                 const std::filesystem::path& lives)
    : WindowedTask(settings, own_seed(seed), seed, dataset),
      life_(Settings(settings.flat().at("agent")), seed, dataset,
            settings.word("task.behaviour", behaviours) == Behaviour::last_policy, lives),
      replay_(learn::Relived::Settings::read(settings).replay) {
  lessons_.life = &life_;
  lessons_.known = [this](const data::Rows& rows, data::At at) { return life_.values_at(rows, at); };
  learn::Ground taught = ground();
  taught.lessons = &lessons_;
  make_learner(taught, life_.steps());
}

/// Steps that could have been learned from by now, and as many of test episodes by the agent's last policy;
/// none before it has learned from any.
std::vector<measure::Set> WindowedStudent::samples() {
  if (networks().updates() == 0) return {};
  const std::int64_t count = settings().count("probe.samples");
  tensor::Stream drawing = stream("probe/train");
  return {{"train", {&life_.steps(), drawn_like(0, count, drawing)}}, set_of_tests(life_.tests())};
}

std::vector<data::Id> WindowedStudent::others(const data::Rows& apart_from, std::int64_t count) {
  if (apart_from.table != &life_.steps()) return {};
  return AgentTask::others(apart_from, count);
}

std::vector<data::Id> WindowedStudent::drawn_like(data::Id /*like*/, std::int64_t count,
                                                  tensor::Stream& drawing) const {
  const auto [first, end] = learn::Relived::reach(life_.steps(), learner().clock().steps, replay_);
  std::vector<data::Id> rows = data::random_rows(end - first, count, drawing);
  for (data::Id& row : rows) row += first;
  return rows;
}

}  // namespace

std::unique_ptr<Task> windowed_task(const Settings& settings, std::uint64_t seed,
                                    const data::Dataset& dataset, const std::filesystem::path& lives) {
  // Parameters kept by older runs do not say it.
  const bool is_taught = settings.is_said("task.behaviour") && !settings.is("task.behaviour", "own");
  if (is_taught) return std::make_unique<WindowedStudent>(settings, seed, dataset, lives);
  return std::make_unique<WindowedAgent>(settings, seed, dataset);
}

}  // namespace crosstalk::run
