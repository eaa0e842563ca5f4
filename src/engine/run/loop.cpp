#include "run/loop.hpp"

#include <optional>
#include <utility>

#include "run/left_alone.hpp"

namespace crosstalk::run {
namespace {

std::string number(double value) { return std::isnan(value) ? "nan" : value > 0 ? "infinity" : "-infinity"; }

std::optional<std::string> not_finite(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    if (!std::isfinite(row.value)) {
      return row.measure + " (" + row.split + ") is " + number(row.value) + " at step " +
             std::to_string(row.step);
    }
  }
  return std::nullopt;
}

}  // namespace

Outcome carry_out(Run& run, Sink& sink, Checkpoint& checkpoint, Keeper* keeper) {
  if (checkpoint.exists()) checkpoint.load(run);
  const std::int64_t resumed_at = run.step();
  if (const auto why = run.unrepeatable()) sink.unrepeatable(run.count(), *why);
  bool stop = false, told_of_cut = false;
  for (;;) {
    // An update that ruins the network shows at the next one's loss: after the last there is none.
    if (run.finished() && !run.is_finite()) {
      return {Ending::diverged,
              "a parameter is not finite after the last update, at step " + std::to_string(run.step()),
              resumed_at};
    }
    if (run.probe_due()) {
      measure::Readings readings = run.measure();
      if (const auto what = not_finite(readings.rows)) return {Ending::diverged, *what, resumed_at};
      if (keeper != nullptr) keeper->keep(run);
      if (const auto why = run.cut(); why && !std::exchange(told_of_cut, true)) sink.cut(*why, run.place());
      sink.store(std::move(readings));
    }
    if (run.finished()) return {Ending::done, "", resumed_at};
    const std::optional<double> loss = run.advance();
    if (loss && !std::isfinite(*loss)) {
      return {Ending::diverged,
              "the batch's loss is " + number(*loss) + " at step " + std::to_string(run.step()), resumed_at};
    }
    if (std::optional<measure::Readings> change = run.take_change()) {
      if (const auto what = not_finite(change->rows)) return {Ending::diverged, *what, resumed_at};
      sink.store(std::move(*change));
    }
    stop = sink.asked_to_stop(run.step(), run.steps()) || stop;
    // An agent's next update may be some steps away, and no checkpoint holds what waits for it.
    if (run.awaits_change() || run.finished()) continue;
    if (stop || checkpoint.due()) {
      const NotYet ends;
      sink.make_durable();
      checkpoint.save(run);
    }
    if (stop) return {Ending::stopped, "", resumed_at};
  }
}

}  // namespace crosstalk::run
