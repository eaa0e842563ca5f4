#include "base/error.hpp"
#include "cli/checks.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/session.hpp"
#include "cli/source.hpp"
#include "cli/trajectories.hpp"
#include "study/schema.hpp"
#include "study/words.hpp"
#include "work/data.hpp"
#include "work/signals.hpp"

namespace crosstalk::cli {
namespace {

constexpr long long most_transitions = 1'000'000'000'000;

void add_collect(CLI::App& app, Context& context) {
  auto options = std::make_shared<CollectOptions>();
  CLI::App* collect = app.add_subcommand(
      "collect", "plays whole episodes and stores them; the same command goes on after an interruption");
  collect
      ->add_option("--env", options->environment,
                   "gym:NAME, minatar:NAME, atari:NAME, gym:FILE.py:CLASS, gridworld or random-walk")
      ->required()
      ->type_name("ENVIRONMENT")
      ->check(some_text());
  collect
      ->add_option(
          "--expert", options->expert,
          "who acts: a file of parameters that a run kept (probe.keep), or a results folder, for that of its "
          "run with the largest return; its values are stored, too")
      ->type_name("EXPERT")
      ->check(some_text());
  collect->add_option("--policy", options->policy, "who acts without an expert: random")->type_name("POLICY");
  collect
      ->add_option("--epsilon", options->epsilon,
                   "the share of an expert's actions that are random (default: 0.01)")
      ->type_name("E")
      ->check(number(0, 1));
  collect->add_option("--transitions", options->transitions, "how many at most; episodes are stored whole")
      ->required()
      ->type_name("N")
      ->check(whole_number(1, most_transitions));
  collect->add_option("--seed", options->seed, "of episodes and random actions")
      ->required()
      ->type_name("S")
      ->check(whole_number(0, std::numeric_limits<std::int64_t>::max()));
  collect->add_option("--set", options->sets, "the value of a key of the task (repeatable)")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  collect->add_option("--device", options->device, "where the expert computes (default: cpu)")
      ->type_name("DEVICE");
  collect
      ->add_option("--checkpoint-seconds", options->checkpoint_seconds,
                   "seconds after which what is played goes to the disk")
      ->type_name("S")
      ->check(number(0, 1e9))
      ->capture_default_str();
  collect->add_flag("--ram", options->ram, "the console's memory, too, 128 bytes an observation (atari:)");
  collect->add_option("--out", options->out, "the folder to make, or to go on with")
      ->required()
      ->type_name("DIR")
      ->check(some_text());
  collect->footer(
      "Examples:\n"
      "  crosstalk trajectories collect --env minatar:breakout --policy random \\\n"
      "      --transitions 50000 --seed 1 --out breakout\n"
      "  crosstalk trajectories collect --env atari:ms_pacman --set task.sticky=0.25 --ram \\\n"
      "      --expert results/pacman/kept/RUN/1000000.safetensors --epsilon 0.01 \\\n"
      "      --transitions 1000000 --seed 1 --out pacman");
  collect->callback([options, &context] { context.status = collect_trajectories(*options, context); });
}

void add_info(CLI::App& app, Context& context) {
  auto folder = std::make_shared<std::string>();
  auto check = std::make_shared<bool>(false);
  CLI::App* info = app.add_subcommand("info", "what a set of trajectories holds, and who made it");
  info->add_option("DIR", *folder, "a folder that collect or import made")->required()->check(some_text());
  info->add_flag("--check", *check,
                 "read all files, compare them with their digests, and look at each episode");
  info->footer(
      "Examples:\n  crosstalk trajectories info pacman\n  crosstalk trajectories info pacman --check");
  info->callback([folder, check, &context] {
    say(*check ? checked_trajectories(*folder, context) : info_on_trajectories(*folder));
    context.status = 0;
  });
}

/// `python -m crosstalk.trajectories WHAT`; it answers with the text to print.
void hand_over(const Context& context, const std::string& what, const Json& request) {
  const work::Interrupts interrupts;
  const Json answer = work::ask(trajectories_command(context, what), request, remark, &interrupts,
                                "the trajectories cannot be exchanged");
  for (const Json& notice : answer.value("notices", Json::array()))
    remark("note: " + notice.get<std::string>());
  say(answer.at("text").get<std::string>() + '\n');
}

void add_export(CLI::App& app, Context& context) {
  auto folder = std::make_shared<std::string>(), minari = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("export", "writes a set as a data set of Minari's");
  command->add_option("DIR", *folder, "a folder that collect or import made")->required()->check(some_text());
  command->add_option("--minari", *minari, "the data set's name: NAMESPACE/NAME-v0")
      ->required()
      ->type_name("ID")
      ->check(some_text());
  command->footer("Examples:\n  crosstalk trajectories export pacman --minari mine/ms-pacman-v0");
  command->callback([folder, minari, &context] {
    hand_over(context, "export", {{"folder", whole_path(*folder)}, {"minari", *minari}});
    context.status = 0;
  });
}

void add_import(CLI::App& app, Context& context) {
  auto from = std::make_shared<std::string>(), out = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("import", "makes a set of a data set of Minari's");
  command->add_option("FROM", *from, "a data set's ID in Minari's folder, or a FILE.hdf5")
      ->required()
      ->check(some_text());
  command->add_option("--out", *out, "the folder to make")->required()->type_name("DIR")->check(some_text());
  command->footer("Examples:\n  crosstalk trajectories import atari/breakout/expert-v0 --out breakout");
  command->callback([from, out, &context] {
    std::error_code ignored;
    const bool is_file = std::filesystem::exists(*from, ignored);
    hand_over(context, "import", {{"from", is_file ? whole_path(*from) : *from}, {"out", whole_path(*out)}});
    context.status = 0;
  });
}

}  // namespace

void add_trajectories_command(CLI::App& app, Context& context) {
  CLI::App* trajectories =
      app.add_subcommand("trajectories", "collect, look at and exchange trajectories on disk");
  trajectories->require_subcommand(1);
  add_collect(*trajectories, context);
  add_info(*trajectories, context);
  add_import(*trajectories, context);
  add_export(*trajectories, context);
  trajectories->footer(
      "Examples:\n"
      "  crosstalk trajectories collect --env gym:CartPole-v1 --policy random --transitions 50000 \\\n"
      "      --seed 1 --out cartpole\n"
      "  crosstalk trajectories info cartpole");
}

}  // namespace crosstalk::cli
