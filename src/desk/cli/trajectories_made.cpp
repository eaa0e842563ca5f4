#include "cli/trajectories_made.hpp"

#include <map>

#include "base/error.hpp"
#include "base/text.hpp"
#include "cli/console.hpp"
#include "cli/trajectories.hpp"
#include "study/own_class.hpp"
#include "work/stored.hpp"

namespace crosstalk::cli {
namespace {

/// What of a run says how its trajectories are made.
Json recipe_of(const study::Configuration& run) {
  Json recipe = Json::object();
  for (const auto& [key, value] : run.values)
    if (key.starts_with("trajectories.") || key == "task.environment") recipe[key] = value;
  return recipe;
}

/// As `crosstalk trajectories collect` is asked for them.
CollectOptions asked(const Json& recipe, const study::Study& study, const std::filesystem::path& folder,
                     const std::filesystem::path& beside) {
  const std::string environment = recipe.value("task.environment", "");
  if (environment.empty())
    throw Error(ErrorKind::config,
                "trajectories.transitions: give task.environment, which the trajectories of " +
                    folder.string() + " are collected in");
  const std::string expert = recipe.at("trajectories.expert");
  CollectOptions options{.environment = environment,
                         .out = folder.string(),
                         .transitions = recipe.at("trajectories.transitions"),
                         .seed = recipe.at("trajectories.seed"),
                         .sets = recipe.at("trajectories.set"),
                         .ram = recipe.at("trajectories.ram") == "kept",
                         .base = study.folder};
  if (expert.empty()) {
    options.policy = "random";
  } else {
    options.expert = (beside / expert).lexically_normal().string();
    options.epsilon = recipe.at("trajectories.epsilon");
  }
  return options;
}

/// As collected(); what is wrong is said of the study, whose [trajectories] are the options that it names.
Json made(const std::string& path, const CollectOptions& options, const Context& context,
          const work::Interrupts& interrupts) {
  try {
    return collected(options, context, interrupts);
  } catch (const Error& error) {
    throw Error(error.kind(),
                "task.trajectories = " + Json(path).dump() +
                    " cannot be made as [trajectories] and task.environment say, whose words are options of "
                    "`crosstalk trajectories collect`:\n" +
                    error.what());
  }
}

}  // namespace

void make_trajectories(const study::Study& study, const std::vector<study::Configuration>& runs,
                       const std::filesystem::path& beside, const Context& context,
                       const work::Interrupts& interrupts) {
  std::map<std::string, Json> recipes;  // by the folder, as the study has it
  for (const study::Configuration& run : runs) {
    if (!study::makes_trajectories(run)) continue;
    const std::string path = *study::trajectories_of(run);
    const Json recipe = recipe_of(run);
    if (const auto [known, fresh] = recipes.try_emplace(path, recipe); !fresh && known->second != recipe)
      throw Error(ErrorKind::config, "task.trajectories = " + Json(path).dump() +
                                         " is made in two ways by this study: give each its own folder");
  }
  work::check_trajectories_to_make(runs);
  for (const auto& [path, recipe] : recipes) {
    const CollectOptions options = asked(recipe, study, (beside / path).lexically_normal(), beside);
    say_if_heard("trajectories " + path + ": " + with_commas(options.transitions) + " transitions of " +
                 options.environment + ", by " +
                 (options.expert.empty() ? std::string("random actions") : "the expert " + options.expert) +
                 '\n');
    if (made(path, options, context, interrupts).at("status") == "done") continue;
    complain("the trajectories " + path +
             " are not complete: the same `crosstalk run` goes on with them, then with its runs");
    throw work::Interrupted{interrupts.signal()};
  }
}

}  // namespace crosstalk::cli
