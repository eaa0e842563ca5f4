// Study files of environments: what has no data set, its defaults, and what can be wrong in them alone.
#include <gtest/gtest.h>

#include <fstream>

#include "base/digest.hpp"
#include "base/error.hpp"
#include "desk/memory_study.hpp"
#include "folder.hpp"
#include "study/describe.hpp"
#include "study/identity.hpp"
#include "study/own_class.hpp"
#include "work/data.hpp"
#include "work/estimate.hpp"
#include "work/networks.hpp"
#include "work/results_folder.hpp"

namespace crosstalk::study {
namespace {

const std::string walk = "task.environment = \"random-walk\"\n";
const std::string grid = "task.environment = \"gridworld\"\n";
const std::string baird = "task.environment = \"baird\"\n";

Configuration only(const std::string& text, const LoadOptions& options = {}) {
  return study_of(text, options).runs.at(0);
}

TEST(EnvironmentStudies, need_no_data_set_and_are_named_without_one) {
  const Configuration run = only(walk);
  EXPECT_EQ(run.values.find("task.dataset"), run.values.end());
  EXPECT_EQ(Identity(run.values).canonical_text(0),
            R"({"keys":{"probe.measures":["loss","function_interference","function_stiffness",)"
            R"("loss_interference","stiffness","value_error","td_error"],"task.environment":"random-walk"},)"
            R"("schema":3,"seed":0})");
  EXPECT_EQ(refusal("learner.rate = 0.1\n").substr(0, 60),
            "a.toml: task.dataset is missing, or task.environment: [task]");
}

TEST(EnvironmentStudies, have_the_defaults_of_their_books) {
  const std::vector<std::tuple<std::string, std::string, Json>> facts = {
      {walk, "task.kind", "evaluate"},
      {walk, "learner.algorithm", "td-lambda"},
      {walk, "task.states", 19},
      {walk, "learner.gamma", 1.0},
      {walk, "learner.approximation", "tabular"},
      {walk, "probe.unit", "updates"},
      {walk, "task.policy", "uniform"},
      {walk + "task.kind = \"control\"\n", "learner.gamma", 0.99},
      {walk + "task.kind = \"control\"\n", "probe.unit", "steps"},
      {grid, "task.kind", "control"},
      {grid, "learner.algorithm", "double-dqn"},
      {grid, "learner.approximation", "network"},
      {grid, "learner.batch", 32},
      {grid, "learner.rate", 0.01},
      {grid + "learner.algorithm = \"dqn\"\n", "learner.target-every", 100},
      {grid + "learner.algorithm = \"ql\"\n", "learner.loss", "smooth-l1"},
      {grid + "task.kind = \"evaluate\"\n", "learner.optimizer", "sgd"},
      {grid + "learner.algorithm = \"sarsa\"\n", "learner.rate", 0.001},
      {grid + "learner.algorithm = \"expected-sarsa\"\n", "learner.target-every", 100},
      {grid + "learner.algorithm = \"td-lambda\"\n", "learner.rate", 0.001},
      {grid + "learner.algorithm = \"td-lambda\"\n", "learner.target-every", 100},
      {grid + "learner.algorithm = \"mc\"\n", "learner.sampling", "uniform"},
      {grid, "learner.n-step", 1},
      {baird, "task.policy", "solid"},
      {baird, "learner.gamma", 0.99},
      {baird, "learner.approximation", "linear"},
      {baird, "learner.rate", 0.01},
      {baird, "learner.lambda", 0.0},
      {baird, "learner.view", "backward"},
      {"task.environment = \"boyan\"\n", "task.states", 13},
      {"task.environment = \"boyan\"\n", "learner.approximation", "linear"},
  };
  for (const auto& [text, key, expected] : facts)
    EXPECT_EQ(only(text).values.at(key), expected) << text << ' ' << key;
}

TEST(EnvironmentStudies, keep_the_names_that_they_had_before_bairds_defaults_were_its_own) {
  const auto named = [](const std::string& text) { return Identity(only(text).values).canonical_text(0); };
  const std::string trace = R"("learner.lambda":0.0,"learner.view":"backward")";
  EXPECT_NE(named(baird).find(trace), std::string::npos) << named(baird);
  EXPECT_EQ(named(baird + "learner.lambda = 0\nlearner.view = \"backward\"\n"), named(baird));
  const std::string uniform = baird + "task.policy = \"uniform\"\n";
  EXPECT_EQ(named(uniform + "learner.lambda = 0.9\n").find("learner.lambda"), std::string::npos);
  EXPECT_EQ(named(baird + "learner.algorithm = \"residual\"\n").find("learner.lambda"), std::string::npos);
}

TEST(EnvironmentStudies, take_any_name_behind_a_family_and_have_its_defaults) {
  const std::string pole = "task.environment = \"gym:CartPole-v1\"\n";
  const std::string game = "task.environment = \"minatar:breakout\"\n";
  const std::vector<std::tuple<std::string, std::string, Json>> facts = {
      {pole, "task.kind", "control"},
      {pole, "learner.algorithm", "dqn"},
      {pole, "network.layers", {"by-observation"}},
      {pole, "learner.steps", 100000},
      {pole, "learner.rate", 5e-4},
      {pole, "learner.target-every", 250},
      {pole, "learner.loss", "huber"},
      {pole, "task.episode-steps", 100000},
      {pole + "learner.algorithm = \"double-dqn\"\n", "learner.rate", 5e-4},
      {game, "task.kind", "control"},
      {game, "learner.algorithm", "dqn"},
      {game, "learner.rate", 2.5e-4},
      {game, "task.episode-steps", 10000},
      {"task.environment = \"gym:Not/There:At-all-v9\"\n", "task.kind", "control"},
  };
  for (const auto& [text, key, expected] : facts)
    EXPECT_EQ(only(text).values.at(key), expected) << text << ' ' << key;
  const Configuration exact = only(grid);
  EXPECT_EQ(exact.values.find("task.episode-steps"), exact.values.end()) << "former runs keep their keys";
  EXPECT_EQ(refusal(grid + "task.episode-steps = 9\n"),
            "a.toml:2: task.episode-steps counts only with task.environment = \"gym:NAME\", "
            "\"minatar:NAME\" or \"atari:NAME\"; leave it out");
  EXPECT_EQ(
      refusal(pole + "network.hidden = 9\n"),
      "a.toml:2: network.hidden counts only without network.layers, which says every layer; leave it out");
  EXPECT_NE(
      refusal(pole + "learner.approximation = \"tabular\"\n").find("goes only with task.environment = "),
      std::string::npos);
  EXPECT_NE(refusal("task.environment = \"gym:\"\n").find("goes behind it: \"gym:CartPole-v1\""),
            std::string::npos);
}

TEST(EnvironmentStudies, learn_on_few_levels_where_a_seed_is_a_level_and_measure_the_gap_there_alone) {
  const std::string pole = "task.environment = \"gym:CartPole-v1\"\n";
  const std::string few = "task.train-levels = 5\n", gap = "probe.measures = [\"return\", \"gap\"]\n";
  EXPECT_EQ(only(pole).values.at("task.train-levels"), "all");
  EXPECT_EQ(only(pole + "task.train-levels = \"all\"\n").run, only(pole).run);
  const Configuration exact = only(grid);
  EXPECT_EQ(exact.values.find("task.train-levels"), exact.values.end()) << "former runs keep their keys";
  const auto measures = [](const std::string& text) {
    return only(text).values.at("probe.measures").get<std::vector<std::string>>();
  };
  std::vector<std::string> with_gap = measures(pole + few);
  EXPECT_EQ(std::erase(with_gap, "gap"), 1u);
  EXPECT_EQ(with_gap, measures(pole)) << "runs that say nothing of levels keep their names";
  EXPECT_EQ(measures(pole + few + gap), (std::vector<std::string>{"gap", "return"}));
  const std::string refused =
      "counts only where an episode's seed is its level, with task.environment = \"gym:NAME\" or "
      "\"minatar:NAME\"; leave it out";
  EXPECT_EQ(refusal(grid + few), "a.toml:2: task.train-levels " + refused);
  EXPECT_EQ(refusal("task.dataset = \"digits\"\n" + few), "a.toml:2: task.train-levels " + refused);
  EXPECT_EQ(refusal(pole + "task.train-levels = 0\n"),
            "a.toml:2: task.train-levels = 0: an integer from 1 to 1,000,000,000 or \"all\" is expected");
  const std::string holds = "a.toml:2: probe.measures holds \"gap\", which goes only ";
  EXPECT_TRUE(refusal(pole + gap)
                  .starts_with(holds + "where an agent in an environment learns on some of its levels alone; "
                                       "task.train-levels is \"all\": "))
      << refusal(pole + gap);
  EXPECT_TRUE(
      refusal(grid + gap)
          .starts_with(holds +
                       "where an environment's seed is its level; task.environment is \"gridworld\": "))
      << refusal(grid + gap);
}

TEST(EnvironmentStudies, where_levels_count_for_some_runs_of_a_sweep_the_others_keep_their_names) {
  const std::string worlds = "task.environment = [\"gym:CartPole-v1\", \"gridworld\"]\n";
  const std::vector<Configuration> runs = study_of("task.train-levels = 5\n[sweep]\n" + worlds).runs;
  ASSERT_EQ(runs.size(), 2u);
  for (const Configuration& run : runs) {
    const bool is_grid = run.values.at("task.environment") == "gridworld";
    EXPECT_EQ(run.values.find("task.train-levels") == run.values.end(), is_grid);
    EXPECT_EQ(run.run == only(grid).run, is_grid);
  }
}

TEST(EnvironmentStudies, in_atari_games_have_the_papers_numbers_and_keys_that_count_nowhere_else) {
  const std::string game = "task.environment = \"atari:ms_pacman\"\n";
  const std::vector<std::pair<std::string, Json>> facts = {{"task.kind", "control"},
                                                           {"task.frame-skip", 4},
                                                           {"task.sticky", 0.25},
                                                           {"task.actions", "minimal"},
                                                           {"task.maximum", "after-resizing"},
                                                           {"learner.algorithm", "dqn"},
                                                           {"learner.loss", "smooth-l1"},
                                                           {"learner.rate", 2.5e-4},
                                                           {"learner.gamma", 0.99},
                                                           {"learner.batch", 32},
                                                           {"learner.weight-decay", 1e-4},
                                                           {"learner.steps", 10000000},
                                                           {"learner.start", 200000},
                                                           {"learner.update-every", 1},
                                                           {"learner.replay", 250000},
                                                           {"learner.target-every", 10000},
                                                           {"learner.explore-from", 1.0},
                                                           {"learner.explore-to", 0.05},
                                                           {"learner.explore-steps", 500000},
                                                           {"learner.explore-after", 200000},
                                                           {"network.layers", {"by-observation"}}};
  for (const auto& [key, expected] : facts) EXPECT_EQ(only(game).values.at(key), expected) << key;
  EXPECT_NE(refusal(game + "learner.steps = 50000\nlearner.start = 5000\n")
                .find("ends before epsilon begins to fall, at step 200000 (learner.explore-after = 200000); "
                      "take more steps or let it fall earlier"),
            std::string::npos);
  for (const std::string key :
       {"frame-skip = 4", "sticky = 0.5", "actions = \"all\"", "maximum = \"after-resizing\""})
    EXPECT_NE(refusal("task.environment = \"minatar:breakout\"\ntask." + key + "\n")
                  .find("counts only with task.environment = \"atari:NAME\"; leave it out"),
              std::string::npos)
        << key;
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"task.sticky = 1.1", "a number from 0 to 1"},
      {"task.sticky = -0.1", "a number from 0 to 1"},
      {"task.frame-skip = 0", "an integer from 1 to 1000 is expected"},
      {"task.actions = \"some\"", "\"minimal\" or \"all\""},
      {"task.maximum = \"never\"", "\"after-resizing\" or \"before-resizing\""}};
  for (const auto& [text, expected] : wrong)
    EXPECT_NE(refusal(game + text + "\n").find(expected), std::string::npos) << refusal(game + text + "\n");
  EXPECT_NE(refusal("task.environment = \"atari:\"\n").find("\"atari:NAME\""), std::string::npos);
}

