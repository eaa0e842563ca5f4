#include "figures/claims/confounded.hpp"

#include <algorithm>
#include <set>

#include "figures/claims/compute.hpp"
#include "figures/claims/groups.hpp"
#include "figures/claims/quantity.hpp"
#include "figures/words.hpp"

namespace crosstalk::figures {
namespace {

constexpr double level = 0.9;
using Fields = std::vector<std::string>;

/// Whether the rule holds fixed what one of the fields says.
bool holds_fixed(const study::Rule& rule, const study::Statistic& statistic, const Fields& fields) {
  return std::any_of(fields.begin(), fields.end(), [&](const std::string& field) {
    return statistic.asks_for(field) || statistic.is_given(field) || rule.is_by(field);
  });
}

std::size_t different(const PointList& points, const std::string& field) {
  std::set<Json> values;
  for (const Point* point : points) values.insert(field_of(*point, field));
  return values.size();
}

Within inferred(const Results& results, const PointList& points, const study::Statistic& statistic,
                const std::string& label) {
  const Drawn drawn = draw(results, points, statistic, configurations_of(points));
  const stats::Inference inference = infer(drawn, statistic, level);
  return {label, inference.value, inference.interval, drawn.n()};
}

/// "in digits r with log nT is -0.90 for the first quantity and -0.95 for the second".
std::string driven_by(const Results& results, const Selection& one, const study::Statistic& statistic,
                      const std::string& size, const std::string& symbol, const Fields& levels) {
  study::Statistic of_size{.kind = study::Statistic::Kind::correlation,
                           .expressions = {{{.name = size, .logarithm = true}, {}}, {}},
                           .levels = levels};
  std::string parts[2];
  for (int i = 0; i < 2; ++i) {
    of_size.expressions[1] = statistic.expressions[i];
    const stats::Estimate r = inferred(results, one.points, of_size, "").r;
    parts[i] = r.defined() ? decimal(r.value) : "undefined";
  }
  return "in " + one.experiment + " r with log " + symbol + " is " + parts[0] +
         " for the first quantity and " + parts[1] + " for the second";
}

/// Both sides of a rule may say the same.
void add(std::string& text, const std::string& part) {
  if (text.find(part) == std::string::npos) text += (text.empty() ? "" : "; ") + part;
}

/// A run that fits less has less to lose: r given how well the training data are fitted as well, at the
/// moment at which the gap is read.
void look_at_fit(const Results& results, const Selection& one, study::Statistic statistic,
                 Evaluation& evaluation) {
  if (!statistic.asks_for("gap") || statistic.asks_for("train error")) return;
  study::Expression fit{{.name = "train error"}, {}};
  for (const study::Expression& expression : statistic.expressions) {
    if (expression.quantity.name != "gap") continue;
    fit.quantity.moment = expression.quantity.moment;
    fit.quantity.percent = expression.quantity.percent;
  }
  statistic.expressions.push_back(fit);
  statistic.pooled = false;
  statistic.levels = {"examples", "network"};
  Within within = inferred(results, one.points, statistic,
                           one.experiment + ", given these and the training error (linear in it)");
  if (within.n > 0) evaluation.within.push_back(std::move(within));
}

}  // namespace

void look_within(const Results& results, const PointList& points, const study::Rule& rule,
                 const study::Statistic& statistic, Evaluation& evaluation) {
  if (statistic.kind != study::Statistic::Kind::correlation) return;
  const bool examples_free = !holds_fixed(rule, statistic, {"examples", "task.examples", "configuration"});
  const bool network_free = !holds_fixed(
      rule, statistic, {"capacity", "network", "network.hidden", "network.depth", "configuration"});
  std::vector<study::Test> tests = rule.where;
  tests.insert(tests.end(), statistic.where.begin(), statistic.where.end());
  for (const Selection& one : select(results, points, tests, {}, rule.all_series)) {
    if (examples_free && different(one.points, "examples") > 1) {
      add(evaluation.by_examples, driven_by(results, one, statistic, "examples", "nT", {}));
      for (const Selection& each : select(results, one.points, {}, {"examples"}, rule.all_series)) {
        evaluation.within.push_back(
            inferred(results, each.points, statistic, label_of(each, nullptr, {"examples"})));
      }
    }
    if (network_free && different(one.points, "network") > 1) {
      add(evaluation.by_capacity, driven_by(results, one, statistic, "capacity", "capacity", {"examples"}));
      study::Statistic in_cells = statistic;
      in_cells.pooled = false;
      in_cells.levels = {"examples", "network"};
      evaluation.within.push_back(inferred(
          results, one.points, in_cells, one.experiment + ", given the number of examples and the network"));
    }
    look_at_fit(results, one, statistic, evaluation);
  }
}

}  // namespace crosstalk::figures
