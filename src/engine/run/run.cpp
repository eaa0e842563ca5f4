#include "run/run.hpp"

#include <ATen/ATen.h>

#include "base/gram_memory.hpp"
#include "base/text.hpp"
#include "measure/registry.hpp"

namespace crosstalk::run {
namespace {

std::vector<std::unique_ptr<measure::Measure>> measures_of(const Settings& settings) {
  auto all = measure::measures(settings.texts("probe.measures"));
  all.push_back(measure::gram_picture());
  return all;
}

/// What of it counts for the measures is said.
measure::Reach reach_of(const Settings& settings) {
  const auto count = [&](const char* key) { return settings.is_said(key) ? settings.count(key) : 0; };
  return {.offsets = count("probe.offsets"),
          .others = count("probe.others"),
          .window = count("probe.window"),
          .losses =
              settings.is_said("probe.losses") ? settings.texts("probe.losses") : std::vector<std::string>()};
}

}  // namespace

Run::Run(const Settings& settings, std::uint64_t seed, const data::Dataset* dataset, const OwnFile& file,
         const Places& places)
    : every_(std::max<std::int64_t>(1, settings.count("probe.every"))),
      task_(make_task(settings, seed, dataset, file, places)),
      length_(task_->length()),
      probe_(std::make_unique<measure::Probe>(
          measures_of(settings), *task_, settings.word("probe.function", functions),
          settings.count("runtime.memory") * mebibyte, reach_of(settings))),
      until_(settings.is_said("probe.until") ? settings.text("probe.until") : "never") {
  unit_ = settings.flat().contains("probe.unit") ? settings.word("probe.unit", units) : length_.unit;
}

Run::~Run() = default;

std::int64_t Run::count() const {
  const learn::Clock clock = task_->learner().clock();
  switch (unit_) {
    case Unit::steps:
      return clock.steps;
    case Unit::updates:
      return clock.updates;
    default:
      return clock.episodes;
  }
}

std::string Run::place() const {
  const char* of = unit_ == Unit::steps ? "step " : unit_ == Unit::updates ? "update " : "episode ";
  return of + with_commas(count());
}

bool Run::probe_due() const {
  const std::int64_t now = count();
  return !has_reached_ && now != measured_ &&
         ((now % every_ == 0 && task_->learner().settled()) || is_full());
}

measure::Readings Run::measure() {
  measured_ = count();
  measure::Readings readings = probe_->measure(measured_, is_full());
  has_reached_ = has_reached_ || until_.reached(readings.rows);
  return readings;
}

std::optional<measure::Readings> Run::take_change() {
  std::optional<measure::Readings> change = probe_->take_change();
  has_reached_ = has_reached_ || (change && until_.reached(change->rows));
  return change;
}

std::optional<double> Run::advance() {
  const learn::Update* update = task_->learner().tick(probe_.get());
  return update == nullptr ? std::nullopt : std::optional(update->pull.loss);
}

bool Run::is_finite() const { return at::isfinite(theta()).all().item<bool>(); }
const at::Tensor& Run::theta() const { return task_->networks().of(learn::Net::online).theta(); }

tensor::State Run::save() const {
  tensor::State state;
  task_->learner().save(state);
  state.put("probe", tensor::saved(*probe_));
  state.positions["measured"] = static_cast<std::uint64_t>(measured_ + 1);
  return state;
}

void Run::load(const tensor::State& state) {
  task_->learner().load(state);
  probe_->load(state.part("probe"));
  measured_ = state.count("measured") - 1;
}

}  // namespace crosstalk::run
