#include "figures/claims/evaluate.hpp"

#include <algorithm>
#include <cmath>

#include "figures/claims/groups.hpp"
#include "figures/claims/quantity.hpp"
#include "figures/words.hpp"
#include "stats/correlation.hpp"

namespace crosstalk::figures {
namespace {

constexpr double level = 0.9;

Side side_of(const study::Rule& rule, const stats::Interval& interval) {
  if (!interval.defined()) return Side::none;
  const double low = interval.low, high = interval.high, limit = rule.limit;
  const bool below = rule.magnitude ? low > -limit && high < limit : high < limit;
  const bool above = rule.magnitude ? low > limit || high < -limit : low > limit;
  if (!below && !above) return Side::open;
  return below == rule.below ? Side::holds : Side::against;
}

/// Of a difference: the resamples of both, one taken from the other, for the two groups are drawn apart.
stats::Resamples minus(const stats::Resamples& one, const stats::Resamples& other) {
  if (!one.undefined.empty() || !other.undefined.empty())
    return {{}, one.undefined.empty() ? other.undefined : one.undefined};
  stats::Resamples difference;
  for (std::size_t i = 0; i < one.values.size(); ++i)
    difference.values.push_back(one.values[i] - other.values[i]);
  return difference;
}

Computed minus(const Computed& one, const Computed& other) {
  Computed difference{.resamples = minus(one.resamples, other.resamples),
                      .n = std::min(one.n, other.n),
                      .configurations = std::min(one.configurations, other.configurations),
                      .left_out = one.left_out + other.left_out,
                      .within = std::max(one.within, other.within)};
  if (one.value.defined() && other.value.defined())
    difference.value = {one.value.value - other.value.value, {}};
  else
    difference.value = one.value.defined() ? other.value : one.value;
  return difference;
}

struct Candidate {
  Group group;
  stats::Resamples resamples;
};

Candidate candidate_of(const Selection& one, const Selection* partner, const study::Rule& rule,
                       Computed computed) {
  Candidate candidate;
  Group& group = candidate.group;
  group.label = label_of(one, partner, rule.by);
  group.experiment = label_of(one, partner, {});
  group.value = computed.value;
  group.interval = stats::percentile_interval(computed.resamples, level);
  group.n = computed.n;
  group.configurations = computed.configurations;
  group.left_out = computed.left_out;
  group.within = computed.within;
  group.side = side_of(rule, group.interval);
  candidate.resamples = std::move(computed.resamples);
  return candidate;
}

std::vector<study::Test> both(std::vector<study::Test> tests, const std::vector<study::Test>& more) {
  tests.insert(tests.end(), more.begin(), more.end());
  return tests;
}

std::vector<Candidate> candidates_of(const Results& results, const std::vector<const Point*>& points,
                                     const study::Rule& rule, const std::string& name) {
  std::vector<Candidate> candidates;
  std::vector<Selection> others;
  if (rule.other) others = select(points, both(rule.where, rule.other->where), rule.by);
  for (const Selection& one : select(points, both(rule.where, rule.value.where), rule.by)) {
    const std::string seed = "claim/" + name + "/" + label_of(one, nullptr, rule.by);
    if (!rule.other) {
      candidates.push_back(candidate_of(one, nullptr, rule, compute(results, one.points, rule.value, seed)));
      continue;
    }
    for (const Selection* other : partners(one, others)) {
      const Computed left = compute(results, one.points, rule.value, seed);
      const Computed right = compute(results, other->points, *rule.other,
                                     "claim/" + name + "/than/" + label_of(*other, nullptr, rule.by));
      candidates.push_back(candidate_of(one, other, rule, minus(left, right)));
    }
  }
  return candidates;
}

bool is_size(const study::Expression& expression) {
  return expression.quantity.name == "examples" || (expression.minus && expression.minus->name == "examples");
}

/// Whether r lets the number of examples drive both of its quantities.
bool leaves_examples_free(const study::Statistic& statistic) {
  return statistic.correlation &&
         std::none_of(statistic.expressions.begin(), statistic.expressions.end(), is_size);
}

/// "r with log nT is -0.90 for the first quantity and -0.95 for the second".
std::string driven_by_size(const Results& results, const Selection& one, const study::Statistic& statistic) {
  study::Statistic of_size{true, {{{.name = "examples", .logarithm = true}, {}}, {}}, {}};
  std::string parts[2];
  for (int i = 0; i < 2; ++i) {
    of_size.expressions[1] = statistic.expressions[i];
    const stats::Estimate r = compute(results, one.points, of_size, "").value;
    parts[i] = r.defined() ? decimal(r.value) : "undefined";
  }
  return "in " + one.experiment + " r with log nT is " + parts[0] + " for the first quantity and " +
         parts[1] + " for the second";
}

/// Where one r stands for several numbers of examples: how closely both quantities follow that number, and r
/// within each of them.
void look_within(const Results& results, const std::vector<const Point*>& points, const study::Rule& rule,
                 const study::Statistic& statistic, const std::string& name, Evaluation& evaluation) {
  if (!leaves_examples_free(statistic)) return;
  for (const Selection& one : select(points, both(rule.where, statistic.where), {})) {
    const std::vector<Selection> sizes = select(one.points, {}, {"examples"});
    if (sizes.size() < 2) continue;
    evaluation.confounded +=
        (evaluation.confounded.empty() ? "" : "; ") + driven_by_size(results, one, statistic);
    for (const Selection& each : sizes) {
      const std::string label = label_of(each, nullptr, {"examples"});
      const Computed computed =
          compute(results, each.points, statistic, "claim/" + name + "/within/" + label);
      evaluation.within.push_back(
          {label, computed.value, stats::percentile_interval(computed.resamples, level), computed.n});
    }
  }
}

}  // namespace

std::string_view to_string(Side side) {
  constexpr std::string_view words[] = {"holds", "against", "open", "none"};
  return words[static_cast<int>(side)];
}

std::string_view to_string(Verdict verdict) {
  constexpr std::string_view words[] = {"supported", "contradicted", "undecided", "not tested"};
  return words[static_cast<int>(verdict)];
}

Verdict verdict_of(const std::vector<Group>& groups, bool some) {
  const auto count = [&](Side side) {
    return std::count_if(groups.begin(), groups.end(),
                         [&](const Group& group) { return group.side == side; });
  };
  const auto all = static_cast<std::ptrdiff_t>(groups.size());
  if (all == 0) return Verdict::not_tested;
  if (count(Side::holds) >= (some ? 1 : all)) return Verdict::supported;
  if (some ? count(Side::against) == all : 2 * count(Side::against) > all) return Verdict::contradicted;
  return Verdict::undecided;
}

Evaluation evaluate(const Results& results, const std::vector<const Point*>& points, const study::Rule& rule,
                    const std::string& name) {
  Evaluation evaluation;
  if (!rule.needs.empty()) return evaluation;
  std::vector<Candidate> candidates = candidates_of(results, points, rule, name);
  const auto unmeasured = std::stable_partition(candidates.begin(), candidates.end(),
                                                [](const Candidate& one) { return one.group.n > 0; });
  evaluation.unmeasured = static_cast<int>(candidates.end() - unmeasured);
  candidates.erase(unmeasured, candidates.end());
  for (Candidate& candidate : candidates) {
    // One group of several is enough: each must be as much surer as there are groups to choose from
    // (Bonferroni).
    if (rule.some && candidate.group.side == Side::holds &&
        side_of(rule, stats::percentile_interval(candidate.resamples,
                                                 1 - (1 - level) / static_cast<double>(candidates.size()))) !=
            Side::holds)
      candidate.group.side = Side::open;
    evaluation.groups.push_back(std::move(candidate.group));
  }
  evaluation.verdict = verdict_of(evaluation.groups, rule.some);
  const bool by_size = std::find(rule.by.begin(), rule.by.end(), "examples") != rule.by.end();
  if (evaluation.groups.empty() || by_size) return evaluation;
  look_within(results, points, rule, rule.value, name, evaluation);
  if (rule.other) look_within(results, points, rule, *rule.other, name, evaluation);
  return evaluation;
}

}  // namespace crosstalk::figures