TEST(EnvironmentStudies, know_a_class_of_ones_own_by_its_plain_path_and_keep_its_files_checksum) {
  const auto named = [](const std::string& name) { return "task.environment = \"" + name + "\"\n"; };
  const Configuration run = only(named("gym:./rooms//room.py:Room"));
  EXPECT_EQ(run.values.at("task.environment"), "gym:rooms/room.py:Room");
  EXPECT_EQ(run.run, only(named("gym:rooms/room.py:Room")).run);
  EXPECT_EQ(own_class_of(run)->path, "rooms/room.py");
  EXPECT_EQ(own_class_of(run)->name, "Room");
  EXPECT_EQ(own_class_of(only(named("gym:ale_py:ALE/Pong-v5"))), std::nullopt);
  for (const std::string text : {"gym:room.py", "gym:room.py:"})
    EXPECT_NE(refusal(named(text)).find("which class of the file it is goes behind it"), std::string::npos);

  const Folder folder;
  std::filesystem::create_directories(folder.path() / "rooms");
  std::ofstream(folder.path() / "rooms/room.py") << "class Room: pass\n";
  const Json base = {{"base", folder.path().string()}};
  const work::Datasets files = work::prepare_data({run, run}, {}, base, {}, nullptr);
  ASSERT_EQ(files.size(), 1u);
  const Json told = work::assignment(run, files, "").fields;
  EXPECT_FALSE(told.contains("data"));
  EXPECT_EQ(told.at("environment").at("file"), (folder.path() / "rooms/room.py").string());
  EXPECT_EQ(told.at("environment").at("sha256"), sha256("class Room: pass\n"));
  work::check_networks({run}, files);
  std::filesystem::remove(folder.path() / "rooms/room.py");
  EXPECT_THROW(work::prepare_data({run}, {}, base, {}, nullptr), Error);
}

