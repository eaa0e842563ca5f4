#include "figures/claims/evaluate.hpp"

#include <algorithm>
#include <set>

#include "figures/claims/compute.hpp"
#include "figures/claims/confounded.hpp"
#include "figures/claims/groups.hpp"
#include "figures/words.hpp"
#include "stats/jackknife.hpp"

namespace crosstalk::figures {
namespace {

constexpr double level = 0.9;  // errs in one of twenty on each side

/// How sure an interval has to be: where both sides of one limit are claimed, either may err.
double judging_level(const study::Rule& rule) {
  return rule.outside && rule.low == rule.high ? 1 - (1 - level) / 2 : level;
}

std::vector<study::Test> both(std::vector<study::Test> tests, const std::vector<study::Test>& more) {
  tests.insert(tests.end(), more.begin(), more.end());
  return tests;
}

bool holds_cells_fixed(const study::Statistic& statistic) {
  return statistic.of_two() && !statistic.pooled && statistic.is_given("examples") &&
         statistic.is_given("network");
}

/// A group whose interval can be had at any level.
struct Candidate {
  Group group;
  Drawn one, other;
  std::string out_of_range;
};

stats::Inference inferred(const Candidate& candidate, const study::Rule& rule, double at) {
  return rule.other ? infer_difference(candidate.one, candidate.other, rule, at)
                    : infer(candidate.one, rule.value, at);
}

bool reaches(const PointList& points, const std::pair<double, double>& range) {
  const auto [least, most] = std::minmax_element(
      points.begin(), points.end(), [](const Point* a, const Point* b) { return a->examples < b->examples; });
  return !points.empty() && (*least)->examples <= range.first && (*most)->examples >= range.second;
}

class Candidates {
 public:
  Candidates(const Results& results, const study::Rule& rule, Evaluation& evaluation)
      : results_(results), rule_(rule), evaluation_(evaluation) {}

  std::vector<Candidate> of(const PointList& points) {
    const auto ones =
        select(results_, points, both(rule_.where, rule_.value.where), rule_.by, rule_.all_series);
    std::vector<Selection> others;
    if (rule_.other)
      others = select(results_, points, both(rule_.where, rule_.other->where), rule_.by, rule_.all_series);
    for (const Selection& one : ones) {
      if (!rule_.other) {
        add(one, nullptr);
        continue;
      }
      for (const Selection* other : partners(one, others, rule_)) add(one, other);
    }
    count_learned();
    return std::move(candidates_);
  }

 private:
  void add(const Selection& one, const Selection* other) {
    sides_[0].insert(&one);
    if (other != nullptr) sides_[1].insert(other);
    PointList a = one.points, b = other == nullptr ? PointList{} : other->points;
    Candidate candidate;
    candidate.group.label = label_of(one, other, rule_.by);
    candidate.group.experiment = label_of(one, other, {});
    if (rule_.across && !(reaches(a, *rule_.across) && (other == nullptr || reaches(b, *rule_.across))))
      candidate.out_of_range = "its numbers of examples do not reach from " +
                               with_commas(rule_.across->first) + " to " + with_commas(rule_.across->second);
    if (rule_.common_cells && !a.empty() && !b.empty())
      evaluation_.uncommon += keep_common_cells(rule_, a, b);
    candidate.group.seeds = are_over_seeds(rule_, a, b);
    Units units;
    if (candidate.group.seeds)
      units = units_by_seed(a, b, /*paired=*/other != nullptr && are_twins(one, *other, rule_));
    else if (other != nullptr)
      units = joint_units(a, b);
    else
      units.one = configurations_of(a);
    candidate.one = draw(results_, a, rule_.value, units.one);
    if (other != nullptr) candidate.other = draw(results_, b, *rule_.other, units.other);
    if (holds_cells_fixed(rule_.value)) candidate.group.cell_varies = varies_within_cells(a);
    if (other != nullptr) {
      candidate.group.training = training_score(results_, a, rule_.value);
      candidate.group.training_of_other = training_score(results_, b, *rule_.other);
    }
    describe(candidate);
    candidates_.push_back(std::move(candidate));
  }

  void describe(Candidate& candidate) const {
    Group& group = candidate.group;
    const Drawn &one = candidate.one, &other = candidate.other;
    group.level = judging_level(rule_);
    const stats::Inference inference = inferred(candidate, rule_, group.level);
    group.value = inference.value;
    group.interval = inference.interval;
    if (group.seeds && one.columns.configurations() < stats::least_configurations)
      group.interval.undefined = "fewer than " + std::to_string(stats::least_configurations) + " seeds";
    group.n = rule_.other ? std::min(one.n(), other.n()) : one.n();
    group.configurations = rule_.other
                               ? std::min(one.columns.configurations(), other.columns.configurations())
                               : one.columns.configurations();
    group.levels = inference.levels;
    group.left_out = one.left_out + other.left_out;
    group.unreached = one.unreached + other.unreached;
    group.within = std::max(one.within, other.within);
  }

