#include "run/expert.hpp"

#include <ATen/ATen.h>

#include "base/digest.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "learn/learners.hpp"

namespace crosstalk::run {
namespace {

const char* const mend =
    "An expert is a file that a run with probe.keep left in its results folder, kept/RUN/STEP.safetensors.";

std::string shape(const std::vector<std::int64_t>& extents) {
  std::string text = "(";
  for (std::size_t i = 0; i < extents.size(); ++i) text += (i == 0 ? "" : ", ") + std::to_string(extents[i]);
  return text + ")";
}

}  // namespace

Expert::Expert(const std::filesystem::path& file, const std::string& device, const std::string& name,
               const Json& task, const env::Spaces& spaces)
    : file_(file, mend) {
  file_.check_contents();
  try {
    read_about();
    check_environment(name, task, spaces);
    make(spaces, device);
  } catch (const Json::exception& error) {
    file_.refuse(std::string("describes itself in a way that cannot be read (") + error.what() + ")");
  }
  read_theta();
}

void Expert::refuse(const std::string& why) const {
  throw Error(ErrorKind::config, "the expert " + file_.path().string() + " " + why);
}

void Expert::read_about() {
  const auto found = file_.metadata().find("crosstalk");
  kept_ = found == file_.metadata().end() ? Json() : read_json(found->second);
  if (!kept_.is_object() || kept_.value("what", "") != "measurement")
    file_.refuse("is no file of a measurement that was kept");
  const Json& configuration = kept_.at("configuration");
  about_ = {{"run", kept_.at("run")},
            {"step", kept_.at("step")},
            {"network", kept_.at("layers")},
            {"algorithm", configuration.at("learner.algorithm")},
            {"sha256", sha256_of_file(file_.path())}};
}

void Expert::check_environment(const std::string& name, const Json& task, const env::Spaces& spaces) const {
  const Json& configuration = kept_.at("configuration");
  const std::string kind = configuration.at("task.kind");
  const auto its = configuration.find("task.environment");
  if (kind != "control" || its == configuration.end() || !its->is_string())
    refuse("learned no control of an environment: its task.kind is \"" + cut(kind) + "\"");
  if (*its != name)
    refuse("learned in " + cut(its->get<std::string>()) + ", and is to play " + name +
           ". Give one that learned there, or another --env.");
  for (const auto& [key, value] : task.items()) {
    const auto own = configuration.find(key);
    if (own != configuration.end() && *own != value && key != "task.episode-steps")
      refuse("learned with " + key + " = " + cut(own->dump()) + ", and is to play with " + cut(value.dump()) +
             ": give the task.* keys that it learned with, or another expert.");
  }
  const auto input = kept_.at("input").get<std::vector<std::int64_t>>();
  if (input != spaces.observation)
    refuse("sees observations " + shape(input) + " where " + name + " shows " + shape(spaces.observation) +
           ": give the task.* keys that it learned with, or another expert.");
  const auto heads = kept_.at("heads").get<std::vector<std::int64_t>>();
  if (heads != spaces.choices)
    refuse("chooses among " + shape(heads) + " actions where " + name + " has " + shape(spaces.choices) +
           ": give the task.* keys that it learned with (task.actions), or another expert.");
}

void Expert::make(const env::Spaces& spaces, const std::string& device) {
  Json flat = kept_.at("configuration");
  flat["runtime.device"] = device;
  const Settings settings(flat);
  const auto seed = kept_.at("seed").get<std::uint64_t>();
  values_ = learn::values_of_actions(settings, spaces.choices.front());
  model_ = approximation_of_values(settings, seed, spaces.observation, outputs_of(values_));
  const learn::AgentParts parts = learn::agent_parts({.settings = settings,
                                                      .kind = TaskKind::control,
                                                      .seed = seed,
                                                      .values = values_,
                                                      .like = model_->parameters.theta().options()});
  if (!parts.outputs_are_values)
    refuse("learned by " + about_.at("algorithm").get<std::string>() +
           ", whose outputs are no values of actions: give one that learns Q, such as dqn.");
  discount_ = settings.number("learner.gamma");
  networks_ = std::make_unique<learn::Networks>(model_->network, model_->parameters);
  passes_ = std::make_unique<learn::Passes>(*networks_);
}

void Expert::read_theta() const {
  const tensor::Layout& layout = model_->network.layout();
  for (std::size_t i = 0; i < layout.segments().size(); ++i) {
    const std::string& name = layout.segments()[i].name;
    const at::Tensor there = layout.view(model_->parameters.theta(), i);
    if (!file_.has(name)) file_.refuse("holds no \"" + name + "\", which its network has");
    const at::Tensor kept = file_.tensor(name);
    if (kept.sizes() != there.sizes() || kept.scalar_type() != there.scalar_type())
      file_.refuse("holds \"" + name + "\" as " + shape(kept.sizes().vec()) + " where its network has " +
                   shape(there.sizes().vec()));
    if (!kept.isfinite().all().item<bool>())
      file_.refuse("holds what is no finite number in \"" + name + "\"");
    there.copy_(kept);
  }
}

at::Tensor Expert::values(const at::Tensor& observations) {
  const at::Tensor& output = passes_->output(learn::Net::online, observations);
  return learn::values_of(output, values_.atoms).to(at::kCPU, at::kDouble).contiguous();
}

}  // namespace crosstalk::run