TEST(EnvironmentStudies, give_an_agent_at_images_one_name_whichever_it_is_called_by) {
  const std::string digits = "task.dataset = \"digits\"\n", windowed = "task.environment = \"windowed\"\n";
  const std::string known = only(digits + "task.kind = \"windowed\"\n").run;
  EXPECT_EQ(only(digits + windowed).run, known);
  EXPECT_EQ(only(digits + windowed + "task.kind = \"control\"\n").run, known);
  EXPECT_EQ(only(digits + windowed + "task.kind = \"windowed\"\n").run, known);
  EXPECT_EQ(only(digits + windowed).values.at("task.kind"), "windowed");
  EXPECT_TRUE(refusal(digits + windowed + "[sweep]\ntask.kind = [\"windowed\", \"control\"]\n")
                  .ends_with("stands in its sweep twice, under two names of one value; leave one out"));
}

TEST(EnvironmentStudies, go_with_the_kinds_that_they_have) {
  EXPECT_EQ(refusal(walk + "task.kind = \"classify\"\n"),
            "a.toml:2: task.kind = \"classify\" goes only without task.environment; task.environment is "
            "\"random-walk\": "
            "\"control\" or \"evaluate\" is expected");
  EXPECT_EQ(
      refusal(baird + "task.kind = \"control\"\n"),
      "a.toml:2: task.kind = \"control\" goes only with task.environment = \"random-walk\", \"gridworld\", "
      "\"gym:NAME\", \"minatar:NAME\" or \"atari:NAME\"; task.environment is \"baird\": \"evaluate\" is "
      "expected");
  EXPECT_EQ(refusal("task.dataset = \"digits\"\ntask.kind = \"control\"\n"),
            "a.toml:2: task.kind = \"control\" goes only with task.environment = \"random-walk\", "
            "\"gridworld\", \"gym:NAME\", \"minatar:NAME\" or \"atari:NAME\"; there is "
            "none: \"classify\" or \"windowed\" is expected");
  EXPECT_EQ(
      refusal("task.environment = \"windowed\"\n"),
      "a.toml:1: task.environment = \"windowed\" needs a data set of images, and task.dataset is missing: "
      "[task], then dataset = \"digits\" or another");
  EXPECT_EQ(refusal("task.environment = \"windowed\"\ntask.dataset = \"digits\"\ntask.kind = \"evaluate\"\n"),
            "a.toml:3: task.kind = \"evaluate\" goes only with task.environment = \"random-walk\", "
            "\"gridworld\", \"baird\", \"boyan\" or stored trajectories (task.trajectories); "
            "task.environment is \"windowed\": \"windowed\" is expected");
  EXPECT_EQ(refusal(walk + "task.dataset = \"digits\"\n"),
            "a.toml:2: task.dataset counts only with task.kind = \"classify\", \"regress\" or \"windowed\"; "
            "leave it out");
  EXPECT_EQ(
      refusal("task.environment = \"gridwold\"\n"),
      "a.toml:1: task.environment = \"gridwold\": \"random-walk\", \"gridworld\", \"baird\", \"boyan\", "
      "\"windowed\", \"gym:NAME\", \"minatar:NAME\" or \"atari:NAME\" "
      "is expected; did you mean \"gridworld\"?");
  EXPECT_NE(refusal("task.env = \"baird\"\n").find("task.env is not a key; did you mean task.environment?"),
            std::string::npos);
  EXPECT_EQ(refusal(walk + "discount = 0.9\n"),
            "a.toml:2: discount is not a key; did you mean learner.gamma?");
}

TEST(EnvironmentStudies, have_one_name_for_a_number_for_each_state) {
  for (const std::string& environment : {walk, grid, grid + "task.kind = \"evaluate\"\n"}) {
    const std::string said = refusal(environment + "learner.approximation = \"linear\"\n");
    EXPECT_NE(said.find("learner.approximation = \"linear\" goes only with task.environment = \"baird\" or "
                        "\"boyan\" (the features of others are their states: it is learner.approximation = "
                        "\"tabular\")"),
              std::string::npos)
        << said;
    EXPECT_NE(said.find("\"network\" or \"tabular\" is expected"), std::string::npos) << said;
  }
  for (const std::string& environment : {baird, std::string("task.environment = \"boyan\"\n")})
    EXPECT_EQ(refusal(environment + "learner.approximation = \"linear\"\n"), "");
}

