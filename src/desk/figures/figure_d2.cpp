#include <array>
#include <cmath>
#include <memory>
#include <set>

#include "figures/curve.hpp"
#include "figures/figure.hpp"
#include "figures/notes.hpp"
#include "figures/point.hpp"
#include "figures/results.hpp"
#include "figures/words.hpp"
#include "stats/summary.hpp"

namespace crosstalk::figures {
namespace {

/// Mean function interference over training, for each number of examples.
class FigureD2 final : public Figure {
 public:
  std::string name() const override { return "figureD2"; }
  std::string title() const override { return "Mean function interference over training"; }
  std::string caption() const override {
    return "Mean over runs of the mean function interference between distinct training samples (and, as a "
           "twin, "
           "between training and test samples), measured before the update at each step. An agent has none "
           "before "
           "its first update. Bands: 90% intervals that leave one configuration out with all its seeds, each "
           "for its step alone. Shares: how many pairs interfere positively, not at all and negatively at "
           "the last "
           "measurement.";
  }
  bool applies(const Results& results) const override;
  FigureData compute(const Results& results) const override;
};

constexpr std::string_view measure = "function_interference";
constexpr const char* signs[] = {"positive", "zero", "negative"};

bool FigureD2::applies(const Results& results) const {
  for (const Experiment& experiment : results.experiments) {
    for (const Point& point : experiment.points) {
      const Series* series = results.find(*point.run, measure, "train-train");
      if (series != nullptr && series->steps.size() >= 2) return true;
    }
  }
  return false;
}

Cell geometric_mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) {
    if (!(value > 0)) return Cell();
    sum += std::log(value);
  }
  return std::exp(sum / static_cast<double>(values.size()));
}

using Shares = std::array<double, 3>;

/// Of one run at its last measurement, or nothing where it has none.
std::optional<Shares> shares_of(const Results& results, const Point& point, const std::string& name,
                                std::string_view split) {
  Shares shares{};
  for (std::size_t i = 0; i < shares.size(); ++i) {
    const Series* series = results.find(*point.run, name + "." + signs[i], split);
    const std::optional<double> share = series == nullptr ? std::nullopt : series->at(point.last.step);
    if (!share) return {};
    shares[i] = *share;
  }
  return shares;
}

/// How many pairs interfere which way: mean shares over the runs of one number of examples.
void add_shares(FigureData& data, Table& table, const Results& results, const Experiment& experiment,
                double size, const std::string& name, std::string_view split) {
  Shares means{};
  double n = 0;
  for (const Point& point : experiment.points) {
    if (point.examples != size) continue;
    const std::optional<Shares> shares = shares_of(results, point, name, split);
    if (!shares) continue;
    ++n;
    for (std::size_t i = 0; i < means.size(); ++i) means[i] += ((*shares)[i] - means[i]) / n;
  }
  if (n == 0) return;
  table.rows.push_back({experiment.name, experiment.panel, std::string(experiment.scoring->name), name,
                        std::string(split), size, means[0], means[1], means[2], n});
  if (name != measure || split != "train-train") return;
  for (std::size_t i = 0; i < means.size(); ++i) {
    data.facts[experiment.name + "/nT=" + decimal(size, 0) + "/" + signs[i]] = fact(means[i]);
  }
}

FigureData FigureD2::compute(const Results& results) const {
  const std::vector<Experiment>& experiments = results.experiments;
  FigureData data;
  data.facts = Json::object();
  data.notes = notes_on(experiments);
  Table curves{{"experiment", "panel", "kind", "interference", "nT", "step", "mean", "low", "high",
                "geometric_mean", "median", "n", "configurations", "no_interval"},
               {}};
  for (const Experiment& experiment : experiments) {
    int not_finite = 0;
    std::set<std::int64_t> steps;
    std::string described;
    for (const std::string_view split : {"train-train", "train-test"}) {
      for (const double size : experiment.sizes()) {
        const std::string key = experiment.name + "/nT=" + decimal(size, 0);
        const Curve curve = curve_of(results, experiment, measure, split, size);
        not_finite += curve.not_finite;
        for (const Curve::At& at : curve.steps) {
          steps.insert(at.step);
          const std::vector<double>& values = at.points.columns[0];
          curves.rows.push_back(
              {experiment.name, experiment.panel, std::string(experiment.scoring->name), std::string(split),
               size, static_cast<double>(at.step), at.mean, low(at.interval), high(at.interval),
               geometric_mean(values), stats::quantile(values, 0.5).value, static_cast<double>(values.size()),
               static_cast<double>(at.points.configurations()), reason(at.interval.undefined)});
        }
        if (curve.steps.empty() || split != "train-train") continue;
        const double first = curve.steps.front().mean, last = curve.steps.back().mean;
        data.facts[key + "/first"] = fact(first);
        data.facts[key + "/last"] = fact(last);
        if (size != experiment.sizes().front() && size != experiment.sizes().back()) continue;
        described += (described.empty() ? "" : " and ") + std::string("from ") + significant(first) + " to " +
                     significant(last) + " with " + counted(std::llround(size), "example");
      }
    }
    if (!described.empty()) {
      data.alternative += (data.alternative.empty() ? "In " : " In ") + experiment.name +
                          " the mean function interference goes, from the first measurement to the last, " +
                          described + ".";
    }
    if (steps.size() == 1) {
      data.notes.push_back(experiment.name + ": one measurement; the table has it, the chart does not.");
    }
    if (not_finite > 0) data.notes.push_back(note_on_not_finite(experiment.name, not_finite));
  }
  Table shares{{"experiment", "panel", "kind", "measure", "split", "nT", "positive", "zero", "negative", "n"},
               {}};
  for (const Experiment& experiment : experiments) {
    for (const std::string name : {"function_interference", "loss_interference"}) {
      for (const std::string_view split : {"train-train", "train-test", "test-test"}) {
        for (const double size : experiment.sizes())
          add_shares(data, shares, results, experiment, size, name, split);
      }
    }
  }
  data.tables = {{"curves", std::move(curves)}};
  if (!shares.rows.empty()) data.tables.emplace_back("shares", std::move(shares));
  return data;
}

}  // namespace

std::unique_ptr<Figure> make_figure_d2() { return std::make_unique<FigureD2>(); }

}  // namespace crosstalk::figures
