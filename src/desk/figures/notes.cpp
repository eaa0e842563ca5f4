#include "figures/notes.hpp"

#include <algorithm>
#include <set>

#include "figures/results.hpp"
#include "figures/words.hpp"

namespace crosstalk::figures {

std::vector<std::string> cautions_on(const std::vector<Experiment>& experiments) {
  std::vector<std::string> cautions, parts;
  std::set<std::string> units;
  for (const Experiment& experiment : experiments) {
    if (experiment.points.empty() || experiment.scoring->measure != "squared_error") continue;
    units.insert(experiment.unit);
    parts.push_back(experiment.name + " (" + experiment.unit + ")");
    if (experiment.unit.find(';') != std::string::npos)
      cautions.push_back(experiment.name + " pools squared errors in several units (" + experiment.unit +
                         "): its r and its lines mix them and say nothing.");
  }
  if (units.size() > 1)
    cautions.push_back("Squared errors are in the units of their targets, which differ: " + joined(parts) +
                       ". In these units their gaps are not to be compared with each other.");
  return cautions;
}

std::vector<std::string> notes_on_learning(const Experiment& experiment) {
  std::vector<std::string> notes;
  const std::string of = " of " + counted(static_cast<std::int64_t>(experiment.points.size()), "run");
  if (const int poor = experiment.no_better_than_random; poor > 0) {
    notes.push_back(experiment.name + ": " + with_commas(poor) + of +
                    (poor == 1 ? " ends no better than it began or than a random policy: over the last "
                                 "quarter of its steps it earns no more."
                               : " end no better than they began or than a random policy: over the last "
                                 "quarter of their steps they earn no more."));
  }
  if (experiment.scoring == nullptr) return notes;
  if (const int unlearned = experiment.not_learned(); unlearned > 0) {
    notes.push_back(experiment.name + ": " + with_commas(unlearned) + of +
                    " learned nothing to speak of: the training error is not a tenth below that of " +
                    std::string(experiment.scoring->without) + ".");
  }
  if (const int unknown = experiment.unknown_learned(); unknown > 0) {
    notes.push_back(experiment.name + ": whether " + with_commas(unknown) + of +
                    " learned anything is not known: " + std::string(experiment.scoring->constant) +
                    " was not measured.");
  }
  return notes;
}

std::vector<std::string> notes_on(const std::vector<Experiment>& experiments) {
  std::vector<std::string> notes;
  for (const Experiment& experiment : experiments) {
    std::vector<std::string> parts;
    const auto say = [&](int count, const std::string& what) {
      if (count > 0) parts.push_back(counted(count, "run") + " " + what);
    };
    if (experiment.scoring != nullptr) say(static_cast<int>(experiment.diverged.size()), "diverged");
    say(experiment.failed, "failed");
    say(experiment.unfinished, "not finished");
    say(experiment.without_rows, "done but without measurements");
    say(experiment.unknown_examples, "with a number of examples that cannot be told");
    if (!parts.empty()) notes.push_back(experiment.name + ": left out are " + joined(parts) + ".");
    if (experiment.as_far)
      notes.push_back(experiment.name + ": no run has come to its end; " +
                      counted(std::ssize(experiment.points), "run") +
                      (experiment.points.size() == 1 ? " is shown as far as it came."
                                                     : " are shown as far as they came."));
    const auto early = std::ranges::find_if(experiment.points,
                                            [](const Point& point) { return point.run->may_end_early(); });
    if (early != experiment.points.end())
      notes.push_back(experiment.name + ": a run ends where " + early->run->text("probe.until") +
                      ", so runs are not equally long. A curve over training ends with the first of them.");
    const auto cut = std::count_if(experiment.points.begin(), experiment.points.end(),
                                   [](const Point& point) { return point.run->record.has("cut"); });
    if (cut > 0)
      notes.push_back(
          experiment.name + ": in " + counted(cut, "run") +
          " evaluation episodes were cut after task.episode-steps: their return is what was earned "
          "until then.");
    for (std::string& note : notes_on_learning(experiment)) notes.push_back(std::move(note));
  }
  return notes;
}

}  // namespace crosstalk::figures
