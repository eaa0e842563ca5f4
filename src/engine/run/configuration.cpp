#include "run/configuration.hpp"

#include <limits>
#include <set>

#include "base/error.hpp"

namespace crosstalk::run {
namespace {

/// Takes keys out of a flat object, notes what is wrong with them, and in the end which are left.
class Reader {
 public:
  explicit Reader(const Json& flat) : flat_(flat) {
    if (!flat.is_object())
      throw Error(ErrorKind::config, "the run's configuration is " + flat.dump() + ", no object of keys");
  }

  std::int64_t count(const char* key, std::int64_t least = 1) {
    const Json& value = take(key);
    if (value.is_number_integer() && value.get<std::int64_t>() >= least && !too_large(value))
      return value.get<std::int64_t>();
    wrong(key, value, "an integer of at least " + std::to_string(least));
    return least;
  }
  double number(const char* key) {
    const Json& value = take(key);
    if (value.is_number() && std::isfinite(value.get<double>())) return value.get<double>();
    wrong(key, value, "a number");
    return 0;
  }
  std::string text(const char* key) {
    const Json& value = take(key);
    if (value.is_string()) return value.get<std::string>();
    wrong(key, value, "a text");
    return "";
  }
  std::vector<std::string> texts(const char* key) {
    const Json& value = take(key);
    const auto is_text = [](const Json& item) { return item.is_string(); };
    if (value.is_array() && std::all_of(value.begin(), value.end(), is_text))
      return value.get<std::vector<std::string>>();
    wrong(key, value, "a list of texts");
    return {};
  }
  std::optional<std::int64_t> count_or_all(const char* key) {
    if (flat_.contains(key) && flat_.at(key) == "all") {
      taken_.insert(key);
      return std::nullopt;
    }
    return count(key);
  }
  void pass_over(const char* key) { take(key); }

  void finish() {
    for (const auto& [key, value] : flat_.items()) {
      if (!taken_.contains(key)) problems_ += "; " + key + " is not a key that this version knows";
    }
    if (!problems_.empty()) throw Error(ErrorKind::config, "the run's configuration: " + problems_.substr(2));
  }

 private:
  const Json& take(const char* key) {
    static const Json none;
    taken_.insert(key);
    const auto found = flat_.find(key);
    if (found != flat_.end()) return *found;
    problems_ += std::string("; ") + key + " is missing";
    return none;
  }
  void wrong(const char* key, const Json& value, const std::string& expected) {
    if (flat_.contains(key))
      problems_ += std::string("; ") + key + " is " + value.dump() + " where " + expected + " is expected";
  }
  static bool too_large(const Json& value) {
    return value.is_number_unsigned() &&
           value.get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  }

  const Json& flat_;
  std::set<std::string> taken_;
  std::string problems_;
};

}  // namespace

Configuration read_configuration(const Json& flat) {
  Reader read(flat);
  Configuration configuration;
  configuration.task = {.kind = read.text("task.kind"),
                        .dataset = read.text("task.dataset"),
                        .subset = read.text("task.subset"),
                        .normalise = read.text("task.normalise"),
                        .observation = read.text("task.observation"),
                        .timeout = read.text("task.timeout"),
                        .examples = read.count_or_all("task.examples")};
  // What the conversion of the data has heeded already.
  for (const char* key : {"task.source", "task.train-rows", "task.target", "task.test-share"})
    read.pass_over(key);
  configuration.network = {.hidden = read.count("network.hidden"),
                           .depth = read.count("network.depth", 0),
                           .head = read.count("network.head"),
                           .layers = read.texts("network.layers"),
                           .initialisation = read.text("network.initialisation")};
  const std::string optimizer = read.text("learner.optimizer");
  configuration.learner = {.algorithm = read.text("learner.algorithm"),
                           .loss = read.text("learner.loss"),
                           .reduction = read.text("learner.reduction"),
                           .targets = read.text("learner.targets"),
                           .updates = read.count("learner.updates"),
                           .steps = read.count("learner.steps"),
                           .batch = read.count("learner.batch"),
                           .optimizer = {.kind = learn::OptimizerKind::adam,
                                         .rate = read.number("learner.rate"),
                                         .momentum = read.number("learner.momentum"),
                                         .weight_decay = read.number("learner.weight-decay"),
                                         .beta1 = read.number("learner.beta1"),
                                         .beta2 = read.number("learner.beta2"),
                                         .alpha = read.number("learner.alpha"),
                                         .epsilon = read.number("learner.epsilon")},
                           .agent = {.start = read.count("learner.start", 0),
                                     .update_every = read.count("learner.update-every"),
                                     .replay = read.count("learner.replay"),
                                     .explore_steps = read.count("learner.explore-steps"),
                                     .collect = read.count("learner.collect", 0),
                                     .gamma = read.number("learner.gamma"),
                                     .tau = read.number("learner.tau"),
                                     .explore_from = read.number("learner.explore-from"),
                                     .explore_to = read.number("learner.explore-to"),
                                     .entropy = read.number("learner.entropy"),
                                     .target = read.text("learner.target"),
                                     .return_kind = read.text("learner.return")}};
  configuration.probe = {.every = read.count("probe.every"),
                         .samples = read.count("probe.samples"),
                         .episodes = read.count("probe.episodes"),
                         .function = read.text("probe.function"),
                         .measures = read.texts("probe.measures")};
  configuration.runtime = {
      .threads = static_cast<int>(std::min<std::int64_t>(read.count("runtime.threads"), 1024)),
      .precision = read.text("runtime.precision"),
      .device = read.text("runtime.device")};
  read.finish();
  configuration.learner.optimizer.kind = learn::optimizer_kind(optimizer);
  return configuration;
}

}  // namespace crosstalk::run
