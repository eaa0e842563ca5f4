#include "figures/claims/words.hpp"

#include <algorithm>
#include <cmath>

#include "figures/words.hpp"

namespace crosstalk::figures {
namespace {

constexpr int least_configurations = 6;
constexpr double out_of_reach = 20;  // times as many configurations: more of the same would not decide
constexpr double mostly_seeds = 0.5;

std::string symbol(const study::Rule& rule) {
  const std::string one = rule.value.correlation ? "r" : "mean";
  return rule.other ? "difference of " + one : one;
}

/// r to two places; a mean, whose size can be any, to three digits.
std::string number(const study::Rule& rule, double value) {
  return rule.value.correlation ? decimal(value) : significant(value);
}

/// Configurations after which the interval would leave the limit, where the value stays and the interval
/// shrinks with the root of their number; 0 where that is out of reach.
double enough(const study::Rule& rule, const Group& group) {
  const double limit = rule.magnitude && group.value.value < 0 ? -rule.limit : rule.limit;
  const double distance = std::abs(group.value.value - limit);
  const double half = group.value.value < limit ? group.interval.high - group.value.value
                                                : group.value.value - group.interval.low;
  const double times = std::max(1.0, half * half / (distance * distance));
  return times <= out_of_reach ? std::ceil(times * group.configurations) : 0;
}

std::string decided_by(const study::Rule& rule, const Evaluation& evaluation) {
  int few = 0, open = 0, hopeless = 0, holds = 0, against = 0;
  double most = 0, within = 0;
  std::string undefined;
  for (const Group& group : evaluation.groups) {
    holds += group.side == Side::holds;
    against += group.side == Side::against;
    if (group.side == Side::none && group.configurations < least_configurations) {
      ++few;
    } else if (group.side == Side::none) {
      undefined = group.label + ": " + group.interval.undefined;
    } else if (group.side == Side::open) {
      ++open;
      const double needed = enough(rule, group);
      hopeless += needed == 0;
      most = std::max(most, needed);
      within = std::max(within, group.within);
    }
  }
  const bool one = evaluation.groups.size() == 1;
  const std::string each = one ? "" : " in each group";
  std::vector<std::string> sentences;
  if (few > 0)
    sentences.push_back(
        "At least " + std::to_string(least_configurations) + " configurations" + each +
        (one ? ": with fewer there is no interval."
             : "; " + counted(few, "group") + (few == 1 ? " has" : " have") + " fewer, and so no interval."));
  if (most > 0)
    sentences.push_back("About " + with_commas(most) + " configurations" + each +
                        ", if what is found stays.");
  if (hopeless > 0)
    sentences.push_back(
        (one ? "The" : "In " + counted(hopeless, "group") + " the") +
        std::string(" value lies so close to the limit that more of the same would hardly decide."));
  if (open > 0 && within > mostly_seeds)
    sentences.push_back("More seeds too: " + decimal(100 * within, 0) +
                        "% of the variance lies between them.");
  if (against > 0 && holds > 0)
    sentences.push_back("The groups disagree: a narrower claim.");
  else if (against > 0 && open + few == 0)
    sentences.push_back("Too few groups contradict it: more groups.");
  if (!undefined.empty()) sentences.push_back("There is no interval in " + undefined + ".");
  std::string text;
  for (const std::string& sentence : sentences) text += (text.empty() ? "" : " ") + sentence;
  return text;
}

}  // namespace

std::string in_words(const study::Rule& rule, const Group& group) {
  if (!group.value.defined())
    return "no " + symbol(rule) + " (" + group.value.undefined + ", n = " + with_commas(group.n) + ")";
  return symbol(rule) + " = " + number(rule, group.value.value) + " (" +
         (group.interval.defined() ? "90% interval " + number(rule, group.interval.low) + " to " +
                                         number(rule, group.interval.high)
                                   : "no interval: " + group.interval.undefined) +
         ", n = " + with_commas(group.n) + ", " + counted(group.configurations, "configuration") + ")";
}

std::string shown(const study::Rule& rule, const Evaluation& evaluation) {
  const auto& groups = evaluation.groups;
  if (groups.empty()) return "";
  std::string text;
  if (groups.size() == 1) {
    text = groups[0].label + ": " + in_words(rule, groups[0]) + ".";
  } else {
    int holds = 0, against = 0;
    double low = INFINITY, high = -INFINITY;
    for (const Group& group : groups) {
      holds += group.side == Side::holds;
      against += group.side == Side::against;
      if (!group.value.defined()) continue;
      low = std::min(low, group.value.value);
      high = std::max(high, group.value.value);
    }
    text = "Of " + std::to_string(groups.size()) + " groups, " + std::to_string(holds) +
           (holds == 1 ? " lies" : " lie") + " wholly on the claimed side and " + std::to_string(against) +
           " on the other";
    if (low <= high) text += "; " + symbol(rule) + " from " + number(rule, low) + " to " + number(rule, high);
    text += ".";
  }
  int left_out = 0;
  for (const Group& group : groups) left_out += group.left_out;
  if (left_out > 0)
    text += " Left out: " + counted(left_out, "run") +
            " that did not measure it, or where a logarithm has no value.";
  if (evaluation.unmeasured > 0)
    text += " " + counted(evaluation.unmeasured, "group") + " did not measure it at all.";
  return text;
}

std::string what_decides(const study::Rule& rule, const Evaluation& evaluation, bool any_runs) {
  if (!rule.needs.empty()) return "Needs " + rule.needs + ".";
  if (evaluation.verdict == Verdict::undecided) return decided_by(rule, evaluation);
  if (evaluation.verdict != Verdict::not_tested) return "";
  if (!any_runs) return "No run is done yet.";
  if (evaluation.unmeasured > 0) return "The runs that the rule selects did not measure what it asks.";
  if (rule.other) return "No two groups of runs that are done stand on both sides of the comparison.";
  return "The rule selects no run that is done.";
}

std::string in_words_confounded(const Evaluation& evaluation) {
  if (evaluation.confounded.empty()) return "";
  return "Confounded: r goes over several numbers of examples (nT), which may drive both quantities: " +
         evaluation.confounded + ".";
}

}  // namespace crosstalk::figures