TEST(EnvironmentStudies, refuse_chains_that_there_are_not) {
  EXPECT_EQ(refusal(walk + "task.states = 20\n"),
            "a.toml:2: task.states = 20 has no middle for an episode to begin in; 19 or 21 does");
  EXPECT_EQ(refusal("task.environment = \"boyan\"\ntask.states = 14\n"),
            "a.toml:2: task.states = 14: each fourth state of Boyan's chain has a feature; 13 or 17 does");
  EXPECT_EQ(refusal("task.environment = \"boyan\"\ntask.states = 3\n"),
            "a.toml:2: task.states = 3: each fourth state of Boyan's chain has a feature; 5 does");
  EXPECT_EQ(
      refusal(grid + "task.states = 9\n"),
      "a.toml:2: task.states counts only with task.environment = \"random-walk\" or \"boyan\"; leave it out");
  EXPECT_EQ(refusal(walk + "task.width = 9\n"),
            "a.toml:2: task.width counts only with task.environment = \"gridworld\"; leave it out");
  EXPECT_EQ(
      refusal(walk + "task.policy = \"solid\"\n"),
      "a.toml:2: task.policy = \"solid\" goes only with task.environment = \"baird\"; task.environment is "
      "\"random-walk\": \"uniform\" is expected");
  EXPECT_EQ(refusal(grid + "task.policy = \"uniform\"\n"),
            "a.toml:2: task.policy counts only with task.kind = \"evaluate\"; leave it out");
}

TEST(EnvironmentStudies, give_one_learner_a_target_that_is_copied_follows_or_is_none) {
  const auto with = [](const std::string& algorithm) {
    return grid + "learner.algorithm = \"" + algorithm + "\"\n";
  };
  const std::string tau = "learner.tau = 0.5\n", every = "learner.target-every = 9\n";
  EXPECT_EQ(refusal(with("dqn") + every), "");
  EXPECT_EQ(refusal(with("polyak") + tau), "");
  const std::string of_tau =
      "a.toml:3: learner.tau counts only with learner.algorithm = \"double-dqn\" or \"polyak\"";
  const std::string of_every =
      "a.toml:3: learner.target-every counts only with learner.algorithm = \"double-dqn\", \"dqn\", "
      "\"td-lambda\", \"sarsa\", \"expected-sarsa\" or \"rainbow\"";
  EXPECT_EQ(refusal(with("dqn") + tau), of_tau + "; leave it out");
  EXPECT_EQ(refusal(with("ql") + tau), of_tau + "; leave it out");
  EXPECT_EQ(refusal(with("polyak") + every), of_every + "; leave it out");
  EXPECT_EQ(refusal(with("ql") + every), of_every + "; leave it out");
  EXPECT_EQ(refusal(with("dqn") + "learner.target-every = \"tau\"\n"),
            "a.toml:3: learner.target-every = \"tau\" goes only with learner.algorithm = \"double-dqn\" (a "
            "dqn whose target "
            "follows is \"polyak\"); learner.algorithm is \"dqn\": an integer from 1 to 1,000,000,000 or "
            "\"never\" is expected");
  EXPECT_EQ(refusal(grid + "learner.target = \"max\"\n"),
            "a.toml:2: learner.target = \"max\" goes only with task.kind = \"windowed\" (elsewhere it is "
            "learner.algorithm "
            "= \"dqn\" or \"polyak\"); task.kind is \"control\": \"double\" is expected");
  EXPECT_EQ(refusal(with("dqn") + "learner.target = \"double\"\n"),
            "a.toml:3: learner.target counts only with learner.algorithm = \"double-dqn\"; leave it out");
}

TEST(EnvironmentStudies,
     average_copies_where_a_target_is_copied_and_smooth_where_q_learning_looks_one_step_on) {
  const auto with = [](const std::string& algorithm) {
    return grid + "learner.algorithm = \"" + algorithm + "\"\n";
  };
  const std::string copies = "learner.target-copies = 5\n", smooth = "learner.smoothing = 0.3\n";
  EXPECT_EQ(refusal(with("dqn") + copies + smooth), "");
  EXPECT_EQ(refusal(with("double-dqn") + copies + "learner.target-every = 9\n"), "");
  for (const std::string algorithm : {"dqn", "polyak", "ql", "double-dqn"})
    EXPECT_EQ(refusal(with(algorithm) + smooth), "") << algorithm;
  for (const std::string algorithm : {"polyak", "ql", "sarsa", "td-lambda", "rainbow"})
    EXPECT_EQ(
        refusal(with(algorithm) + copies),
        "a.toml:3: learner.target-copies counts only with learner.algorithm = \"dqn\" or \"double-dqn\"; "
        "leave it out");
  for (const std::string algorithm : {"sarsa", "mc", "residual", "rainbow"})
    EXPECT_EQ(
        refusal(with(algorithm) + smooth),
        "a.toml:3: learner.smoothing counts only with learner.algorithm = \"dqn\", \"polyak\", \"ql\" or "
        "\"double-dqn\"; leave it out");
  for (const std::string& text : {with("double-dqn"), with("dqn") + "learner.target-every = \"never\"\n"})
    EXPECT_NE(
        refusal(text + copies)
            .find("learner.target-copies counts only with a number as learner.target-every; leave it out"),
        std::string::npos)
        << refusal(text + copies);
  EXPECT_NE(
      refusal("task.dataset = \"digits\"\ntask.kind = \"windowed\"\n" + smooth)
          .find("learner.smoothing counts only with task.kind = \"control\" or \"evaluate\" from stored"),
      std::string::npos);
  EXPECT_EQ(refusal(with("dqn") + "learner.n-step = 3\n" + smooth),
            "a.toml:4: learner.smoothing = 0.3 is of one step and does not go with learner.n-step = 3; "
            "learner.n-step = 1 does");
  EXPECT_EQ(refusal(with("dqn") + "learner.n-step = 3\nlearner.smoothing = 0\n"), "");
  for (const std::string bad : {"learner.target-copies = 0", "learner.target-copies = 1.5",
                                "learner.smoothing = 1.0", "learner.smoothing = -0.1"})
    EXPECT_NE(refusal(with("dqn") + bad + "\n"), "") << bad;
}

