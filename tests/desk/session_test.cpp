// The command that `run` proposes in place of a long one.
#include "cli/session.hpp"

#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>

#include "cli/console.hpp"
#include "folder.hpp"
#include "study/load.hpp"

namespace crosstalk::cli {
namespace {

TEST(Console, puts_quotes_around_words_that_a_shell_would_take_apart) {
  EXPECT_EQ(shell_word("results/a-b_c.toml"), "results/a-b_c.toml");
  EXPECT_EQ(shell_word("my studies/a.toml"), "'my studies/a.toml'");
  EXPECT_EQ(shell_word("network.hidden=[8,16]"), "'network.hidden=[8,16]'");
  EXPECT_EQ(shell_word("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_word(""), "''");
}

/// Workers that say how large networks are.
struct NetworksOfWorkers {
  NetworksOfWorkers() { signal(SIGPIPE, SIG_IGN); }
  Folder folder;
  store::Store store = store::Store::create(folder.path() / "study.sqlite", nullptr);
  work::Options options{
      .worker = {.arguments = {"python3", std::string(CROSSTALK_SOURCE_DIR) + "/tests/desk/fake_worker.py"}},
      .logs = folder.path()};
  work::Watcher watcher;
  work::Coordinator coordinator{store, options, watcher};
};

TEST(ShorterCommand, keeps_every_option_that_decides_what_is_run_and_where) {
  Folder folder;
  const auto file = folder.path() / "my study.toml";
  std::ofstream(file) << "task.environment = \"random-walk\"\nlearner.approximation = \"network\"\n"
                         "learner.updates = 100000\n"
                         "[scale.reduced]\nlearner.updates = 1000\n[scale.half]\nlearner.updates = 40000\n";
  RunOptions options{.source = file.string(),
                     .load = {.sets = {"network.hidden=[8,16]", "learner.optimizer=sgd"},
                              .seed_offset = 3,
                              .device = "cuda"},
                     .out = "elsewhere",
                     .data = "/my data",
                     .jobs = 2};
  const Source source{.study = study::load(file, options.load), .file = file};
  const Forecast ahead{source.study.runs, {50000, 50000}, {}, 100000};
  NetworksOfWorkers workers;
  const auto command = shorter_command(workers.coordinator, source, options, ahead, {});
  ASSERT_TRUE(command);
  EXPECT_EQ(*command, "crosstalk run '" + file.string() +
                          "' --scale reduced --set 'network.hidden=[8,16]' --set learner.optimizer=sgd "
                          "--seed-offset 3 --device cuda --data '/my data' --jobs 2   (about 17 min)");
  // Where that scale's folder has results already, the varied study gets a folder of its own.
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  std::filesystem::create_directories("results/my study-reduced");
  const auto beside = shorter_command(workers.coordinator, source, options, ahead, {});
  std::filesystem::current_path(before);
  ASSERT_TRUE(beside);
  EXPECT_NE(beside->find(" --out 'results/my study-reduced-2' "), std::string::npos) << *beside;
  options.load.scale = "reduced";
  const Source small{.study = study::load(file, options.load), .file = file};
  EXPECT_FALSE(
      shorter_command(workers.coordinator, small, options, {small.study.runs, {500, 500}, {}, 1000}, {}));
}

}  // namespace
}  // namespace crosstalk::cli
