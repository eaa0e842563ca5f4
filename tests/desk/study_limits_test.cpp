// What a study may have at most, what a message may show of it, and texts that no editor of ours would write.
#include <gtest/gtest.h>

#include "desk/memory_study.hpp"
#include "study/describe.hpp"
#include "study/rule.hpp"
#include "study/words.hpp"

namespace crosstalk::study {
namespace {

const std::string digits = "task.dataset = \"digits\"\n";

std::string repeated(const std::string& text, std::size_t times) {
  std::string all;
  all.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

/// "[1, 2, ..., count]".
std::string numbers(int count) {
  std::string list = "[";
  for (int i = 1; i <= count; ++i) list += (i == 1 ? "" : ",") + std::to_string(i);
  return list + "]";
}

std::string set(const std::string& text) { return refusal(digits, {.sets = {text}}); }

TEST(StudyLimits, know_the_number_of_runs_without_making_them) {
  EXPECT_EQ(refusal("seeds = 100000\n" + digits + "[sweep]\nnetwork.hidden = " + numbers(1000) +
                    "\nnetwork.depth = " + numbers(100) + "\n"),
            "a.toml:1: seeds (100,000) x network.hidden (1,000) x network.depth (100) makes more than the "
            "100,000 runs that a study may have; divide it into several");
  EXPECT_EQ(refusal("seeds = 2\n" + digits, {.sets = {"network.hidden=" + numbers(60000)}}).substr(0, 22),
            "--set network.hidden=[");
  EXPECT_NE(refusal("seeds = 2\n" + digits, {.sets = {"network.hidden=" + numbers(60000)}})
                .find("network.hidden (60,000) x seeds (2) makes more than the 100,000 runs"),
            std::string::npos);
  EXPECT_EQ(refusal({{"a.toml", "include = [\"b.toml\", \"c.toml\"]\nseeds = 60000\n"},
                     {"b.toml", digits},
                     {"c.toml", "task.dataset = \"sarcos\"\n"}}),
            "a.toml:2: seeds (60,000) and what is joined before it (60,000 runs) make more than the 100,000 "
            "runs that a study may have; divide it into several");
}

TEST(StudyLimits, hold_for_each_list) {
  EXPECT_EQ(refusal(digits + "[sweep]\nprobe.every = " + numbers(400000) + "\n"),
            "a.toml:3: probe.every has 400,000 values in its sweep, where at most 100,000 are expected");
  EXPECT_EQ(refusal("seeds = " + numbers(100001) + "\n" + digits).substr(0, 42),
            "a.toml:1: seeds = [1, 2, 3, 4, 5, 6, 7, 8,");
  EXPECT_EQ(study_of("seeds = " + numbers(20000) + "\n" + digits).runs.size(), 20000u);
  EXPECT_EQ(refusal(digits + "network.layers = [" + repeated("\"tanh\",", 2000) + "]\n"),
            "a.toml:2: network.layers has 2,000 entries, where at most 1,000 are expected");
  EXPECT_EQ(refusal("include = [" + repeated("\"b.toml\",", 2000) + "]\n"),
            "a.toml:1: include joins 2,000 files, where at most 1,000 are expected");
  EXPECT_EQ(refusal(digits + repeated("[[claim]]\n", 2000)),
            "a.toml:2: 2,000 claims stand in this file, where at most 1,000 are expected");
}

TEST(StudyLimits, end_files_that_join_each_other_more_and_more_often) {
  std::map<std::string, std::string> files;
  for (int i = 0; i < 40; ++i) {
    const std::string next = "\"" + std::to_string(i + 1) + ".toml\"";
    files[i == 0 ? "a.toml" : std::to_string(i) + ".toml"] = "include = [" + next + ", " + next + "]\n";
  }
  files["40.toml"] = digits;
  EXPECT_NE(refusal(files).find("include joins more than 1,000 files; join fewer"), std::string::npos);
  const std::string comment = "#" + std::string(3'000'000, 'x') + "\n";
  EXPECT_NE(refusal({{"a.toml", "include = [\"b.toml\", \"c.toml\"]"},
                     {"b.toml", digits + comment},
                     {"c.toml", comment + digits}})
                .find("c.toml: this study's files have more than 4,000,000 bytes together"),
            std::string::npos);
}

TEST(StudyLimits, come_before_the_parser_descends) {
  const std::string brackets = ": brackets within brackets, more than 100 of them; a study has three at most";
  const std::string parts = "a key of more than 100 parts with dots between them; a study's have two";
  EXPECT_EQ(refusal(digits + "a" + repeated(".a", 20000) + " = 1\n"), "a.toml:2: column 202: " + parts);
  EXPECT_EQ(refusal(digits + "[a" + repeated(".\"a\"", 20000) + "]\n").substr(0, 10), "a.toml:2: ");
  EXPECT_EQ(refusal(digits + "x = " + repeated("[", 100000) + "\n"), "a.toml:2: column 105" + brackets);
  EXPECT_EQ(refusal(digits + "x = " + repeated("{a=", 100000) + "\n"), "a.toml:2: column 305" + brackets);
  EXPECT_EQ(set("network.layers=" + repeated("[", 100000)).substr(100),
            set("network.layers=" + repeated("[", 100000)).substr(100));
  EXPECT_NE(set("network.layers=" + repeated("[", 100000)).find(brackets), std::string::npos);
  EXPECT_NE(set("a" + repeated(".a", 20000) + "=1").find(parts), std::string::npos);
  const std::string key = "a" + repeated(".a", 49);
  EXPECT_NE(refusal(digits + repeated(key + " = {", 5) + "\n")
                .find("keys with dots within brackets, more than 200"),
            std::string::npos);
  EXPECT_EQ(refusal(digits + repeated(key + " = {b = 1}\n", 2)).find("100"), std::string::npos);
  // What stands in texts and comments is none of it.
  EXPECT_EQ(refusal(digits + "title = \"" + repeated("[.", 500) + "\" # " + repeated("{.", 500) +
                    "\ndescription = '''" + repeated("[.\n\"", 500) + "'''\n"),
            "");
  EXPECT_EQ(refusal(digits + "#" + std::string(4'000'000, 'x') + "\n"),
            "a.toml: this study's files have more than 4,000,000 bytes together, each counted as often as it "
            "is joined");
}

TEST(StudyLimits, are_told_with_both_ends) {
  const std::string rate = ": a number above 0 and at most 1e6 is expected";
  EXPECT_EQ(refusal(digits + "learner.rate = 1e7\n"), "a.toml:2: learner.rate = 1e+07" + rate);
  EXPECT_EQ(refusal(digits + "learner.rate = 1e30\n"), "a.toml:2: learner.rate = 1e+30" + rate);
  EXPECT_EQ(refusal(digits + "learner.weight-decay = 1e20\n"),
            "a.toml:2: learner.weight-decay = 1e+20: a number from 0 to 1e6 is expected");
  EXPECT_EQ(
      refusal(digits + "learner.updates = 4611686018427387904\n"),
      "a.toml:2: learner.updates = 4611686018427387904: an integer from 1 to 1,000,000,000 is expected");
  EXPECT_EQ(refusal(digits + "seeds = [9223372036854775807]\n"),
            "a.toml:2: seeds holds 9223372036854775807, where integers from 0 to 9,007,199,254,740,991 are "
            "expected");
  EXPECT_NE(refusal(digits, {.seed_offset = std::numeric_limits<std::int64_t>::max()}), "");
  EXPECT_NE(refusal(digits, {.seed_offset = std::numeric_limits<std::int64_t>::min()}), "");
  EXPECT_EQ(refusal("seeds = [9007199254740991]\n" + digits), "");
  for (const Key& key : keys()) {
    if (key.type != Type::integer && key.type != Type::number && key.type != Type::count_or_word) continue;
    if (!key.allowed_counts.empty()) continue;
    ASSERT_TRUE(std::isfinite(key.least) && std::isfinite(key.most)) << key.name;
    const Checked above = check(key, 1.5e15), below = check(key, -1.5e15);
    EXPECT_TRUE(above.problem.ends_with(expectation(key) + " is expected")) << above.problem;
    EXPECT_TRUE(below.problem.ends_with(expectation(key) + " is expected")) << below.problem;
    EXPECT_TRUE(expectation(key).find(" to ") != std::string::npos ||
                expectation(key).find(" and ") != std::string::npos)
        << expectation(key);
  }
}

TEST(StudyLimits, let_no_message_show_more_of_a_value_than_a_line) {
  const std::string much(500'000, 'x');
  for (const std::string& text :
       {digits + "network.hidden = \"" + much + "\"\n",
        digits + "task.target = \"" + much + "\"\n",
        "task.dataset = \"" + much + "\"\n",
        "task.dataset = \"" + much + ".csv\"\n",
        digits + much + " = 1\n",
        digits + "[" + much + "]\n",
        digits + "[scale." + much + "]\n",
        digits + "network.layers = [\"" + much + "\"]\n",
        digits + "network.layers = [\"linear " + much + "\"]\n",
        digits + "probe.measures = [\"" + much + "\"]\n",
        digits + "[sweep]\nlearner.optimizer = [\"" + much + "\"]\n",
        digits + "seeds = \"" + much + "\"\n",
        digits + "include = [\"" + much + "\"]\n",
        digits + "default-scale = \"" + much + "\"\n",
        digits + "[[claim]]\n" + much + " = 1\n",
        digits + "[[claim]]\nrule = \"" + much + "\"\n",
        digits + "[[claim]]\nsentence = \"x\"\nrule = \"" + much.substr(0, 1900) + "\"\n",
        digits + "network.hidden = " + much + "\n",
        digits + much + " = {" + much + " = 1}\n",
        digits + "network.hidden = " + repeated("9", 5000) + "\n",
        digits + "\"" + repeated("\\n", 900) + "\" = 1\n"}) {
    const std::string said = refusal(text);
    EXPECT_NE(said, "") << text.substr(0, 100);
    EXPECT_LT(said.size(), 400u) << said.substr(0, 600);
    EXPECT_EQ(said.find('\n'), std::string::npos) << said.substr(0, 600);
  }
  for (const std::string& text : {"network.hidden=" + much, much + "=1", much, "seeds=" + much,
                                  "network.layers=[" + much + "]", "learner.rate=" + much + "," + much}) {
    EXPECT_NE(set(text), "") << text.substr(0, 100);
    EXPECT_LT(set(text).size(), 400u) << set(text).substr(0, 600);
  }
  EXPECT_LT(refusal(digits, {.scale = much}).size(), 400u);
  EXPECT_LT(refusal(digits, {.device = much}).size(), 400u);
}

TEST(StudyLimits, let_a_thousand_problems_be_told_by_twenty_and_their_number) {
  std::string text = digits;
  for (int i = 0; i < 1000; ++i) text += "network.a" + std::to_string(i) + " = 1\n";
  const std::string said = refusal(text);
  EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 20);
  EXPECT_TRUE(said.ends_with("\nand 980 more")) << said;
}

TEST(StudyText, of_windows_is_read_and_of_another_encoding_is_named) {
  EXPECT_EQ(refusal("\xef\xbb\xbf" + digits + "seeds = 2\r\n[network]\r\n\thidden\t=\t4\r\n"), "");
  std::string wide = "\xff\xfe", bare;
  for (const char c : digits) (wide += c) += '\0', (bare += '\0') += c;
  const std::string is_wide = "a.toml: this is UTF-16; save it as UTF-8, in which TOML is written";
  EXPECT_EQ(refusal(wide), is_wide);
  EXPECT_EQ(refusal(bare), is_wide);
  EXPECT_EQ(refusal(digits + "seeds\xa0= 1\n"),
            "a.toml:2: column 6: the byte \\xA0 is no UTF-8, in which a study is written");
  EXPECT_EQ(refusal(digits + std::string("seeds = 1\0\n", 11)),
            "a.toml:2: column 10: a byte of zero; a study is a text");
  EXPECT_EQ(refusal("task.dataset = \"digits\"\rseeds = 1\r"),
            "a.toml:1: lines end in CR alone, as old Macintoshes wrote them; save the file with LF or CR LF");
}

TEST(StudyText, from_a_page_for_reading_is_named_by_its_character) {
  EXPECT_TRUE(refusal("task.dataset = \u201cdigits\u201d\n")
                  .ends_with("; \u201c (U+201C) is a quote for reading; type a straight one, \""));
  EXPECT_TRUE(
      refusal(digits + "learner.rate\u00a0= 1\n").ends_with("; U+00A0 is no plain blank; type a space"));
  EXPECT_TRUE(refusal(digits + "learner.rate = .01\n").ends_with("; a number begins with a digit: 0.01"));
  EXPECT_TRUE(refusal(digits + "network.hidden = \uff14\n").ends_with("; U+FF14 stands there"));
  EXPECT_EQ(refusal(digits + "\"br\u00e9ite\" = 4\n"),
            "a.toml:2: br\u00e9ite is not a key; `crosstalk study keys` lists them all");
  EXPECT_NE(refusal(digits + "network.layers = [\"flatten\", \"linear \uff14\"]\n"), "");
}

TEST(StudyText, of_the_command_line_takes_a_number_without_its_zero_and_asks_for_brackets) {
  const auto rate = [](const std::string& text) {
    return study_of(digits, {.sets = {"learner.rate=" + text}}).runs.at(0).values.at("learner.rate");
  };
  EXPECT_EQ(rate(".01"), 0.01);
  EXPECT_EQ(rate("+.5e-3"), 0.0005);
  EXPECT_EQ(rate("1."), 1.0);
  EXPECT_EQ(study_of(digits, {.sets = {"learner.rate=[.1, .01]"}}).runs.size(), 2u);
  EXPECT_EQ(
      set("learner.rate=1e-3,1e-2"),
      "--set learner.rate=1e-3,1e-2: several values stand in brackets: --set 'learner.rate=[1e-3,1e-2]'");
  EXPECT_EQ(set("learner.optimizer=adam,sgd"),
            "--set learner.optimizer=adam,sgd: several values stand in brackets: --set "
            "'learner.optimizer=[adam,sgd]'");
}

TEST(StudyLayers, have_one_form_however_they_are_written) {
  const auto layers = [](const std::string& list) {
    return study_of(digits + "network.layers = " + list + "\n").runs.at(0).values.at("network.layers");
  };
  const Json form{"conv 16 5 stride 2", "relu", "flatten", "linear 64", "linear out"};
  EXPECT_EQ(layers(R"(["conv 16 5 stride 2", "relu", "flatten", "linear 64", "linear out"])"), form);
  EXPECT_EQ(layers(R"([" Conv  16 5x5\tpad 0 stride 2x2", "ReLU", "flatten ", "linear  064", "LINEAR OUT"])"),
            form);
  EXPECT_EQ(layers(R"(["conv 4 3x5 pad 1x0 stride 1", "flatten", "linear out"])").at(0),
            "conv 4 3x5 pad 1x0");
  EXPECT_EQ(refusal(digits +
                    "[sweep]\nnetwork.layers = [[\"flatten\", \"linear 4\", \"linear out\"], [\"flatten\", "
                    "\"linear  4\", \"linear out\"]]\n"),
            "a.toml:3: network.layers holds [\"flatten\", \"linear 4\", \"linear out\"] and [\"flatten\", "
            "\"linear  "
            "4\", \"linear out\"], which are one value (entries 1 and 2); leave one out");
  EXPECT_EQ(refusal(digits + "[sweep]\ntask.dataset = [\"./x.csv\", \"x.csv\"]\n").substr(0, 71),
            "a.toml:3: task.dataset holds \"./x.csv\" and \"x.csv\", which are one value");
}

TEST(StudyLayers, of_other_programs_are_refused_with_what_can_be_had) {
  const auto fault = [](const std::string& layer) {
    return refusal(digits + "network.layers = [\"conv 16 3\", \"" + layer +
                   "\", \"flatten\", \"linear out\"]\n");
  };
  EXPECT_EQ(fault("batchnorm"),
            "a.toml:2: network.layers, entry 2 of 4, \"batchnorm\": there is no batchnorm here: it ties the "
            "samples "
            "of a batch together, so that one sample has no gradient of its own; \"layernorm\" can be had");
  EXPECT_NE(fault("BatchNorm2d 16").find("\"layernorm\" can be had"), std::string::npos);
  EXPECT_NE(fault("maxpool 2").find("\"conv 16 3 stride 2\" makes images smaller"), std::string::npos);
  EXPECT_NE(fault("conv 4 3 pad 1 pad 2").find("\"pad\" stands there twice"), std::string::npos);
}

TEST(StudyShown, tells_many_seeds_and_values_by_their_ends) {
  const auto line = [](const Reading& reading, const std::string& key) {
    for (const auto& cells : described_keys(reading.experiments.at(0)))
      if (cells[0] == key) return cells[1];
    return std::string();
  };
  const Reading many = reading_of({{"a.toml", "seeds = 65537\n" + digits}});
  EXPECT_EQ(line(many, "seeds"), "0 to 65536 (65,537 seeds)");
  EXPECT_EQ(described_runs(many.experiments.at(0)),
            "1 configuration x 65,537 seeds = 65,537 runs; nothing is swept");
  EXPECT_EQ(line(reading_of({{"a.toml", "seeds = [1,3,5,7,9,11,13,15,17,19,21,23,25]\n" + digits}}), "seeds"),
            "1, 3, 5, ..., 25 (13 values)");
  const Reading wide = reading_of({{"a.toml", digits + "[sweep]\nnetwork.hidden = " + numbers(1000) + "\n"}});
  EXPECT_EQ(line(wide, "network.hidden"), "1, 2, 3, ..., 1000 (1,000 values)");
}

TEST(RuleLimits, end_a_rule_of_a_hundred_thousand_brackets_at_the_first_that_is_wrong) {
  const auto fault = [](const std::string& rule) {
    const auto parsed = parse_rule(rule);
    const auto* found = std::get_if<RuleFault>(&parsed);
    return found == nullptr ? "" : found->message;
  };
  EXPECT_LT(fault("mean(" + repeated("(", 100000) + "gap").size(), 400u);
  EXPECT_LT(fault("mean(" + std::string(100000, 'x') + ")").size(), 400u);
  EXPECT_EQ(fault("mean(gap) \u2264 0"), "expected \"<\", \">\" or \"!=\", not \"\u2264\"");
  EXPECT_EQ(fault("mean(gap) \xff 0"), "expected \"<\", \">\" or \"!=\", not \"\\xFF\"");
  EXPECT_EQ(refusal(digits + "[[claim]]\nsentence = \"x\"\nrule = \"" + std::string(3000, '(') + "\"\n")
                .substr(0, 50),
            "a.toml:4: claim.rule has 3,000 bytes, where at mos");
}

TEST(Cut, keeps_a_text_on_one_line_and_whole_characters) {
  EXPECT_EQ(cut("a\nb\tc\x01"), "a\\nb\\tc\\u0001");
  EXPECT_EQ(cut("\u00e9\u4e2d"), "\u00e9\u4e2d");
  EXPECT_EQ(cut("\xc3"), "\\xC3");
  EXPECT_EQ(cut("\xed\xa0\x80"), "\\xED\\xA0\\x80") << "half a surrogate pair";
  EXPECT_EQ(cut("\u202e abc"), "\\u202E abc");
  EXPECT_EQ(cut("\u4e2d\u4e2d\u4e2d", 7), "\u4e2d\u4e2d...");
}

TEST(StudyLimits, that_end_a_run_have_one_form_and_are_of_what_is_measured) {
  const auto until = [](const std::string& text) {
    return study_of(digits + "probe.until = \"" + text + "\"\n").runs.at(0).values.at("probe.until");
  };
  EXPECT_EQ(until("accuracy train >= 0.9"), "accuracy train >= 0.9");
  EXPECT_EQ(until("accuracy   train>=.90"), "accuracy train >= 0.9");
  EXPECT_EQ(until("gap>=0.1"), "gap train-test >= 0.1");
  EXPECT_EQ(until("gap train-test >= 0.1"), "gap train-test >= 0.1");
  EXPECT_EQ(until("interference <= 1"), "function_interference train-train <= 1.0");
  EXPECT_EQ(until("never"), "never");
  const auto problem = [](const std::string& text) {
    const std::string said = set("probe.until=\"" + text + "\"");
    return said.substr(std::min(said.size(), said.rfind("\": ") + 3));
  };
  EXPECT_EQ(problem("acuracy train >= 1"),
            "expected a measure with its split, as in \"accuracy train >= 0.9\", not \"acuracy\"; did you "
            "mean accuracy?");
  EXPECT_EQ(problem("accuracy train > 1"), "a moment is where a measure first reaches a limit, not \">\"");
  EXPECT_EQ(problem("accuracy trains >= 1"),
            "expected a split of accuracy, train or test, not \"trains\"; did you mean train?");
  EXPECT_EQ(problem("accuracy train >= 1 and"), "expected the end, not \"and\"");
  EXPECT_EQ(problem("train error <= 1"),
            "expected a measure with its split, as in \"accuracy train >= 0.9\", not \"train\"");
  EXPECT_EQ(set("probe.until=\"loss seen <= 1\""),
            "--set probe.until=\"loss seen <= 1\": probe.until = \"loss seen <= 1.0\": a task of the kind "
            "\"classify\" has no loss of seen");
  EXPECT_EQ(set("probe.until=\"reward train >= 1\""),
            "--set probe.until=\"reward train >= 1\": probe.until = \"reward train >= 1.0\": reward is not "
            "measured; add it to probe.measures");
}

}  // namespace
}  // namespace crosstalk::study