TEST(EnvironmentStudies, keep_their_names_where_nothing_is_averaged_or_smoothed) {
  const std::string dqn = grid + "learner.algorithm = \"dqn\"\n";
  const std::string named = Identity(only(dqn).values).canonical_text(0);
  EXPECT_EQ(named.find("copies"), std::string::npos);
  EXPECT_EQ(named.find("smoothing"), std::string::npos);
  EXPECT_EQ(
      Identity(only(dqn + "learner.target-copies = 1\nlearner.smoothing = 0.0\n").values).canonical_text(0),
      named);
  EXPECT_NE(only(dqn + "learner.target-copies = 2\n").run, only(dqn).run);
  EXPECT_NE(only(dqn + "learner.smoothing = 0.1\n").run, only(dqn).run);
}

TEST(EnvironmentStudies, say_who_has_a_target_where_one_without_is_given_one) {
  for (const std::string algorithm : {"polyak", "ql", "mc", "residual"})
    EXPECT_EQ(refusal(grid + "learner.algorithm = \"" + algorithm + "\"\nlearner.target-every = 9\n"),
              "a.toml:3: learner.target-every counts only with learner.algorithm = \"double-dqn\", \"dqn\", "
              "\"td-lambda\", \"sarsa\", \"expected-sarsa\" or \"rainbow\"; leave it out");
  for (const std::string algorithm : {"double-dqn", "dqn", "td-lambda", "sarsa", "expected-sarsa"})
    EXPECT_EQ(refusal(grid + "learner.algorithm = \"" + algorithm + "\"\nlearner.target-every = 9\n"), "");
  EXPECT_EQ(refusal(walk + "learner.target-every = 9\n"),
            "a.toml:2: learner.target-every counts only with task.kind = \"windowed\", \"control\" or "
            "\"evaluate\" from stored trajectories; leave it out");
  EXPECT_EQ(refusal(grid + "learner.algorithm = \"sarsa\"\nlearner.target-every = \"tau\"\n"),
            "a.toml:3: learner.target-every = \"tau\" goes only with learner.algorithm = \"double-dqn\" (a "
            "dqn whose "
            "target follows is \"polyak\"); learner.algorithm is \"sarsa\": an integer from 1 to "
            "1,000,000,000 or \"never\" is expected");
}

TEST(EnvironmentStudies,
     of_rainbow_have_the_published_defaults_and_refuse_what_needs_scalar_errors_or_noise) {
  const std::string rainbow = "learner.algorithm = \"rainbow\"\n",
                    pacman = "task.environment = \"atari:ms_pacman\"\n" + rainbow;
  for (const auto& [key, value] : std::map<std::string, Json>{{"learner.n-step", 20},
                                                              {"learner.sampling", "prioritised"},
                                                              {"learner.priority-exponent", 0.5},
                                                              {"learner.priority-weight", 0.4},
                                                              {"learner.rate", 1e-4},
                                                              {"learner.epsilon", 1.5e-4},
                                                              {"learner.clip", 10.0},
                                                              {"learner.weight-decay", 0.0},
                                                              {"learner.target-every", 2000},
                                                              {"learner.start", 1600},
                                                              {"learner.update-every", 1},
                                                              {"learner.batch", 32},
                                                              {"learner.replay", 100000},
                                                              {"learner.steps", 100000},
                                                              {"learner.atoms", 51},
                                                              {"learner.value-least", -10.0},
                                                              {"learner.value-most", 10.0},
                                                              {"learner.explore-from", 0.0},
                                                              {"learner.explore-to", 0.0},
                                                              {"learner.loss", "cross-entropy"}})
    EXPECT_EQ(only(pacman).values.at(key), value) << key;
  EXPECT_EQ(refusal(pacman), "");
  EXPECT_EQ(refusal(grid + rainbow), "");
  EXPECT_EQ(refusal("task.environment = \"minatar:breakout\"\ntask.train-levels = 9\n" + rainbow), "");
  const std::string td = "probe.measures = [\"return\", \"td_error\"]\n";
  EXPECT_EQ(refusal(grid + rainbow + td),
            "a.toml:3: probe.measures holds \"td_error\", which goes only where a learner has scalar errors, "
            "not distributions; learner.algorithm is \"rainbow\": \"loss\", \"function_interference\", "
            "\"function_stiffness\", \"loss_interference\", \"stiffness\", \"policy_churn\", "
            "\"value_churn\", \"return\" or 15 others (`crosstalk study keys` has them) is expected");
  EXPECT_EQ(refusal(grid + "learner.algorithm = \"dqn\"\n" + td), "");
  const std::string plain = "network.layers = [\"linear 8\", \"relu\", \"linear out\"]\n",
                    noisy = "network.layers = [\"linear 8 noisy 0.5\", \"relu\", \"linear out\"]\n";
  EXPECT_EQ(refusal(grid + rainbow + plain),
            "a.toml:3: learner.algorithm = \"rainbow\" explores by noisy layers, and this network has none; "
            "give it some (\"linear 64 noisy 0.1\"), or learner.explore-from and learner.explore-to");
  EXPECT_EQ(refusal(grid + rainbow + "learner.approximation = \"tabular\"\n"),
            "a.toml:3: learner.algorithm = \"rainbow\" explores by noisy layers, and there are none with "
            "learner.approximation = \"tabular\"; give learner.explore-from and learner.explore-to");
  EXPECT_EQ(refusal(grid + rainbow + noisy), "");
  EXPECT_EQ(refusal(grid + rainbow + plain + "learner.explore-from = 1.0\nlearner.explore-to = 0.1\n"), "");
  EXPECT_EQ(refusal(grid + rainbow + "learner.value-least = 10.0\n"),
            "a.toml:3: learner.value-least = 10.0 is not below learner.value-most = 10.0, and the atoms of a "
            "distribution go from the one to the other");
  EXPECT_EQ(refusal(grid + "learner.algorithm = \"dqn\"\nlearner.atoms = 5\n"),
            "a.toml:3: learner.atoms counts only with learner.algorithm = \"rainbow\"; leave it out");
  EXPECT_EQ(refusal(grid + rainbow + "network.layers = [\"linear 8 noisy\", \"linear out\"]\n")
                .find("a.toml:3: network.layers, entry 1 of 2, \"linear 8 noisy\": write \"linear UNITS\""),
            0u);
}

