#include "figures/claims/words.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "figures/claims/groups.hpp"
#include "figures/words.hpp"
#include "stats/jackknife.hpp"

namespace crosstalk::figures {
namespace {

constexpr double out_of_reach = 20;  // times as many configurations: a study of that size would hardly decide
constexpr double mostly_seeds = 0.5;

std::string symbol(const study::Rule& rule) {
  const std::string one = name_of(rule.value);
  if (!rule.other) return one;
  const std::string other = name_of(*rule.other);
  return one == other ? "difference of " + one : one + " - " + other;
}

/// The measures of a rule with their splits: "function_interference train-train and gap".
std::string asked_by(const study::Rule& rule) {
  std::set<std::string> names;
  const auto add = [&](const study::Quantity& quantity) {
    names.insert(quantity.name + (quantity.split.empty() ? "" : " " + quantity.split));
    if (quantity.moment == study::Quantity::Moment::milestone)
      names.insert(quantity.milestone.name + " " + quantity.milestone.split);
  };
  for (const auto* statistic : {&rule.value, rule.other ? &*rule.other : nullptr}) {
    if (statistic == nullptr) continue;
    for (const study::Expression& expression : statistic->expressions) {
      add(expression.quantity);
      if (expression.minus) add(*expression.minus);
    }
  }
  return joined({names.begin(), names.end()});
}

/// r to two places; what can be of any size, to three digits.
std::string number(const study::Rule& rule, double value) {
  return rule.value.kind == study::Statistic::Kind::correlation ? decimal(value) : significant(value);
}

/// "90%", "97.5%".
std::string in_percent(double level) {
  std::string digits = decimal(100 * level);
  while (digits.back() == '0') digits.pop_back();
  if (digits.back() == '.') digits.pop_back();
  return digits + "%";
}

/// Configurations after which the interval would leave the limit that it holds, where the value stays and the
/// interval shrinks as t does and the root of their number; 0 where that is out of reach.
int enough(const study::Rule& rule, const Group& group) {
  double ratio = 0;
  for (const double limit : {rule.low, rule.high}) {
    if (!std::isfinite(limit) || !group.interval.holds(limit)) continue;
    if (group.value.value == limit) return 0;
    const double half = group.value.value < limit ? group.interval.high - group.value.value
                                                  : group.value.value - group.interval.low;
    ratio = std::max(ratio, half / std::abs(group.value.value - limit));
  }
  const auto reach = [&](int configurations) {
    return stats::t_quantile((1 + group.level) / 2, configurations - 1) / std::sqrt(configurations);
  };
  const int now = std::max(group.configurations, stats::least_configurations);
  for (int more = now; more <= out_of_reach * now; ++more) {
    if (reach(more) * ratio <= reach(now)) return more;
  }
  return 0;
}

/// The configurations that a fresh study needs in each group; how many groups no study would decide.
struct Needed {
  int most = 0, hopeless = 0;
};
Needed needed(const study::Rule& rule, const Evaluation& evaluation) {
  Needed needed;
  for (const Group& group : evaluation.groups) {
    if (group.side != Side::open) continue;
    const int configurations = enough(rule, group);
    needed.hopeless += configurations == 0;
    needed.most = std::max(needed.most, configurations);
  }
  return needed;
}

/// The configurations without which there is no interval of such a level; of a median, all of which may lie
/// on one side of it, in one of 2^(n - 1) cases.
int least_for(const study::Rule& rule, double level) {
  if (rule.value.kind != study::Statistic::Kind::median) return stats::least_configurations;
  return static_cast<int>(std::ceil(1 - std::log2(1 - level)));
}

/// Where the configurations of a pooled r have to be: at each of its levels, of which it takes two.
std::string of_each_level(const study::Statistic& statistic) {
  if (statistic.levels == std::vector<std::string>{"examples"})
    return " at each of two numbers of examples or more";
  return " at each of two levels or more (" + joined(statistic.levels) + ")";
}

/// What a study needs whose groups all lack an interval.
std::string for_an_interval(const study::Rule& rule, const Evaluation& evaluation) {
  int least = stats::least_configurations;
  for (const Group& group : evaluation.groups) {
    least = std::max(least, least_for(rule, group.level));
    if (!rule.value.pooled && group.configurations >= least_for(rule, group.level))
      return "A fresh study in which the number exists: in " + group.label + " there is none (" +
             (group.value.defined() ? group.interval.undefined : group.value.undefined) + ").";
  }
  const bool seeds = std::all_of(evaluation.groups.begin(), evaluation.groups.end(),
                                 [](const Group& group) { return group.seeds; });
  return "A fresh replication with at least " + counted(least, seeds ? "seed" : "configuration") +
         (rule.value.pooled               ? of_each_level(rule.value)
          : seeds                         ? " of each configuration"
          : evaluation.groups.size() == 1 ? ""
                                          : " in each group") +
         ": with fewer there is no interval.";
}

std::string decided_by(const study::Rule& rule, const Evaluation& evaluation) {
  if (evaluation.is_void)
    return "A fresh study whose networks learn: of the runs that the claim selects, more than two thirds.";
  int none = 0, open = 0, holds = 0, against = 0;
  double within = 0;
  for (const Group& group : evaluation.groups) {
    none += group.side == Side::none;
    holds += group.side == Side::holds;
    against += group.side == Side::against;
    open += group.side == Side::open;
    if (group.side == Side::open && group.n >= 2 * group.configurations)
      within = std::max(within, group.within);
  }
  const bool one = open + none == 1 && evaluation.groups.size() == 1;
  const std::string each = one ? "" : " in each group";
  const Needed need = needed(rule, evaluation);
  std::string text;
  if (open + holds + against == 0) say(text, for_an_interval(rule, evaluation));
  if (need.most > 0)
    say(text, "A fresh replication with about " + with_commas(need.most) + " configurations" + each +
                  ", judged by itself, if what is found stays.");
  if (need.hopeless > 0)
    say(text, (one ? "The" : "In " + counted(need.hopeless, "group") + " the") +
                  std::string(
                      " value lies so close to the limit that a study of any likely size would not decide."));
  if (open > 0 && within > mostly_seeds)
    say(text, "With more seeds too: " + decimal(100 * within, 0) + "% of the variance lies between them.");
  if (against > 0 && holds > 0)
    say(text, "The groups disagree: a narrower claim.");
  else if (against > 0 && open == 0)
    say(text, "Too few groups contradict it: a fresh replication with more groups.");
  return text;
}

/// "Left out: 3 runs that learned nothing, 2 groups without an interval."
std::string who_is_left_out(const Evaluation& evaluation) {
  std::vector<std::string> parts;
  if (evaluation.unlearned > 0 && !evaluation.is_void)
    parts.push_back(counted(evaluation.unlearned, "run") + " of " + with_commas(evaluation.selected) +
                    " that learned nothing");
  if (evaluation.uncommon > 0)
    parts.push_back(counted(evaluation.uncommon, "run") +
                    " of sizes at which one side alone has runs that learned");
  int lacking = 0, unreached = 0;
  for (const Group& group : evaluation.groups) {
    lacking += group.left_out - group.unreached;
    unreached += group.unreached;
  }
  if (unreached > 0)
    parts.push_back(counted(unreached, "run") + " that never came to the moment that it asks for");
  if (lacking > 0)
    parts.push_back(counted(lacking, "run") + " that did not measure it, or where a logarithm has no value");
  std::map<std::string, int> reasons;
  for (const LeftOut& one : evaluation.left_out) ++reasons[one.reason];
  for (const auto& [reason, count] : reasons) parts.push_back(counted(count, "group") + " (" + reason + ")");
  if (parts.empty()) return "";
  return "Left out: " + joined(parts) + '.' +
         (unreached > 0 ? " Those that came there are no sample of all." : "");
}

/// "Given: linear in log examples." A level for each value needs no such word.
std::string lines_given(const study::Rule& rule) {
  std::vector<std::string> parts;
  const auto add = [&](const study::Statistic& statistic) {
    for (std::size_t i = 2; i < statistic.expressions.size(); ++i) {
      const study::Quantity& quantity = statistic.expressions[i].quantity;
      const std::string part = std::string("linear in ") + (quantity.logarithm ? "log " : "") + quantity.name;
      if (std::find(parts.begin(), parts.end(), part) == parts.end()) parts.push_back(part);
    }
  };
  add(rule.value);
  if (rule.other) add(*rule.other);
  return parts.empty() ? "" : "Given: " + joined(parts) + ".";
}

/// "Within a cell differs: the seed alone." So little an r within cells may rest on.
std::string differs_within(const Evaluation& evaluation) {
  std::set<std::string> different;
  for (const Group& group : evaluation.groups) {
    if (!group.cell_varies.empty()) different.insert(group.cell_varies);
  }
  std::string text;
  for (const std::string& one : different) text += (text.empty() ? "" : ", or ") + one;
  return text.empty() ? "" : "Within a cell differs: " + text + ".";
}

/// "On training data the scores are 0.62 and 0.98 (svhn-ddqn against svhn)."
std::string scores_on_training_data(const Evaluation& evaluation) {
  std::string text;
  for (const Group& group : evaluation.groups) {
    if (!group.training || !group.training_of_other) continue;
    text += (text.empty() ? "On training data the mean scores are " : "; ") + decimal(*group.training) +
            " and " + decimal(*group.training_of_other) + " (" + group.label + ")";
  }
  return text.empty() ? "" : text + ".";
}

std::string values_of(const study::Rule& rule, const Evaluation& evaluation) {
  const auto& groups = evaluation.groups;
  if (groups.empty()) return "";
  if (groups.size() == 1) return groups[0].label + ": " + in_words(rule, groups[0]) + ".";
  int holds = 0, against = 0, judges = 0;
  double low = INFINITY, high = -INFINITY;
  for (const Group& group : groups) {
    holds += group.side == Side::holds;
    against += group.side == Side::against;
    judges += group.side != Side::none;
    if (!group.value.defined()) continue;
    low = std::min(low, group.value.value);
    high = std::max(high, group.value.value);
  }
  const bool all = judges == static_cast<int>(groups.size());
  std::string text = "Of " + counted(judges, "group") + (all ? "" : " with an interval") + ", " +
                     std::to_string(holds) + (holds == 1 ? " lies" : " lie") +
                     " wholly on the claimed side and " + std::to_string(against) + " on the other";
  if (low <= high) text += "; " + symbol(rule) + " from " + number(rule, low) + " to " + number(rule, high);
  return text + ".";
}

bool asks_whether_learned(const study::Rule& rule) {
  return asks_for(rule.where, "learned") || asks_for(rule.value.where, "learned") ||
         (rule.other && asks_for(rule.other->where, "learned"));
}

std::string nothing_selected(const study::Rule& rule) {
  std::string text = rule.other ? "No two groups of runs that are done stand on both sides of the comparison."
                                : "The rule selects no run that is done.";
  if (asks_whether_learned(rule))
    say(text, "It asks for `learned`, and of some runs that is not known: leave it out, or take unknown in.");
  else if (rule.other && !rule.all_series)
    say(text,
        "Two series of an experiment are compared where they differ in nothing but what the sides ask for, "
        "also in defaults that go with an algorithm (`crosstalk study show` has them): give these keys, or "
        "write `over all series`.");
  return text;
}

}  // namespace

std::string name_of(const study::Statistic& statistic) {
  using Kind = study::Statistic::Kind;
  switch (statistic.kind) {
    case Kind::correlation:
      return statistic.pooled ? "pooled r" : "r";
    case Kind::slope:
      return "slope";
    case Kind::median:
      return "median";
    case Kind::mean:
      break;
  }
  return "mean";
}

std::string in_words(const study::Rule& rule, const Group& group) {
  if (!group.value.defined())
    return "no " + symbol(rule) + " (" + group.value.undefined + ", n = " + with_commas(group.n) + ")";
  return symbol(rule) + " = " + number(rule, group.value.value) + " (" +
         (group.interval.defined()
              ? in_percent(group.level) + " interval " + number(rule, group.interval.low) + " to " +
                    number(rule, group.interval.high)
              : "no interval: " + group.interval.undefined) +
         ", n = " + with_commas(group.n) + ", " +
         counted(group.configurations, group.seeds ? "seed" : "configuration") +
         (group.seeds && !rule.is_by("configuration") ? " of one configuration" : "") +
         (group.levels > 0 ? ", mean over " + counted(group.levels, "level") : "") + ")";
}

std::string shown(const study::Rule& rule, const Evaluation& evaluation) {
  std::string text;
  if (evaluation.is_void)
    say(text, with_commas(evaluation.unlearned) + " of the " + counted(evaluation.selected, "run") +
                  " that the claim selects learned nothing" +
                  (rule.other ? ", of one side a third or more" : "") +
                  ": nothing follows from the others. They give:");
  if (const std::string values = values_of(rule, evaluation); !values.empty())
    say(text, values);
  else if (evaluation.is_void)
    say(text, "nothing, for none is left.");
  if (const std::string given = lines_given(rule); !given.empty() && !evaluation.groups.empty())
    say(text, given);
  if (const std::string scores = scores_on_training_data(evaluation); !scores.empty()) say(text, scores);
  if (const std::string within = differs_within(evaluation); !within.empty()) say(text, within);
  if (const std::string others = who_is_left_out(evaluation); !others.empty()) say(text, others);
  if (evaluation.unknown > 0)
    say(text, "Of " + counted(evaluation.unknown, "run") +
                  " it is not known whether they learned anything: what needs no input was not measured.");
  return text;
}

std::string what_decides(const study::Rule& rule, const Evaluation& evaluation, bool any_runs) {
  if (!rule.needs.empty()) return "Needs " + rule.needs + ".";
  if (evaluation.verdict == Verdict::undecided) return decided_by(rule, evaluation);
  if (evaluation.verdict != Verdict::not_tested) return "";
  if (!any_runs) return "No run is done yet.";
  if (evaluation.unmeasured > 0)
    return "The runs that the rule selects have no such measurement where it is asked for (without `at`: in "
           "their last quarter, of which some measures lack the last one): " +
           asked_by(rule) + ". `crosstalk export` has what they measured, when, and of which split.";
  if (!evaluation.left_out.empty())
    return "Runs of all the sizes that the sentence is about: " + evaluation.left_out.front().label + ": " +
           evaluation.left_out.front().reason + ".";
  return nothing_selected(rule);
}

int replication(const study::Rule& rule, const Evaluation& evaluation) {
  if (evaluation.verdict != Verdict::undecided || evaluation.is_void) return 0;
  return needed(rule, evaluation).most;
}

std::string in_words_confounded(const Evaluation& evaluation) {
  std::string text;
  if (!evaluation.by_examples.empty())
    say(text,
        "Not held fixed: r goes over several numbers of examples (nT), which may drive both quantities: " +
            evaluation.by_examples + ".");
  if (!evaluation.by_capacity.empty())
    say(text, (text.empty() ? "Not held fixed: r goes over" : "It goes over") +
                  std::string(" networks of several sizes, which may drive both quantities too: given nT, ") +
                  evaluation.by_capacity + ".");
  return text;
}

}  // namespace crosstalk::figures
