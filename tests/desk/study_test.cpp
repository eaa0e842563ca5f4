// What a study file means: sweeps, scales, options, included files, defaults.
#include <gtest/gtest.h>

#include <fstream>

#include "desk/memory_study.hpp"
#include "study/describe.hpp"
#include "study/load.hpp"
#include "study/schema.hpp"

namespace crosstalk::study {
namespace {

const std::string digits = "task.dataset = \"digits\"\n";

/// The values of a key, run by run.
std::vector<Json> column(const Study& study, const std::string& key) {
  std::vector<Json> values;
  for (const Configuration& run : study.runs) values.push_back(run.values.at(key));
  return values;
}

std::vector<std::uint64_t> seeds(const Study& study) {
  std::vector<std::uint64_t> found;
  for (const Configuration& run : study.runs) found.push_back(run.seed);
  return found;
}

using List = std::vector<Json>;

TEST(Study, needs_no_key_but_the_dataset) {
  const Study study = study_of(digits);
  ASSERT_EQ(study.runs.size(), 1u);
  EXPECT_EQ(study.runs[0].values.size(), keys().size() - 5)
      << "all but task.environment, task.trajectories, task.episode-steps, task.train-levels and "
         "trajectories.transitions have a value";
  EXPECT_EQ(study.runs[0].seed, 0u);
  EXPECT_EQ(study.runs[0].experiment, "a");
  EXPECT_EQ(study.name, "a");
  EXPECT_TRUE(study.swept.empty());
}

TEST(Study, has_the_papers_defaults_for_each_dataset) {
  const auto value = [](const std::string& dataset, const std::string& key) {
    return study_of("task.dataset = \"" + dataset + "\"\n").runs.at(0).values.at(key);
  };
  const std::vector<std::tuple<std::string, std::string, Json>> facts = {
      {"svhn", "probe.every", 50},
      {"cifar10", "probe.every", 20},
      {"sarcos", "probe.every", 250},
      {"california", "probe.every", 5},
      {"svhn", "probe.samples", 96},
      {"sarcos", "probe.samples", 128},
      {"california", "probe.samples", 200},
      {"x.csv", "probe.samples", 128},
      {"svhn", "network.head", 4},
      {"cifar10", "network.head", 1},
      {"digits", "network.head", 4},
      {"./photos", "network.head", 4},
      {"svhn", "network.hidden", 16},
      {"sarcos", "network.hidden", 64},
      {"svhn", "network.depth", 1},
      {"california", "network.depth", 2},
      {"x.npz", "network.depth", 1},
      {"sarcos", "learner.reduction", "sum"},
      {"california", "learner.reduction", "mean"},
      {"sarcos", "learner.updates", 5000},
      {"california", "learner.updates", 1000},
      {"svhn", "learner.updates", 1000},
      {"svhn", "learner.loss", "cross-entropy"},
      {"x.csv", "learner.loss", "squared-error"},
      {"./photos", "task.kind", "classify"},
      {"x.csv", "task.kind", "regress"},
      {"california", "task.normalise", "global"},
      {"x.npz", "task.normalise", "per-feature"},
      {"sarcos", "task.normalise", "none"},
      {"svhn", "probe.function", "max"},
      {"sarcos", "probe.function", "max"},
      {"sarcos", "learner.rate", 1e-3},
      {"sarcos", "learner.batch", 32}};
  for (const auto& [dataset, key, expected] : facts)
    EXPECT_EQ(value(dataset, key), expected) << dataset << ' ' << key;
}

TEST(Study, lets_defaults_follow_the_kind_of_a_table) {
  const auto values = study_of("task.dataset = \"x.csv\"\ntask.kind = \"classify\"\n").runs.at(0).values;
  EXPECT_EQ(values.at("learner.loss"), "cross-entropy");
  EXPECT_EQ(values.at("probe.function"), "max");
  EXPECT_EQ(values.at("probe.measures").at(0), "accuracy");
}

TEST(Study, crosses_its_axes_and_gives_every_configuration_every_seed) {
  const Study study = study_of("seeds = [5, 3]\n" + digits +
                               "[sweep]\ntask.examples = [10, \"all\"]\n\"network.hidden\" = [4, 8, 16]\n");
  EXPECT_EQ(seeds(study), (std::vector<std::uint64_t>{5, 5, 5, 5, 5, 5, 3, 3, 3, 3, 3, 3}));
  EXPECT_EQ(column(study, "task.examples"),
            (List{10, 10, 10, "all", "all", "all", 10, 10, 10, "all", "all", "all"}));
  EXPECT_EQ(column(study, "network.hidden"), (List{4, 8, 16, 4, 8, 16, 4, 8, 16, 4, 8, 16}));
  EXPECT_EQ(study.swept, (std::vector<std::string>{"network.hidden", "task.examples"}));
}

TEST(Study, takes_the_three_ways_to_write_a_sweep_alike) {
  const List expected = {4, 8};
  for (const std::string sweep :
       {"[sweep]\n\"network.hidden\" = [4, 8]\n", "[sweep]\nnetwork.hidden = [4, 8]\n",
        "[sweep.network]\nhidden = [4, 8]\n", "sweep = {network = {hidden = [4, 8]}}\n"})
    EXPECT_EQ(column(study_of(digits + sweep), "network.hidden"), expected) << sweep;
}

TEST(Study, does_not_count_a_sweep_of_one_value_as_swept) {
  const Study study = study_of(digits + "[sweep]\nnetwork.hidden = [4]\n");
  EXPECT_EQ(column(study, "network.hidden"), List{4});
  EXPECT_TRUE(study.swept.empty());
}

TEST(Study, replaces_what_stands_above_by_what_its_scale_says) {
  const std::string text = "seeds = 2\n" + digits +
                           "learner.updates = 700\n[sweep]\nnetwork.hidden = [4, 8]\n"
                           "[scale.single]\nnetwork.hidden = 2\nseeds = [9]\n"
                           "[scale.wide]\nseeds = 1\n[scale.wide.sweep]\nlearner.updates = [1, 2]\n";
  EXPECT_EQ(study_of(text).runs.size(), 4u);
  const Study single = study_of(text, {.scale = "single"});
  EXPECT_EQ(column(single, "network.hidden"), List{2});
  EXPECT_EQ(seeds(single), std::vector<std::uint64_t>{9});
  EXPECT_EQ(single.scale, "single");
  const Study wide = study_of(text, {.scale = "wide"});
  EXPECT_EQ(column(wide, "learner.updates"), (List{1, 2, 1, 2}));
  EXPECT_EQ(wide.swept, (std::vector<std::string>{"learner.updates", "network.hidden"}));
}

TEST(Study, takes_its_default_scale_where_none_is_chosen) {
  const std::string text =
      "default-scale = \"b\"\n" + digits + "[scale.a]\nnetwork.hidden = 1\n[scale.b]\nnetwork.hidden = 2\n";
  EXPECT_EQ(study_of(text).scale, "b");
  EXPECT_EQ(column(study_of(text), "network.hidden"), List{2});
  EXPECT_EQ(column(study_of(text, {.scale = "a"}), "network.hidden"), List{1});
}

TEST(Study, lets_a_list_of_the_command_line_become_an_axis_and_a_single_value_replace_one) {
  const std::string text = digits + "[sweep]\nnetwork.hidden = [4, 8]\n[scale.s]\nnetwork.hidden = 3\n";
  EXPECT_EQ(column(study_of(text, {.sets = {"network.hidden=5"}}), "network.hidden"), List{5});
  EXPECT_EQ(column(study_of(text, {.scale = "s", .sets = {"network.hidden=[5, 6]"}}), "network.hidden"),
            (List{5, 6}));
  EXPECT_EQ(column(study_of(text, {.sets = {"learner.optimizer=[adam, sgd]", "network.hidden=1"}}),
                   "learner.optimizer"),
            (List{"adam", "sgd"}));
  EXPECT_EQ(column(study_of(text, {.sets = {"network.hidden=1", "network.hidden = 2"}}), "network.hidden"),
            List{2});
  EXPECT_EQ(seeds(study_of(digits, {.sets = {"seeds=[4,5]"}})), (std::vector<std::uint64_t>{4, 5}));
  EXPECT_EQ(seeds(study_of("seeds = 7\n" + digits, {.sets = {"seeds=2"}})),
            (std::vector<std::uint64_t>{0, 1}));
}

TEST(Study, takes_words_of_the_command_line_as_texts) {
  const auto value = [](const std::string& set, const std::string& key) {
    return column(study_of("task.dataset = \"x.csv\"\n", {.sets = {set}}), key).at(0);
  };
  EXPECT_EQ(value("learner.optimizer=sgd", "learner.optimizer"), "sgd");
  EXPECT_EQ(value("learner.optimizer=\"sgd\"", "learner.optimizer"), "sgd");
  EXPECT_EQ(value("task.examples=all", "task.examples"), "all");
  EXPECT_EQ(value("task.target=2020", "task.target"), "2020");
  EXPECT_EQ(value("task.target=median value", "task.target"), "median value");
  EXPECT_EQ(value("task.dataset=./my data/x.csv", "task.dataset"), "my data/x.csv");
  EXPECT_EQ(value("network.layers=[linear 8, tanh, linear out]", "network.layers"),
            (Json{"linear 8", "tanh", "linear out"}));
  EXPECT_EQ(value("network.layers=[]", "network.layers"), Json::array());
  EXPECT_EQ(
      column(study_of(digits, {.sets = {"network.layers=[[flatten, linear out],[]]"}}), "network.layers"),
      (List{Json{"flatten", "linear out"}, Json::array()}));
}

TEST(Study, runs_on_the_device_of_the_command_line) {
  EXPECT_EQ(column(study_of(digits + "runtime.device = \"cpu\"\n", {.device = "cuda"}), "runtime.device"),
            List{"cuda"});
}

TEST(Study, shifts_every_seed_by_the_offset) {
  EXPECT_EQ(seeds(study_of("seeds = [1, 4]\n" + digits, {.seed_offset = 10})),
            (std::vector<std::uint64_t>{11, 14}));
}

TEST(Study, joins_included_studies_each_crossed_alone) {
  const Study study =
      reading_of({{"a.toml", "include = [\"b.toml\", \"sub/c.toml\"]\nseeds = 2\n"},
                  {"b.toml", digits + "seeds = 5\n[sweep]\nnetwork.hidden = [4, 8]\n"},
                  {"sub/c.toml", "[task]\ndataset = \"own.csv\"\n[sweep]\nlearner.rate = [1, 0.1]\n"}})
          .study;
  ASSERT_EQ(study.runs.size(), 8u);
  EXPECT_EQ(study.runs[0].experiment, "b");
  EXPECT_EQ(study.runs[7].experiment, "c");
  EXPECT_EQ(study.runs[7].values.at("task.dataset"), "sub/own.csv");
  EXPECT_EQ(study.swept, (std::vector<std::string>{"learner.rate", "network.hidden"}));
  ASSERT_EQ(study.files.size(), 3u);
  EXPECT_EQ(study.files[0].path, "a.toml");
  EXPECT_NE(study.text.find("own.csv"), std::string::npos);
}

TEST(Study, chooses_a_scale_for_all_included_files_that_have_it) {
  const std::map<std::string, std::string> files = {
      {"a.toml", "include = [\"b.toml\", \"c.toml\"]\n"},
      {"b.toml", digits + "network.hidden = 2\n[scale.short]\nnetwork.hidden = 1\n"},
      {"c.toml", "task.dataset = \"sarcos\"\nnetwork.hidden = 3\n"}};
  EXPECT_EQ(column(reading_of(files, {.scale = "short"}).study, "network.hidden"), (List{1, 3}));
  EXPECT_EQ(refusal(files, {.scale = "shrt"}),
            "a.toml: there is no scale \"shrt\"; there is short; did you mean short?");
}

TEST(Study, puts_a_scale_of_an_included_file_above_every_base_and_the_including_scale_above_that) {
  std::map<std::string, std::string> files = {
      {"a.toml", "include = [\"b.toml\"]\nnetwork.hidden = 2\n"},
      {"b.toml", digits + "network.hidden = 1\n[scale.short]\nnetwork.hidden = 3\n"}};
  EXPECT_EQ(column(reading_of(files).study, "network.hidden"), List{2});
  EXPECT_EQ(column(reading_of(files, {.scale = "short"}).study, "network.hidden"), List{3});
  files["a.toml"] += "[scale.short]\nnetwork.hidden = 4\n";
  EXPECT_EQ(column(reading_of(files, {.scale = "short"}).study, "network.hidden"), List{4});
  EXPECT_EQ(
      column(reading_of(files, {.scale = "short", .sets = {"network.hidden=5"}}).study, "network.hidden"),
      List{5});
}

TEST(Study, joins_what_its_scale_includes_in_place_of_what_stands_at_the_top) {
  const std::map<std::string, std::string> files = {
      {"a.toml",
       "default-scale = \"paper\"\ninclude = [\"b.toml\"]\nlearner.batch = 8\n[scale.paper]\n"
       "[scale.small]\ninclude = [\"sub/c.toml\", \"b.toml\"]\nlearner.rate = 0.5\n"},
      {"b.toml", digits + "network.hidden = 1\n[scale.small]\nnetwork.hidden = 2\n"},
      {"sub/c.toml", "default-scale = \"own\"\ntask.dataset = \"x.csv\"\n[scale.own]\nnetwork.hidden = 4\n"}};
  const Study top = reading_of(files).study;
  EXPECT_EQ(column(top, "network.hidden"), List{1});
  EXPECT_EQ(top.scale, "paper");
  EXPECT_EQ(top.files.size(), 2u);  // what another scale includes is not read
  const Study small = reading_of(files, {.scale = "small"}).study;
  EXPECT_EQ(column(small, "task.dataset"), (List{"sub/x.csv", "digits"}));
  EXPECT_EQ(column(small, "network.hidden"), (List{64, 2}));
  EXPECT_EQ(column(small, "learner.batch"), (List{8, 8}));
  EXPECT_EQ(column(small, "learner.rate"), (List{0.5, 0.5}));
  EXPECT_EQ(to_json(study_from_json(to_json(small))), to_json(small));
}

TEST(Study, may_join_others_at_a_scale_alone) {
  const std::map<std::string, std::string> files = {
      {"a.toml", digits + "[scale.wide]\ninclude = [\"b.toml\"]\n"},
      {"b.toml", "task.dataset = \"sarcos\"\n"}};
  EXPECT_EQ(reading_of(files).study.runs.at(0).experiment, "a");
  const Study wide = reading_of(files, {.scale = "wide"}).study;
  ASSERT_EQ(wide.runs.size(), 1u);
  EXPECT_EQ(wide.runs[0].experiment, "b");
  EXPECT_EQ(wide.runs[0].values.at("task.dataset"), "digits");  // what the including file says holds
}

TEST(Study, comes_back_from_its_json_with_every_run) {
  const Reading reading =
      reading_of({{"a.toml", "title = \"T\"\ninclude = [\"b.toml\", \"../c.toml\"]\n[scale.s]\nseeds = 2\n"},
                  {"b.toml", digits + "[sweep]\nnetwork.hidden = [4, 8]\n"},
                  {"../c.toml", "task.dataset = \"sarcos\"\n"}},
                 {.scale = "s", .sets = {"learner.rate=[0.1,1e-7]"}, .seed_offset = 3});
  const Json json = to_json(reading.study);
  const Study back = study_from_json(Json::parse(json.dump()));
  EXPECT_EQ(to_json(back), json);
  EXPECT_EQ(back.runs.size(), 12u);
  EXPECT_EQ(back.title, "T");
  const Study again = study_from_json(Json::from_cbor(Json::to_cbor(json)));
  EXPECT_EQ(to_json(again), json);
}

TEST(Study, refuses_json_that_is_none_of_its_own) {
  const Json json = to_json(study_of(digits));
  const auto kind = [](const Json& stored) {
    try {
      study_from_json(stored);
    } catch (const Error& error) {
      return to_string(error.kind());
    }
    return std::string("none");
  };
  Json edited = json, torn = json;
  edited["files"][0]["text"] = digits + "network.hidden = 3\n";
  torn.erase("files");
  EXPECT_EQ(kind(json), "none");
  for (const int schema : {1, 2, schema_version + 1}) {
    Json other_schema = json;
    other_schema["schema"] = schema;
    EXPECT_EQ(kind(other_schema), "store") << schema;
  }
  EXPECT_EQ(kind(edited), "store");
  EXPECT_EQ(kind(torn), "store");
  EXPECT_EQ(kind(Json::array()), "store");
}

TEST(Study, that_names_each_run_as_they_were_once_stored_is_read) {
  const Study study = study_of("seeds = 2\n" + digits);
  Json json = to_json(study);
  json["runs"] = Json::array();
  for (const Configuration& run : study.runs)
    json["runs"].push_back({{"run", run.run}, {"experiment", run.experiment}, {"seed", run.seed}});
  EXPECT_EQ(to_json(study_from_json(json)), to_json(study));
  json["runs"].erase(0);
  EXPECT_THROW(study_from_json(json), Error);
}

TEST(Study, of_an_older_schema_can_be_run_anew_and_is_no_stored_one) {
  const Study study = study_of("seeds = 2\n" + digits);
  Json json = to_json(study);
  json["runs"]["identifiers"] = "of other runs";
  for (const int schema : {1, 2}) {
    ASSERT_LT(schema, schema_version);
    json["schema"] = schema;
    EXPECT_EQ(to_json(study_anew(json)), to_json(study)) << schema;
    EXPECT_THROW(study_from_json(json), Error) << schema;
  }
  Json edited = json, newer = json, unknown = json;
  edited["runs"]["seeds"] = "others";
  newer["schema"] = schema_version + 1;
  unknown["schema"] = "1";
  for (const Json& none : {edited, newer, unknown, Json(), Json::array(), Json{{"schema", 1}}})
    EXPECT_THROW(study_anew(none), Error) << none;
}

TEST(Study, says_where_each_value_comes_from) {
  const Reading reading = reading_of(
      {{"a.toml",
        "task.dataset = \"sarcos\"\n[sweep]\nnetwork.hidden = [4, 8]\n[scale.s]\nlearner.updates = 9\n"}},
      {.scale = "s", .sets = {"learner.rate=0.5"}});
  const auto line = [&](const std::string& key) {
    for (const auto& cells : described_keys(reading.experiments.at(0)))
      if (cells[0] == key) return cells[1] + " | " + cells[2];
    return std::string();
  };
  EXPECT_EQ(line("task.dataset"), "\"sarcos\" | a.toml:1");
  EXPECT_EQ(line("network.hidden"), "4, 8 | a.toml:3");
  EXPECT_EQ(line("learner.updates"), "9 | scale s, a.toml:5");
  EXPECT_EQ(line("learner.rate"), "0.5 | --set learner.rate=0.5");
  EXPECT_EQ(line("learner.reduction"), "\"sum\" | default for sarcos");
  EXPECT_EQ(line("probe.function"), "\"max\" | default");
  EXPECT_EQ(line("learner.batch"), "32 | default");
  EXPECT_EQ(line("seeds"), "0 | default");
  EXPECT_EQ(described_runs(reading.experiments.at(0)),
            "2 configurations x 1 seed = 2 runs; swept: network.hidden");
}

TEST(Study, that_is_newly_written_on_stored_trajectories_learns_from_them) {
  const Study study = study_of(new_study("", "", "sets/breakout"));
  ASSERT_EQ(study.runs.size(), 3u);
  EXPECT_EQ(study.runs.at(0).run,
            study_of("task.trajectories = \"sets/breakout\"\nseeds = 3\n").runs.at(0).run);
  EXPECT_EQ(study.runs.at(0).values.at("task.trajectories"), "sets/breakout");
}

TEST(Study, that_is_newly_written_is_one_and_names_every_key) {
  const std::vector<std::pair<std::string, std::string>> subjects = {
      {"digits", ""},      {"california", ""}, {"sarcos", ""},   {"cifar10", ""},
      {"svhn", ""},        {"x.csv", ""},      {"./photos", ""}, {"digits", "windowed"},
      {"", "random-walk"}, {"", "gridworld"},  {"", "baird"},    {"", "boyan"}};
  for (const auto& [dataset, environment] : subjects) {
    const std::string text = new_study(dataset, environment);
    std::string flowing = text;
    for (std::size_t at; (at = flowing.find("\n# ")) != std::string::npos;) flowing.replace(at, 3, " ");
    for (const Key& key : keys()) EXPECT_NE(flowing.find(key.help), std::string::npos) << key.name;
    const Study study = study_of(text);
    EXPECT_EQ(study.runs.size(), 3u);
    // With every comment that holds a default opened, nothing changes; those that count for nothing stay.
    std::string opened = text.substr(0, text.find("# Keys with several values"));
    for (const Key& key : keys()) {
      const auto value = study.runs.at(0).values.find(key.name);
      const bool is_subject = key.name == "task.dataset" || key.name == "task.environment";
      if (value == study.runs.at(0).values.end() || is_subject) continue;
      const std::string table = key.name.substr(0, key.name.find('.'));
      const std::string line = key.name.substr(table.size() + 1) + " = " + to_toml(value->second) + "\n";
      const std::size_t at = opened.find("\n# " + line, opened.find("\n[" + table + "]"));
      ASSERT_NE(at, std::string::npos) << key.name;
      const std::string alone = (dataset.empty() ? "" : "task.dataset = \"" + dataset + "\"\n") +
                                (environment.empty() ? "" : "task.environment = \"" + environment + "\"\n") +
                                table + "." + line;
      if (refusal(alone).empty()) opened.erase(at + 1, 2);
    }
    EXPECT_EQ(study_of(opened).runs.at(0).run, study.runs.at(0).run) << opened;
  }
}

TEST(Study, page_lists_every_key_as_the_schema_has_it) {
  std::ifstream page(std::filesystem::path(CROSSTALK_SOURCE_DIR) / "docs/study-files.md");
  const std::string text(std::istreambuf_iterator<char>(page), {});
  EXPECT_NE(text.find("-->\n" + keys_as_markdown() + "<!-- end -->"), std::string::npos)
      << "put what `crosstalk study keys` prints between the marks";
}

}  // namespace
}  // namespace crosstalk::study