TEST(EnvironmentStudies, of_pqn_have_its_defaults_and_refuse_a_rollout_that_gives_no_update) {
  const std::string pqn = "learner.algorithm = \"pqn\"\n";
  for (const auto& [study, key, value] : std::vector<std::tuple<std::string, std::string, Json>>{
           {grid, "learner.rollout", 128},
           {grid, "learner.epochs", 2},
           {grid, "learner.lambda", 0.65},
           {grid, "learner.loss", "squared-error"},
           {grid, "learner.clip", 10.0},
           {grid, "learner.rate", 1e-3},
           {grid, "learner.batch", 32},
           {grid, "network.layers", {"by-observation"}},
           {"task.environment = \"gym:CartPole-v1\"\n", "learner.batch", 32},
           {"task.environment = \"gym:CartPole-v1\"\n", "learner.loss", "squared-error"},
           {"task.environment = \"minatar:breakout\"\n", "learner.rate", 5e-4},
           {"task.environment = \"atari:pong\"\n", "learner.rate", 2.5e-4},
           {"task.environment = \"atari:pong\"\n", "learner.explore-after", 0}})
    EXPECT_EQ(only(study + pqn).values.at(key), value) << study << key;
  const std::string said = grid + pqn;
  EXPECT_EQ(refusal(said + "learner.rollout = 32\nlearner.epochs = 1\nlearner.loss = \"huber\"\n"), "");
  EXPECT_EQ(
      refusal(said + "learner.rollout = 31\n"),
      "a.toml:3: learner.rollout = 31 collects fewer transitions than learner.batch = 32 draws; collect "
      "at least as many");
  EXPECT_EQ(refusal(said + "learner.steps = 128\n"), "");
  EXPECT_EQ(
      refusal(said + "learner.steps = 127\n"),
      "a.toml:3: learner.steps = 127 ends before the first update, for which learner.rollout = 128 steps "
      "are collected; take more steps or collect fewer");
  EXPECT_EQ(refusal(said + "learner.epochs = 0\n"),
            "a.toml:3: learner.epochs = 0: an integer from 1 to 1000 is expected");
  EXPECT_EQ(refusal(said + "learner.replay = 100\n").substr(0, 42),
            "a.toml:3: learner.replay counts only with ");
  EXPECT_EQ(refusal(said + "probe.lambda = 0.5\n").substr(0, 23), "a.toml:3: probe.lambda ");
}

TEST(EnvironmentStudies, damp_churn_where_values_are_learned_from_a_replay_by_the_largest_next_one) {
  for (const std::string algorithm : {"double-dqn", "dqn", "polyak", "ql"})
    EXPECT_EQ(refusal(grid + "learner.algorithm = \"" + algorithm + "\"\nlearner.chain = 0.5\n"), "");
  for (const std::string algorithm : {"sarsa", "mc", "rainbow", "pqn", "reinforce"})
    EXPECT_EQ(refusal(grid + "learner.algorithm = \"" + algorithm + "\"\nlearner.chain = 0.5\n"),
              "a.toml:3: learner.chain counts only with learner.algorithm = \"double-dqn\", \"dqn\", "
              "\"polyak\" or \"ql\"; leave it out");
  EXPECT_EQ(refusal("task.dataset = \"digits\"\ntask.kind = \"windowed\"\nlearner.chain = 0.5\n"),
            "a.toml:3: learner.chain counts only with task.kind = \"control\" or \"evaluate\" from stored "
            "trajectories; leave it out");
  EXPECT_EQ(refusal(grid + "learner.chain = -1.0\n"),
            "a.toml:2: learner.chain = -1.0: a number from 0 to 1e6 is expected");
  EXPECT_EQ(only(grid + "learner.chain = 0.0\n").run, only(grid).run);  // as runs were called before
}

TEST(EnvironmentStudies, draw_by_priority_and_look_on_where_a_learner_bootstraps_behind_single_steps) {
  const auto with = [](const std::string& algorithm) {
    return grid + "learner.algorithm = \"" + algorithm + "\"\n";
  };
  for (const std::string algorithm : {"double-dqn", "dqn", "polyak", "ql", "sarsa", "expected-sarsa"})
    EXPECT_EQ(refusal(with(algorithm) + "learner.n-step = 3\nlearner.sampling = \"prioritised\"\n"
                                        "learner.priority-exponent = 0.5\nlearner.priority-weight = 1.0\n"),
              "");
  const std::string who =
      " counts only with learner.algorithm = \"double-dqn\", \"dqn\", \"polyak\", \"ql\", \"sarsa\", "
      "\"expected-sarsa\" or \"rainbow\"; leave it out";
  for (const std::string algorithm : {"mc", "td-lambda", "residual", "reinforce"}) {
    EXPECT_EQ(refusal(with(algorithm) + "learner.n-step = 3\n"), "a.toml:3: learner.n-step" + who);
    EXPECT_EQ(refusal(with(algorithm) + "learner.sampling = \"prioritised\"\n"),
              "a.toml:3: learner.sampling" + who);
  }
  EXPECT_EQ(refusal("task.dataset = \"digits\"\ntask.kind = \"windowed\"\nlearner.n-step = 3\n"),
            "a.toml:3: learner.n-step counts only with task.kind = \"control\"; leave it out");
  EXPECT_EQ(refusal(with("dqn") + "learner.priority-exponent = 0.5\n"),
            "a.toml:3: learner.priority-exponent counts only with learner.sampling = \"prioritised\"; leave "
            "it out");
  EXPECT_EQ(refusal(with("dqn") + "learner.n-step = 99\nlearner.replay = 50\n"),
            "a.toml:3: learner.n-step = 99 needs more transitions than learner.replay = 50 keeps; look at "
            "fewer steps or "
            "keep at least as many");
  EXPECT_EQ(refusal(with("reinforce") + "probe.explore = 0.1\n").substr(0, 60),
            "a.toml:3: probe.explore counts only with learner.algorithm =");
  EXPECT_EQ(refusal(with("td-lambda") + "learner.view = \"backward\"\n"),
            "a.toml:3: learner.view counts only with task.kind = \"evaluate\"; leave it out");
}

