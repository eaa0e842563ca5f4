#include "study/consistency.hpp"

#include <algorithm>

namespace crosstalk::study {
namespace {

struct Check {
  const Values& values;
  const Experiment& experiment;
  Problems& problems;

  std::string text(const std::string& key) const { return values.at(key).value.get<std::string>(); }
  bool said(const std::string& key) const { return values.at(key).place.said(); }

  void wrong(std::initializer_list<const char*> blamed, const std::string& message) const {
    for (const char* key : blamed)
      if (said(key)) return problems.add(values.at(key).place, message);
    problems.add({experiment.file}, message);
  }

  /// A key that was said where it counts for nothing would make two names of one run.
  void idle(const char* key, bool counts, const std::string& where) const {
    if (said(key) && !counts)
      problems.add(values.at(key).place, std::string(key) + " counts only " + where + "; leave it out");
  }
};

void check_kind(const Check& check, const std::string& family) {
  const std::string kind = check.text("task.kind"), dataset = check.text("task.dataset");
  const std::string given = default_of(*find_key("task.kind"), dataset, "").get<std::string>();
  if (family != "own-table" && kind != given)
    check.wrong({"task.kind", "task.dataset"},
                "task.kind = \"" + kind + "\" does not go with task.dataset = \"" + dataset +
                    "\", which is there to " + given + "; leave task.kind out");
}

void check_loss(const Check& check, const std::string& family) {
  const std::string kind = check.text("task.kind"), loss = check.text("learner.loss");
  const bool regress = kind == "regress";
  if (regress == (loss == "cross-entropy"))
    check.wrong({"learner.loss", "task.kind"}, "learner.loss = \"" + loss +
                                                   "\" does not go with task.kind = \"" + kind + "\"; " +
                                                   (regress ? "squared-error" : "cross-entropy") + " does");
  if (check.text("learner.targets") != "broadcast") return;
  if (!regress)
    check.wrong({"learner.targets"},
                "learner.targets = \"broadcast\" is about numbers as targets; with task.kind = \"classify\" "
                "there are "
                "none; \"separate\" does");
  else if (family == "sarcos")
    check.wrong({"learner.targets"},
                "learner.targets = \"broadcast\" needs one output, and sarcos has 7; \"separate\" "
                "does");
}

void check_probe(const Check& check) {
  const bool regress = check.text("task.kind") == "regress";
  const Json& measures = check.values.at("probe.measures").value;
  const std::string misfit = regress ? "accuracy" : "squared_error";
  if (std::find(measures.begin(), measures.end(), misfit) != measures.end())
    check.wrong({"probe.measures", "task.kind"},
                "probe.measures holds \"" + misfit + "\", which a " +
                    (regress ? "regression" : "classification") + " does not have; " +
                    (regress ? "squared_error" : "accuracy") + " is its measure");
  if (regress && check.text("probe.function") == "confidence")
    check.wrong({"probe.function", "task.kind"},
                "probe.function = \"confidence\" is the probability of a class, and task.kind is "
                "\"regress\"; \"mean\" "
                "or \"max\" does");
}

void check_idle(const Check& check, const std::string& family) {
  const std::string dataset = check.text("task.dataset");
  check.idle("task.target", dataset.ends_with(".csv"), "for a .csv of your own");
  check.idle("task.test-share", is_own(family), "for data of your own");
  check.idle("task.source", family == "sarcos" || check.text("task.source") == "files", "for sarcos");
  check.idle("task.train-rows", family == "sarcos" && check.text("task.source") == "test-file",
             "with task.source = \"test-file\"");
  check.idle("network.head", is_images(family) || family == "own-table", "for images");
  if (check.values.at("network.layers").value.empty()) return;
  for (const char* key : {"network.hidden", "network.depth", "network.head"}) {
    const auto found = check.experiment.settings.find(key);
    if (found != check.experiment.settings.end() && found->second.values.size() > 1)
      check.problems.add(found->second.place,
                         std::string(key) +
                             " is swept, but network.layers says every layer, so "
                             "that all these runs would be one; sweep over network.layers");
  }
}

}  // namespace

void check_consistency(const Values& values, const Experiment& experiment, Problems& problems) {
  const Check check{values, experiment, problems};
  const std::string family = family_of(check.text("task.dataset"));
  check_kind(check, family);
  check_loss(check, family);
  check_probe(check);
  check_idle(check, family);
}

}  // namespace crosstalk::study