  /// Each side's share of runs that learned nothing, over all groups that are compared; and all runs, each of
  /// which counts once, though it may stand on both sides.
  void count_learned() {
    std::set<const Point*> selected, nothing, unknown;
    for (const auto& side : sides_) {
      std::size_t learned = 0, unlearned = 0;
      for (const Selection* selection : side) {
        learned += selection->points.size();
        unlearned += selection->unlearned.size();
        selected.insert(selection->points.begin(), selection->points.end());
        nothing.insert(selection->unlearned.begin(), selection->unlearned.end());
        if (selection->unknown == 0) continue;
        for (const Point* point : selection->points) {
          if (!point->learned) unknown.insert(point);
        }
      }
      const auto all = static_cast<double>(learned + unlearned);
      if (unlearned > 0 && static_cast<double>(unlearned) >= too_many_unlearned * all)
        evaluation_.is_void = true;
    }
    selected.insert(nothing.begin(), nothing.end());
    evaluation_.selected = static_cast<int>(selected.size());
    evaluation_.unlearned = static_cast<int>(nothing.size());
    evaluation_.unknown = static_cast<int>(unknown.size());
  }

  const Results& results_;
  const study::Rule& rule_;
  Evaluation& evaluation_;
  std::set<const Selection*> sides_[2];
  std::vector<Candidate> candidates_;
};

/// One group of several is enough for `some`: to hold, each must be as much surer as there are groups to
/// choose from (Bonferroni). All must be against to contradict: for that the rule's own level will do. A
/// group that has no interval so sure is none, on whichever side it may lie.
void judge_some(std::vector<Candidate>& candidates, const study::Rule& rule, std::ptrdiff_t judges) {
  const double sure = 1 - (1 - judging_level(rule)) / static_cast<double>(judges);
  for (Candidate& one : candidates) {
    Group& group = one.group;
    if (group.side == Side::none) continue;
    const stats::Interval interval = inferred(one, rule, sure).interval;
    if (group.side == Side::against && interval.defined()) continue;
    group.interval = interval;
    group.level = sure;
    group.side = side_of(rule, interval);
  }
}

void judge(std::vector<Candidate>& candidates, const study::Rule& rule) {
  for (Candidate& one : candidates) one.group.side = side_of(rule, one.group.interval);
  const auto judges = std::count_if(candidates.begin(), candidates.end(),
                                    [](const Candidate& one) { return one.group.interval.defined(); });
  if (rule.some && judges > 0) judge_some(candidates, rule, judges);
}

/// Whether a group does not count, since there is nothing of it to reckon with.
bool leave_out(const Candidate& one, Evaluation& evaluation) {
  if (one.group.n > 0 && one.out_of_range.empty()) return false;
  const bool unmeasured = one.group.n == 0 && one.group.left_out > 0;
  evaluation.unmeasured += unmeasured;
  evaluation.left_out.push_back({one.group.label, unmeasured         ? "no run measured it"
                                                  : one.group.n == 0 ? "no run is left"
                                                                     : one.out_of_range});
  return true;
}

}  // namespace

Side side_of(const study::Rule& rule, const stats::Interval& interval) {
  if (!interval.defined()) return Side::none;
  const bool inside = interval.low > rule.low && interval.high < rule.high;
  const bool beyond = interval.high < rule.low || interval.low > rule.high;
  if (!inside && !beyond) return Side::open;
  return inside != rule.outside ? Side::holds : Side::against;
}

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
  if (groups.empty()) return Verdict::not_tested;
  const auto judges = static_cast<std::ptrdiff_t>(groups.size()) - count(Side::none);
  if (judges == 0) return Verdict::undecided;
  if (count(Side::holds) >= (some ? 1 : judges)) return Verdict::supported;
  if (some ? count(Side::against) == judges : 2 * count(Side::against) > judges) return Verdict::contradicted;
  return Verdict::undecided;
}

Evaluation evaluate(const Results& results, const PointList& points, const study::Rule& rule) {
  Evaluation evaluation;
  if (!rule.needs.empty()) return evaluation;
  std::vector<Candidate> candidates = Candidates(results, rule, evaluation).of(points);
  std::erase_if(candidates, [&](const Candidate& one) { return leave_out(one, evaluation); });
  judge(candidates, rule);
  for (Candidate& candidate : candidates) {
    if (candidate.group.side == Side::none)
      evaluation.left_out.push_back({candidate.group.label, candidate.group.interval.undefined});
    evaluation.groups.push_back(std::move(candidate.group));
  }
  evaluation.verdict = verdict_of(evaluation.groups, rule.some);
  const bool nothing_measured = evaluation.groups.empty() && evaluation.unmeasured > 0;
  if (evaluation.is_void && !nothing_measured) evaluation.verdict = Verdict::undecided;
  if (evaluation.groups.empty()) return evaluation;
  look_within(results, points, rule, rule.value, evaluation);
  if (rule.other) look_within(results, points, rule, *rule.other, evaluation);
  return evaluation;
}

}  // namespace crosstalk::figures