TEST(EnvironmentStudies, tell_which_loss_measures_and_samples_go_with_what_learns_values) {
  EXPECT_EQ(refusal(walk + "learner.loss = \"huber\"\n"),
            "a.toml:2: learner.loss = \"huber\" goes, with task.kind = \"evaluate\", only from stored "
            "trajectories (task.trajectories); \"squared-error\" does");
  EXPECT_EQ(refusal(grid + "learner.loss = \"huber\"\n"), "");
  EXPECT_EQ(refusal(walk + "learner.algorithm = \"dqn\"\n"),
            "a.toml:2: learner.algorithm = \"dqn\" goes only with task.kind = \"control\" or \"evaluate\" "
            "from stored "
            "trajectories; task.kind is \"evaluate\": "
            "\"td-lambda\" or \"residual\" is expected");
  const std::string of_walk = refusal(walk + "probe.measures = [\"gap\"]\n");
  EXPECT_TRUE(of_walk.starts_with(
      "a.toml:2: probe.measures holds \"gap\", which goes only with task.kind = \"classify\", \"regress\", "
      "\"windowed\", \"control\" or \"evaluate\" from stored trajectories; task.kind is \"evaluate\": "
      "\"loss\", \"function_interference\", "
      "\"function_stiffness\", "
      "\"loss_interference\", \"stiffness\", \"value_error\", \"td_error\", \"loss_difference\" or "))
      << of_walk;
  EXPECT_EQ(refusal(grid + "probe.measures = [\"value_error\"]\n").substr(0, 104),
            "a.toml:2: probe.measures holds \"value_error\", which goes only with task.kind = \"evaluate\"; "
            "task.kind is ");
  EXPECT_EQ(refusal(walk + "task.examples = 9\n"),
            "a.toml:2: task.examples counts only with a data set; leave it out");
  EXPECT_EQ(refusal(walk + "learner.approximation = \"network\"\nnetwork.hidden = 8\n"), "");
  EXPECT_EQ(refusal(walk + "network.hidden = 8\n"),
            "a.toml:2: network.hidden counts only with learner.approximation = \"network\"; leave it out");
  EXPECT_EQ(refusal("task.dataset = \"digits\"\nlearner.approximation = \"tabular\"\n"),
            "a.toml:2: learner.approximation counts only with task.kind = \"control\" or \"evaluate\"; leave "
            "it out");
  EXPECT_EQ(refusal(walk + "learner.approximation = \"tabuler\"\n"),
            "a.toml:2: learner.approximation = \"tabuler\": \"network\", \"linear\" or \"tabular\" is "
            "expected; did you mean "
            "\"tabular\"?");
}

TEST(EnvironmentStudies, keep_what_has_no_order_from_traces_and_from_episodes) {
  const std::string expected = baird + "learner.source = \"expected\"\n";
  EXPECT_EQ(refusal(expected + "learner.lambda = 0\nlearner.view = \"backward\"\n"), "");
  EXPECT_EQ(refusal(expected + "learner.lambda = 0.5\nlearner.view = \"backward\"\n"),
            "a.toml:3: learner.lambda = 0.5 does not go with learner.source = \"expected\": single "
            "transitions have nothing "
            "to look back to; 0 does");
  EXPECT_EQ(
      refusal(expected + "learner.lambda = 0\nlearner.view = \"forward\"\n"),
      "a.toml:4: learner.view = \"forward\" goes only with learner.source = \"sampled\"; learner.source is "
      "\"expected\": \"backward\" is expected");
  const std::string residual = expected + "learner.algorithm = \"residual\"\n";
  EXPECT_EQ(refusal(residual), "");
  EXPECT_EQ(refusal(residual + "learner.episodes = 9\n"),
            "a.toml:4: learner.episodes counts only with learner.source = \"sampled\"; leave it out");
  EXPECT_EQ(
      refusal(residual + "probe.unit = \"episodes\"\n"),
      "a.toml:4: probe.unit = \"episodes\" goes only with learner.source = \"sampled\"; learner.source is "
      "\"expected\": \"updates\" is expected");
  EXPECT_EQ(refusal(grid + "learner.source = \"sampled\"\n"),
            "a.toml:2: learner.source counts only with task.kind = \"evaluate\"; leave it out");
  EXPECT_EQ(
      refusal(residual + "learner.lambda = 0.5\n"),
      "a.toml:4: learner.lambda counts only with learner.algorithm = \"td-lambda\" or \"pqn\"; leave it "
      "out");
}

TEST(EnvironmentStudies, wait_for_no_end_where_none_comes) {
  const std::string endless =
      " waits for the end of an episode, and those of task.environment = \"baird\" never end; ";
  const std::string steps =
      baird + "task.policy = \"uniform\"\nlearner.lambda = 0\nlearner.view = \"backward\"\n";
  EXPECT_EQ(refusal(steps), "");
  EXPECT_EQ(
      refusal(baird + "task.policy = \"uniform\"\nlearner.view = \"forward\"\n"),
      "a.toml:3: learner.view = \"forward\"" + endless +
          "learner.view = \"backward\" learns at each step, and with it learner.source = \"expected\" from "
          "all transitions at once");
  // What waits in more than one way is told all at once.
  const std::string both = refusal(steps + "learner.episodes = 9\nprobe.unit = \"episodes\"\n");
  EXPECT_NE(both.find("a.toml:5: learner.episodes = 9" + endless), std::string::npos) << both;
  EXPECT_NE(both.find("a.toml:6: probe.unit = \"episodes\"" + endless), std::string::npos) << both;
  EXPECT_EQ(refusal(steps + "probe.unit = \"steps\"\n"), "");
  for (const std::string& ends :
       {walk, grid + "task.kind = \"evaluate\"\n", std::string("task.environment = \"boyan\"\n")})
    EXPECT_EQ(refusal(ends + "learner.view = \"forward\"\nlearner.episodes = 9\nprobe.unit = \"episodes\"\n"),
              "");
}

