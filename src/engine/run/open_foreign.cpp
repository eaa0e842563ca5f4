#include "run/open_foreign.hpp"

#include "base/environments.hpp"
#include "run/model.hpp"

namespace crosstalk::run {
namespace {

env::AtariRules atari_rules(const Settings& settings) {
  return {.frame_skip = settings.count("task.frame-skip"),
          .sticky = settings.number("task.sticky"),
          .all_actions = settings.word("task.actions", action_sets) == ActionSet::all,
          .maximum_first = settings.word("task.maximum", maxima) == Maximum::before_resizing};
}

}  // namespace

std::unique_ptr<env::Retraced> open_foreign(const Settings& settings, const OwnFile& file, bool tries) {
  const std::string name = settings.text("task.environment");
  env::Foreign foreign{name, file.path, file.sha256};
  if (world_of(name) == "atari:") foreign.atari = atari_rules(settings);
  return std::make_unique<env::Retraced>(env::open_player(foreign), name, type_of(settings),
                                         device_of(settings), settings.count("task.episode-steps"), tries);
}

std::int64_t levels_to_learn_on(const Settings& settings) {
  return settings.is_said("task.train-levels") ? settings.count_or("task.train-levels", "all").value_or(0)
                                               : 0;
}

}  // namespace crosstalk::run
