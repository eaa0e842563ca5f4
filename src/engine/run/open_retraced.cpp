#include "run/open_retraced.hpp"

#include "base/environments.hpp"
#include "env/exact_player.hpp"
#include "env/registry.hpp"
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

std::unique_ptr<env::Retraced> open_retraced(const Settings& settings, const OwnFile& file, bool tries) {
  const std::string name = settings.text("task.environment");
  const auto retraced = [&](std::unique_ptr<env::Player> player, std::int64_t most_steps) {
    return std::make_unique<env::Retraced>(std::move(player), name, type_of(settings), device_of(settings),
                                           most_steps, tries);
  };
  if (!env::is_foreign(name)) {
    const auto process = exact_process_of(settings);
    return retraced(std::make_unique<env::ExactPlayer>(process), process->most_steps);
  }
  env::Foreign foreign{name, file.path, file.sha256};
  if (world_of(name) == "atari:") foreign.atari = atari_rules(settings);
  return retraced(env::open_player(foreign), settings.count("task.episode-steps"));
}

std::shared_ptr<const env::DecisionProcess> exact_process_of(const Settings& settings) {
  const auto size = [&](const char* key) { return settings.is_said(key) ? settings.count(key) : 0; };
  return env::exact_process(settings.text("task.environment"),
                            {size("task.states"), size("task.width"), size("task.height")});
}

std::int64_t levels_to_learn_on(const Settings& settings) {
  return settings.is_said("task.train-levels") ? settings.count_or("task.train-levels", "all").value_or(0)
                                               : 0;
}

}  // namespace crosstalk::run
