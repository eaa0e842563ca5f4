// Each thing that can be wrong in a study file, with its exact place and words.
#include <gtest/gtest.h>

#include <set>

#include "desk/memory_study.hpp"

namespace crosstalk::study {
namespace {

const std::string digits = "task.dataset = \"digits\"\n";

TEST(StudyErrors, name_the_line_and_the_nearest_key) {
  EXPECT_EQ(refusal("[task]\ndataset = \"digits\"\n\n[network]\nhiden = 16\n"),
            "a.toml:5: network.hiden is not a key; did you mean network.hidden?");
  EXPECT_EQ(refusal(digits + "[sweep]\n\"network.hiden\" = [8, 16]\n"),
            "a.toml:3: network.hiden is not a key; did you mean network.hidden?");
  EXPECT_EQ(refusal(digits + "[scale.short]\nlearner.update = 5\n"),
            "a.toml:3: learner.update is not a key; did you mean learner.updates?");
  EXPECT_EQ(refusal(digits + "hidden = 8\n"), "a.toml:2: hidden is not a key; did you mean network.hidden?");
  EXPECT_EQ(refusal(digits + "learner.lr = 0.1\n"),
            "a.toml:2: learner.lr is not a key; did you mean learner.rate?");
  EXPECT_EQ(refusal(digits + "network.rate = 0.1\n"),
            "a.toml:2: network.rate is not a key; did you mean learner.rate?");
  EXPECT_EQ(refusal(digits + "sedes = 3\n"), "a.toml:2: sedes is not a key; did you mean seeds?");
  EXPECT_EQ(refusal(digits + "[probe]\nzzzzzzzz = 1\n"),
            "a.toml:3: probe.zzzzzzzz is not a key; `crosstalk study keys` lists them all");
}

TEST(StudyErrors, name_an_unknown_table) {
  EXPECT_EQ(refusal(digits + "[netwrok]\nhidden = 8\ndepth = 2\n"),
            "a.toml:2: [netwrok] is not a table of a study; did you mean [network]?");
  EXPECT_EQ(refusal(digits + "[qqqqqqqqq]\n"),
            "a.toml:2: [qqqqqqqqq] is not a table of a study; there are [task], [trajectories], [network], "
            "[learner], "
            "[probe], [runtime], [sweep], [scale.NAME]");
  EXPECT_EQ(refusal(digits + "[scale.short.lerner]\nrate = 1\n"),
            "a.toml:2: [scale.short.lerner] is not a table of a study; did you mean [learner]?");
  EXPECT_EQ(refusal(digits + "[sweep.netwok]\nhidden = [1]\n"),
            "a.toml:2: netwok is not a key; `crosstalk study keys` lists them all");
}

TEST(StudyErrors, say_which_type_is_expected) {
  EXPECT_EQ(refusal(digits + "network.hidden = \"big\"\n"),
            "a.toml:2: network.hidden = \"big\": an integer from 1 to 65,536 is expected");
  EXPECT_EQ(refusal(digits + "network.hidden = 1.5\n"),
            "a.toml:2: network.hidden = 1.5: an integer from 1 to 65,536 is expected");
  EXPECT_EQ(refusal(digits + "learner.rate = true\n"),
            "a.toml:2: learner.rate = true: a number above 0 and at most 1e6 is expected");
  EXPECT_EQ(refusal(digits + "learner.rate = 2026-01-01\n"),
            "a.toml:2: learner.rate = a date or time: a number above 0 and at most 1e6 is expected");
  EXPECT_EQ(refusal(digits + "[network.hidden]\nx = 1\n"),
            "a.toml:2: network.hidden is a table, where an integer from 1 to 65,536 is expected");
  EXPECT_EQ(refusal(digits + "network.layers = \"linear out\"\n"),
            "a.toml:2: network.layers = \"linear out\": a list of texts is expected");
  EXPECT_EQ(refusal(digits + "network = 3\n"), "a.toml:2: network is a table: [network], then its keys");
}

TEST(StudyErrors, name_a_layer_that_cannot_be_read) {
  EXPECT_EQ(
      refusal(digits + "network.hiden = 3\nnetwork.layers = [\"flatten\", \"liner out\"]\n"),
      "a.toml:2: network.hiden is not a key; did you mean network.hidden?\n"
      "a.toml:3: network.layers, entry 2 of 2, \"liner out\": it begins with no layer that there is; there "
      "are conv, linear, dueling, leaky, relu, tanh, layernorm, flatten");
  EXPECT_EQ(
      refusal(digits + "[sweep]\nnetwork.layers = [[], [\"conv 16\", \"flatten\", \"linear out\"]]\n"),
      "a.toml:3: network.layers, entry 1 of 3, \"conv 16\": channels and kernel are missing: write, for "
      "example, \"conv 16 5 stride 2 pad 1\"");
  EXPECT_NE(refusal(digits + "network.layers = [\"flatten\", \"linear 3.5\"]\n"), "");
  EXPECT_NE(refusal(digits + "network.layers = [\"tanh 2\"]\n"), "");
}

TEST(StudyErrors, say_which_values_are_allowed) {
  EXPECT_EQ(refusal(digits + "network.hidden = -8\n"),
            "a.toml:2: network.hidden = -8: an integer from 1 to 65,536 is expected");
  EXPECT_EQ(refusal(digits + "network.hidden = 1000000\n"),
            "a.toml:2: network.hidden = 1000000: an integer from 1 to 65,536 is expected");
  EXPECT_EQ(refusal(digits + "network.head = 2\n"), "a.toml:2: network.head = 2: 1 or 4 is expected");
  EXPECT_EQ(refusal(digits + "learner.optimizer = \"adma\"\n"),
            "a.toml:2: learner.optimizer = \"adma\": \"adam\", \"sgd\", \"momentum\" or \"rmsprop\" is "
            "expected; did "
            "you mean \"adam\"?");
  EXPECT_EQ(refusal(digits + "learner.momentum = 1\n"),
            "a.toml:2: learner.momentum = 1: a number from 0 and below 1 is expected");
  EXPECT_EQ(refusal(digits + "learner.rate = nan\n"),
            "a.toml:2: learner.rate = nan: a number above 0 and at most 1e6 is expected");
  EXPECT_EQ(refusal(digits + "learner.rate = 0\n"),
            "a.toml:2: learner.rate = 0: a number above 0 and at most 1e6 is expected");
  EXPECT_EQ(refusal(digits + "task.examples = \"some\"\n"),
            "a.toml:2: task.examples = \"some\": an integer from 1 to 1,000,000,000 or \"all\" is expected");
  EXPECT_EQ(refusal("task.dataset = \"digit\"\n"),
            "a.toml:1: task.dataset = \"digit\": \"digits\", \"california\", \"sarcos\", \"cifar10\", "
            "\"svhn\", \"normal\", a path "
            "that ends in .csv or .npz, or a folder's with a / in it is expected; did you mean \"digits\"?");
  EXPECT_EQ(refusal(digits + "probe.measures = [\"stifness\"]\n"),
            "a.toml:2: probe.measures holds \"stifness\", which is none of its words; did you mean "
            "\"stiffness\"?");
  EXPECT_EQ(refusal(digits + "probe.measures = [\"loss\", \"loss\"]\n"),
            "a.toml:2: probe.measures holds \"loss\" twice");
}

TEST(StudyErrors, send_lists_to_the_sweep_and_single_values_away_from_it) {
  EXPECT_EQ(refusal(digits + "[network]\nhidden = [8, 16]\n"),
            "a.toml:3: network.hidden = [8, 16] is a list; several values stand under [sweep], as "
            "\"network.hidden\" = "
            "[8, 16]");
  EXPECT_EQ(refusal(digits + "[sweep]\nnetwork.hidden = 8\n"),
            "a.toml:3: [sweep] takes lists, and network.hidden = 8 is none; one value stands in [network]");
  EXPECT_EQ(refusal(digits + "[sweep]\nnetwork.hidden = []\n"),
            "a.toml:3: network.hidden = [] sweeps over nothing; give it at least one value");
  EXPECT_EQ(refusal(digits + "[sweep]\nnetwork.hidden = [8, 16, 8.0]\n"),
            "a.toml:3: network.hidden holds 8 and 8.0, which are one value (entries 1 and 3); leave one out");
  EXPECT_EQ(refusal(digits + "[sweep]\nlearner.rate = [1e-3, 0.001]\n"),
            "a.toml:3: learner.rate holds 0.001 twice (entries 1 and 2); leave one out");
  EXPECT_EQ(refusal(digits + "network.hidden = 8\n[sweep]\n\"network.hidden\" = [8, 16]\n"),
            "a.toml:4: network.hidden is given already, at a.toml:2");
  EXPECT_EQ(refusal(digits + "[sweep]\nnetwork.layers = [\"tanh\"]\n"),
            "a.toml:3: network.layers is a list itself, so a sweep over it is a list of lists: [[\"...\"], "
            "[\"...\"]]");
  EXPECT_EQ(refusal(digits + "[sweep]\nseeds = [1, 2]\n"),
            "a.toml:3: seeds stands at the top of the file, not under [sweep]; every configuration runs with "
            "each of "
            "them");
}

TEST(StudyErrors, tell_the_most_where_a_value_is_above_it) {
  EXPECT_EQ(refusal(digits + "learner.updates = 10000000000\n"),
            "a.toml:2: learner.updates = 10000000000: an integer from 1 to 1,000,000,000 is expected");
}

TEST(StudyErrors, refuse_seeds_that_are_none) {
  const std::string expected =
      ": a number of seeds from 1 to 100,000 (4 is 0, 1, 2, 3) or a list of as many, each an integer from 0 "
      "to 9,007,199,254,740,991, is expected";
  for (const std::string text : {"0", "-1", "1.5", "\"two\"", "[]", "100001"})
    EXPECT_EQ(refusal(digits + "seeds = " + text + "\n"), "a.toml:2: seeds = " + text + expected);
  EXPECT_EQ(refusal(digits + "seeds = [0, -1]\n"),
            "a.toml:2: seeds holds -1, where integers from 0 to 9,007,199,254,740,991 are expected");
  EXPECT_EQ(refusal(digits + "seeds = [3, 3]\n"),
            "a.toml:2: seeds holds 3 twice (entries 1 and 2); leave one out");
  EXPECT_EQ(refusal(digits + "seeds = [3]\n", {.seed_offset = -4}),
            "--seed-offset -4: seed 3 would leave the range of seeds, 0 to 9,007,199,254,740,991");
}

TEST(StudyErrors, place_broken_toml_by_line_and_column) {
  EXPECT_TRUE(refusal(digits + "[network\nhidden = 3\n").starts_with("a.toml:2: column "))
      << refusal("[network\n");
  EXPECT_TRUE(refusal(digits + "network.hidden = \n").starts_with("a.toml:2: column "));
  EXPECT_TRUE(refusal(digits + "seeds = 1\nseeds = 2\n").starts_with("a.toml:3: column "));
  EXPECT_TRUE(refusal("title = \"\xff\xfe\"\n").starts_with("a.toml:1: column "));
}

TEST(StudyErrors, name_the_scales_there_are) {
  EXPECT_EQ(refusal(digits + "[scale.paper]\n[scale.reduced]\n", {.scale = "redced"}),
            "a.toml: there is no scale \"redced\"; there are paper, reduced; did you mean reduced?");
  EXPECT_EQ(refusal(digits, {.scale = "x"}), "a.toml: there is no scale \"x\"; this study has none");
  EXPECT_EQ(refusal("default-scale = \"big\"\n" + digits + "[scale.small]\n"),
            "a.toml:1: default-scale: there is no scale \"big\"; there is small");
  EXPECT_EQ(refusal(digits + "[scale.small]\ntitle = \"x\"\n"),
            "a.toml:3: title belongs to the top of the file, not into a scale");
  EXPECT_EQ(refusal(digits + "[scale.\"../x\"]\n"),
            "a.toml:2: a scale's name has letters, digits, - and _ only, at most 64 of them, not \"../x\": "
            "it becomes part of a "
            "folder's "
            "name");
}

TEST(StudyErrors, tell_what_contradicts_itself) {
  const std::string sarcos = "task.dataset = \"sarcos\"\n";
  const std::string of_all =
      "\"loss\", \"gap\", \"function_interference\", \"function_stiffness\", \"loss_interference\", "
      "\"stiffness\", \"singular_values\" or ";
  EXPECT_EQ(refusal(sarcos + "probe.measures = [\"accuracy\"]\n"),
            "a.toml:2: probe.measures holds \"accuracy\", which goes only with task.kind = \"classify\" or "
            "\"windowed\"; task.kind is \"regress\": \"squared_error\", " +
                of_all + "15 others (`crosstalk study keys` has them) is expected");
  EXPECT_EQ(refusal(digits + "probe.measures = [\"squared_error\"]\n"),
            "a.toml:2: probe.measures holds \"squared_error\", which goes only with task.kind = \"regress\"; "
            "task.kind is \"classify\": \"accuracy\", " +
                of_all + "16 others (`crosstalk study keys` has them) is expected");
  EXPECT_EQ(
      refusal(sarcos + "learner.targets = \"broadcast\"\n"),
      "a.toml:2: learner.targets = \"broadcast\" needs one output, and sarcos has 7; \"separate\" does");
  EXPECT_EQ(refusal(sarcos + "learner.loss = \"cross-entropy\"\n"),
            "a.toml:2: learner.loss = \"cross-entropy\" goes only with task.kind = \"classify\" or "
            "\"control\"; task.kind is "
            "\"regress\": \"squared-error\" is expected");
  EXPECT_EQ(
      refusal(sarcos + "task.kind = \"classify\"\n"),
      "a.toml:2: task.kind = \"classify\" goes only with task.dataset = \"digits\", \"cifar10\", \"svhn\", "
      "\"own-table\" or \"own-images\"; task.dataset is \"sarcos\": \"regress\" is expected");
  EXPECT_EQ(refusal(digits + "task.target = \"price\"\n"),
            "a.toml:2: task.target counts only for a .csv of your own; leave it out");
  EXPECT_EQ(refusal("task.dataset = \"x.npz\"\ntask.target = \"price\"\n"),
            "a.toml:2: task.target counts only for a .csv of your own; leave it out");
  EXPECT_EQ(refusal(sarcos + "task.train-rows = 3000\n"),
            "a.toml:2: task.train-rows counts only with task.source = \"test-file\"; leave it out");
  EXPECT_EQ(refusal(digits + "task.source = \"test-file\"\n"),
            "a.toml:2: task.source counts only for sarcos; leave it out");
  EXPECT_EQ(refusal(sarcos + "probe.function = \"confidence\"\n"),
            "a.toml:2: probe.function = \"confidence\" goes only with task.kind = \"classify\"; task.kind is "
            "\"regress\": \"max\" or \"mean\" is expected");
}

TEST(StudyErrors, name_keys_that_count_for_nothing_beside_another) {
  const std::string layers = "network.layers = [\"flatten\", \"linear out\"]\n";
  const std::string shape = " counts only without network.layers, which says every layer; leave it out";
  for (const std::string line : {"network.hidden = 8", "network.depth = 0", "network.head = 1"})
    EXPECT_EQ(refusal(digits + layers + line + "\n"), "a.toml:3: " + line.substr(0, line.find(' ')) + shape);
  EXPECT_EQ(refusal(digits + layers + "[sweep]\nnetwork.depth = [0, 1]\n"),
            "a.toml:4: network.depth" + shape);
  const std::map<std::string, std::set<std::string>> readers = {
      {"learner.momentum = 0.5", {"momentum"}},
      {"learner.beta1 = 0.5", {"adam"}},
      {"learner.beta2 = 0.5", {"adam"}},
      {"learner.alpha = 0.5", {"rmsprop"}},
      {"learner.epsilon = 0.5", {"adam", "rmsprop"}}};
  for (const std::string optimizer : {"adam", "sgd", "momentum", "rmsprop"})
    for (const auto& [line, reading] : readers) {
      const std::string found = refusal(digits + "learner.optimizer = \"" + optimizer + "\"\n" + line + "\n");
      EXPECT_EQ(found.empty(), reading.count(optimizer) > 0) << optimizer << ' ' << line << ' ' << found;
    }
  EXPECT_EQ(
      refusal(digits + "learner.epsilon = 0.5\nlearner.optimizer = \"sgd\"\n"),
      "a.toml:2: learner.epsilon counts only with learner.optimizer = \"adam\" or \"rmsprop\"; leave it out");
}

TEST(StudyErrors, let_one_value_stand_beside_a_sweep_in_which_it_counts_somewhere) {
  const std::string momentum = "counts only with learner.optimizer = \"momentum\"; ";
  const auto swept = [&](const std::string& line, const std::string& optimizers) {
    return refusal(digits + line + "[sweep]\nlearner.optimizer = " + optimizers + "\n");
  };
  EXPECT_EQ(swept("learner.momentum = 0.5\n", "[\"adam\", \"momentum\"]"), "");
  EXPECT_EQ(swept("learner.momentum = 0.5\n", "[\"adam\", \"sgd\"]"),
            "a.toml:2: learner.momentum " + momentum + "leave it out");
  // Crossed with adam, two momenta would be two names of one run.
  EXPECT_EQ(refusal(digits + "[sweep]\nlearner.momentum = [0.5, 0.9]\nlearner.optimizer = [\"adam\", "
                             "\"momentum\"]\n"),
            "a.toml:3: learner.momentum " + momentum +
                "give it one value, or sweep it in a study of its own with learner.optimizer = \"momentum\"");
  EXPECT_EQ(refusal(digits + "learner.optimizer = \"momentum\"\n[sweep]\nlearner.momentum = [0.5, 0.9]\n"),
            "");
  EXPECT_EQ(
      refusal(digits + "network.hidden = 8\n[sweep]\nnetwork.layers = [[], [\"flatten\", \"linear out\"]]\n"),
      "");
}

TEST(StudyErrors, come_all_at_once_in_the_order_of_lines) {
  EXPECT_EQ(
      refusal("seeds = -1\n[task]\ndataset = \"digits\"\ntarget = \"y\"\n[network]\nhiden = 3\ndepth = -1\n",
              {.sets = {"learner.rte=1"}}),
      "a.toml:1: seeds = -1: a number of seeds from 1 to 100,000 (4 is 0, 1, 2, 3) or a list of as many, "
      "each an integer from 0 to 9,007,199,254,740,991, is expected\n"
      "a.toml:4: task.target counts only for a .csv of your own; leave it out\n"
      "a.toml:6: network.hiden is not a key; did you mean network.hidden?\n"
      "a.toml:7: network.depth = -1: an integer from 0 to 1000 is expected\n"
      "--set learner.rte=1: learner.rte is not a key; did you mean learner.rate?");
}

TEST(StudyErrors, ask_for_the_one_key_without_a_default) {
  EXPECT_TRUE(refusal("").starts_with("a.toml: task.dataset is missing"));
  EXPECT_TRUE(refusal("seeds = 0\n").find("a.toml: task.dataset is missing") != std::string::npos);
  EXPECT_EQ(refusal("task.dataset = 3\n").find("missing"), std::string::npos);
  EXPECT_EQ(refusal("", {.sets = {"task.dataset=digits"}}), "");
}

TEST(StudyErrors, name_the_option_that_is_wrong) {
  const auto set = [](const std::string& text) { return refusal(digits, {.sets = {text}}); };
  EXPECT_EQ(set("network.hidden"), "--set network.hidden: key=value is expected, as --set learner.rate=1e-3");
  EXPECT_EQ(set("=3"), "--set =3: key=value is expected, as --set learner.rate=1e-3");
  EXPECT_EQ(set("network.hiden=3"),
            "--set network.hiden=3: network.hiden is not a key; did you mean network.hidden?");
  EXPECT_EQ(set("network.hidden=big"),
            "--set network.hidden=big: network.hidden = \"big\": an integer from 1 to 65,536 is expected");
  EXPECT_EQ(set("network.hidden=[]"),
            "--set network.hidden=[]: network.hidden = [] sweeps over nothing; give it at least one value");
  EXPECT_EQ(set("seeds=x").substr(0, 31), "--set seeds=x: seeds = \"x\": a n");
  EXPECT_EQ(set("network.hidden=[8,\xff]"),
            "--set network.hidden=[8,\\xFF]: the byte \\xFF is no UTF-8, in which a study is written");
  EXPECT_EQ(refusal(digits, {.device = "tpu"}),
            "--device tpu: runtime.device = \"tpu\": \"cpu\" or \"cuda\" is expected; did you mean \"cpu\"?");
}

TEST(StudyErrors, refuse_what_cannot_be_included) {
  EXPECT_EQ(refusal({{"a.toml", "include = [\"b.toml\"]\n"}}),
            "a.toml:1: include: b.toml: there is no such file");
  EXPECT_EQ(refusal({{"a.toml", "\ninclude = [\"b.toml\"]\n"},
                     {"b.toml", "include = [\"c.toml\"]"},
                     {"c.toml", "include = [\"a.toml\"]"}}),
            "c.toml:1: include of a.toml goes round in a circle: a.toml -> b.toml -> c.toml -> a.toml");
  const std::map<std::string, std::string> scaled = {
      {"a.toml", digits + "[scale.s]\ninclude = [\"b.toml\"]\n[scale.t]\ninclude = [\"c.toml\"]\n"},
      {"b.toml", "include = [\"a.toml\"]"}};
  EXPECT_EQ(refusal(scaled), "");
  EXPECT_EQ(refusal(scaled, {.scale = "s"}),
            "b.toml:1: include of a.toml goes round in a circle: a.toml -> b.toml -> a.toml");
  EXPECT_EQ(refusal(scaled, {.scale = "t"}), "a.toml:5: include: c.toml: there is no such file");
  EXPECT_EQ(refusal(digits + "[scale.s]\ninclude = []\n"),
            "a.toml:3: include is a list of study files: include = [\"a.toml\", \"b.toml\"]");
  EXPECT_EQ(refusal(digits + "[scale.s]\ninclud = [\"b.toml\"]\n"),
            "a.toml:3: includ is not a key; did you mean include?");
  EXPECT_EQ(refusal({{"a.toml", "include = \"b.toml\"\n"}}),
            "a.toml:1: include is a list of study files: include = [\"a.toml\", \"b.toml\"]");
  EXPECT_EQ(refusal({{"a.toml", "include = [\"b.toml\", \"x/b.toml\"]\n"},
                     {"b.toml", digits},
                     {"x/b.toml", digits + "network.hidden = 3"}}),
            "a.toml:1: include joins b.toml and x/b.toml, both named b; an experiment is known by its file's "
            "name, so "
            "rename one or leave it out");
  EXPECT_TRUE(
      refusal({{"a.toml", "include = [\"b.toml\", \"c.toml\"]\n"}, {"b.toml", digits}, {"c.toml", digits}})
          .starts_with("c.toml: run "));
  EXPECT_EQ(refusal({{"a.toml", "include = [\"b.toml\"]\n[network]\nhiden = 2\n"},
                     {"b.toml", digits + "seds = 1\n"}}),
            "a.toml:3: network.hiden is not a key; did you mean network.hidden?\n"
            "b.toml:2: seds is not a key; did you mean seeds?");
}

TEST(StudyErrors, stop_a_sweep_that_nobody_can_run) {
  std::string list = "[1";
  for (int i = 2; i <= 400; ++i) list += ", " + std::to_string(i);
  list += "]";
  const std::string text =
      refusal(digits + "[sweep]\nnetwork.hidden = " + list + "\nnetwork.depth = " + list + "\n");
  EXPECT_NE(text.find("network.depth (400) x network.hidden (400) makes more than the 100,000 runs"),
            std::string::npos)
      << text;
}

}  // namespace
}  // namespace crosstalk::study
