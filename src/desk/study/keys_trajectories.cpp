#include "base/error.hpp"
#include "study/counting.hpp"
#include "study/keys.hpp"

namespace crosstalk::study {

namespace {

/// "task.sticky=0": what it says is checked when the trajectories are collected.
std::string task_setting_in_one_form(const std::string& text) {
  if (text.starts_with("task.") && text.find('=') != text.npos) return text;
  throw Error(ErrorKind::config, "a key of the task with its value is expected, as \"task.sticky=0\"");
}

}  // namespace

std::vector<Key> trajectories_keys() {
  const Condition from_stored = for_kinds({"evaluate/stored"});
  const Condition made{"trajectories.transitions", {any_count}, "with trajectories.transitions"};
  const Condition by_an_expert{"trajectories.expert", {any_text}, "with trajectories.expert"};
  return {
      {.name = "trajectories.transitions",
       .type = Type::integer,
       .help = "How the folder task.trajectories is made if it is missing: `crosstalk run` first collects so "
               "many transitions of task.environment there, in whole episodes. The folder then lies beside "
               "the results folder, and all runs of the study share it.",
       .fallback = nullptr,
       .counts = {from_stored},
       .least = 1,
       .most = 1e12},
      {.name = "trajectories.expert",
       .type = Type::text,
       .help = "Who acts: the file of a learner's parameters that a run has kept (probe.keep), or a results "
               "folder, of whose runs in that environment the one with the largest last return is taken. A "
               "path that is not absolute begins beside the results folder. \"\": all actions are random.",
       .fallback = "",
       .counts = {from_stored, made}},
      {.name = "trajectories.epsilon",
       .type = Type::number,
       .help = "The probability with which an expert's action is random.",
       .fallback = 0.01,
       .counts = {from_stored, made, by_an_expert},
       .least = 0,
       .most = 1},
      {.name = "trajectories.seed",
       .type = Type::integer,
       .help = "The seed of the episodes and of random actions; the seeds of the study's runs share the "
               "trajectories.",
       .fallback = 0,
       .counts = {from_stored, made},
       .least = 0,
       .most = 1e15},
      {.name = "trajectories.ram",
       .type = Type::text,
       .help = "Whether the memory of the Atari console is stored beside each observation.",
       .fallback = "none",
       .counts = {from_stored, made},
       .allowed = {"none", "kept"}},
      {.name = "trajectories.set",
       .type = Type::texts,
       .help = "Keys of the environment, as `crosstalk trajectories collect --set` takes them: "
               "[\"task.sticky=0\"].",
       .fallback = Json::array(),
       .counts = {from_stored, made},
       .one_form = task_setting_in_one_form},
  };
}

}  // namespace crosstalk::study