TEST(EnvironmentStudies, refuse_what_no_policy_of_theirs_has_before_a_run_begins) {
  const std::string whose = "task.policy = \"solid\" in task.environment = \"baird\", ";
  EXPECT_EQ(refusal(baird + "learner.lambda = 0.9\nlearner.gamma = 1\n"),
            "a.toml:2: learner.lambda = 0.9 does not go with " + whose +
                "whose steps another policy takes; 0 does\n"
                "a.toml:3: learner.gamma = 1.0: the values of " +
                whose + "where no episode ends, are not finite; a number below 1 does");
  EXPECT_EQ(refusal(baird, {.sets = {"learner.lambda=0.25"}}),
            "--set learner.lambda=0.25: learner.lambda = 0.25 does not go with " + whose +
                "whose steps another policy takes; 0 does");
  EXPECT_EQ(refusal(baird + "learner.view = \"forward\"\n"),
            "a.toml:2: learner.view = \"forward\" does not go with " + whose +
                "whose steps another policy takes; \"backward\" does");
  const std::string uniform = baird + "task.policy = \"uniform\"\n";
  EXPECT_EQ(refusal(uniform + "learner.lambda = 0.9\n"), "");
  EXPECT_NE(refusal(uniform + "learner.algorithm = \"residual\"\nlearner.gamma = 1\n").find("are not finite"),
            std::string::npos);
  EXPECT_EQ(refusal(walk + "learner.lambda = 0.9\nlearner.gamma = 1\n"), "");
}

TEST(EnvironmentStudies, leave_what_is_measured_of_others_to_their_own_unit) {
  const std::string exact = " counts only with task.kind = \"control\" or \"evaluate\"; leave it out";
  for (const std::string other :
       {"task.dataset = \"digits\"\n", "task.dataset = \"digits\"\ntask.kind = \"windowed\"\n"})
    EXPECT_TRUE(refusal(other + "probe.unit = \"updates\"\n").ends_with("probe.unit" + exact));
  EXPECT_EQ(refusal(walk + "probe.explore = 0.1\n"),
            "a.toml:2: probe.explore counts only with task.kind = \"control\"; leave it out");
  EXPECT_EQ(refusal(grid + "probe.explore = 0.1\nprobe.episodes = 3\nprobe.unit = \"episodes\"\n"), "");
  EXPECT_EQ(
      refusal(walk + "probe.unit = \"episode\"\n"),
      "a.toml:2: probe.unit = \"episode\": \"steps\", \"updates\" or \"episodes\" is expected; did you mean "
      "\"episodes\"?");
}

TEST(EnvironmentStudies, say_one_value_beside_a_sweep_of_learners_and_name_each_run_as_if_it_stood_alone) {
  const Study study =
      study_of(baird +
               "learner.source = \"expected\"\nlearner.lambda = 0\nlearner.view = \"backward\"\n"
               "[sweep]\nlearner.algorithm = [\"td-lambda\", \"residual\"]\n");
  ASSERT_EQ(study.runs.size(), 2u);
  const std::string expected = baird + "learner.source = \"expected\"\n";
  EXPECT_EQ(study.runs[0].run, only(expected + "learner.lambda = 0\nlearner.view = \"backward\"\n").run);
  EXPECT_EQ(study.runs[1].run, only(expected + "learner.algorithm = \"residual\"\n").run);
  // What decides is settled first: polyak has no learner.target-every, and so learner.tau counts for it.
  const Study targets =
      study_of(grid +
               "learner.target-every = 9\nlearner.tau = 0.5\n"
               "[sweep]\nlearner.algorithm = [\"dqn\", \"polyak\", \"double-dqn\", \"ql\"]\n");
  EXPECT_EQ(targets.runs.at(1).values.at("learner.tau"), 0.5);
  EXPECT_EQ(targets.runs.at(2).values.at("learner.tau"), 0.1);
  EXPECT_EQ(targets.runs.at(3).run, only(grid + "learner.algorithm = \"ql\"\n").run);
  EXPECT_EQ(
      refusal(grid + "[sweep]\nlearner.algorithm = [\"dqn\", \"ql\"]\nlearner.target-every = [9, 99]\n"),
      "a.toml:4: learner.target-every counts only with learner.algorithm = \"double-dqn\", \"dqn\", "
      "\"td-lambda\", \"sarsa\", \"expected-sarsa\" or \"rainbow\"; give it one value, or sweep it "
      "in a study of its own with learner.algorithm = \"dqn\"");
}

TEST(EnvironmentStudies, sweep_environments_with_and_without_data) {
  const Study study = study_of(
      "task.dataset = \"digits\"\n[sweep]\ntask.environment = [\"windowed\", \"gridworld\", "
      "\"random-walk\"]\n");
  ASSERT_EQ(study.runs.size(), 3u);
  EXPECT_EQ(study.runs[0].run, only("task.dataset = \"digits\"\ntask.kind = \"windowed\"\n").run);
  EXPECT_EQ(study.runs[1].run, only(grid).run);
  EXPECT_EQ(study.runs[2].run, only(walk).run);
}

TEST(EnvironmentStudies, ask_for_no_data_and_send_none_to_a_worker) {
  const std::vector<Configuration> runs = study_of(walk + "seeds = 2\n").runs;
  EXPECT_TRUE(work::data_request(runs[0]).is_null());
  const work::Datasets datasets =
      work::prepare_data(runs, {.arguments = {"false"}}, Json::object(), {}, nullptr);
  EXPECT_TRUE(datasets.empty());
  EXPECT_NO_THROW(work::check_examples(runs, datasets));
  EXPECT_NO_THROW(work::check_networks(runs, datasets));
  const work::Assignment task = work::assignment(runs[1], datasets, "");
  EXPECT_FALSE(task.fields.contains("data"));
  EXPECT_EQ(task.configuration->at("task.environment"), "random-walk");
  EXPECT_FALSE(task.configuration->contains("task.dataset"));
}

TEST(EnvironmentStudies, that_end_with_their_episodes_are_estimated_by_them) {
  // From the middle of 19 states a walk takes 10 x 10 steps in the mean.
  const std::string ten = walk + "learner.updates = 1000000\nlearner.episodes = 10\n";
  EXPECT_EQ(work::work_of(only(ten), {}, {}).updates, 1000);
  EXPECT_EQ(work::work_of(only(ten + "probe.unit = \"episodes\"\nprobe.every = 1\n"), {}, {}).probes, 11);
  EXPECT_EQ(work::work_of(only(ten + "task.states = 3\n"), {}, {}).updates, 40);
  EXPECT_EQ(work::work_of(only(walk), {}, {}).updates, 1000);
  EXPECT_EQ(work::work_of(only(grid), {}, {}).updates, 20000);
}

}  // namespace
}  // namespace crosstalk::study
