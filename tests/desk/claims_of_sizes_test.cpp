// Of each sentence of the paper on sizes (of training sets and networks) whose rule is easily got wrong: a
// study on which another rule, that reads much like it, says the opposite of what is true.
#include <gtest/gtest.h>

#include <cmath>

#include "desk/imagined_study.hpp"

namespace crosstalk::figures {
namespace {

using namespace imagined;

TEST(ClaimsOnSizes, know_a_peak_by_where_it_stands) {
  Study study;
  stats::Draws draws("peak");
  for (const auto& [examples, r] :
       {std::pair{20, 0.95}, {100, 0.95}, {500, 0.0}, {1000, 0.0}, {10000, 0.0}, {40000, 0.0}}) {
    over_networks([&](int hidden, int depth, int seed) {
      const auto [x, y] = correlated(draws, r);
      study.run("sarcos", regress("sarcos", examples, hidden, depth), seed, pair(x, y));
    });
  }
  EXPECT_EQ(study.verdict("r(log interference, gap) > 0.5 where dataset = sarcos for some examples"),
            "supported");
  EXPECT_EQ(study.verdict(paper("sarcos-high")), "contradicted");
  EXPECT_EQ(study.verdict(paper("sarcos-rises")), "contradicted");
  EXPECT_EQ(study.verdict(paper("sarcos-falls")), "undecided");
}

TEST(ClaimsOnSizes, of_no_gap_take_a_gap_in_either_direction_and_three_seeds_each) {
  Study study;
  stats::Draws draws("all hyperparameters");
  for (const auto& [experiment, gap] : {std::pair{"none", 0.01}, {"either", 0.3}}) {
    for (const int hidden : {16, 32, 64, 128, 256, 512}) {
      const double sign = hidden % 3 == 1 ? 1 : -1;  // 16, 64, 256 lie above 0
      for (int seed = 0; seed < 3; ++seed) {
        const double own = sign * gap + 0.005 * draws.normal();
        study.run(experiment, regress("sarcos", 44484, hidden), seed,
                  {{"squared_error", "train", {1}}, {"squared_error", "test", {std::exp(own)}}});
      }
    }
  }
  const Evaluation evaluation = study.judged(paper("sarcos-all-no-gap"));
  ASSERT_EQ(evaluation.groups.size(), 2u);
  EXPECT_EQ(evaluation.groups[0].side, Side::against) << "opposite gaps do not cancel";
  EXPECT_EQ(evaluation.groups[1].side, Side::holds);
}

TEST(ClaimsOnSizes, of_medians_compare_pairs_where_both_sides_have_the_same_networks) {
  Study study;
  stats::Draws draws("pairs of medians");
  over_networks([&](int hidden, int depth, int seed) {
    const double shared = std::log(hidden * (depth + 1.0));
    study.run("adam", with(classify(500, hidden, depth), {{"learner.optimizer", "adam"}}), seed,
              pair(0, shared + 0.02 * draws.normal()));
    study.run("rmsprop", with(classify(500, hidden, depth), {{"learner.optimizer", "rmsprop"}}), seed,
              pair(0, shared - 0.1 + 0.02 * draws.normal()));
  });
  const Evaluation evaluation = study.judged(
      "median(gap where learner.optimizer = adam) > median(gap where learner.optimizer = rmsprop)");
  EXPECT_EQ(evaluation.verdict, Verdict::supported) << "as strangers the networks would hide it";
  EXPECT_NEAR(evaluation.groups[0].value.value, 0.1, 0.02);
}

TEST(ClaimsOnSizes, that_say_most_and_little_are_not_both_met) {
  Study study;
  for (const int examples : {1000, 19608}) {
    for (int hidden = 1; hidden <= 400; ++hidden) {
      // r = 0.15 just so: the two waves are orthogonal over 400 places.
      const double turn = 2 * M_PI * hidden / 400, x = std::sin(turn), y = std::sin(3 * turn);
      study.run("california", regress("california", examples, hidden), 0, pair(x, 0.15 * x + 0.989 * y));
    }
  }
  EXPECT_EQ(study.verdict("r(log interference, gap) > 0 where examples >= 10000 for each examples"),
            "supported");
  EXPECT_EQ(study.verdict(paper("california-less")), "supported");
  EXPECT_EQ(study.verdict(paper("california-most")), "contradicted") << "one r meets but one of the two";
}

TEST(ClaimsOnSizes, that_say_slightly_have_an_end) {
  Study study;
  stats::Draws draws("slightly");
  for (const int examples : {20, 500, 5000, 50000}) {
    over_networks([&](int hidden, int depth, int seed) {
      study.run("svhn-reinforce", reinforce(examples, hidden, depth), seed,
                pair(0, std::log(examples) / 3 + draws.normal()));
    });
  }
  EXPECT_EQ(study.verdict("r(log examples, gap) > -0.91 where panel = \"policy gradient\""), "supported");
  EXPECT_EQ(study.verdict(paper("gap-by-examples-pg")), "contradicted");
}

TEST(ClaimsOnSizes, of_all_sizes_are_tested_over_the_range_of_the_paper_alone) {
  Study study;
  stats::Draws draws("range");
  for (const int examples : {100, 500}) {
    over_networks([&](int hidden, int depth, int seed) {
      study.run("svhn", classify(examples, hidden, depth), seed,
                pair(-std::log(examples) + draws.normal(), -std::log(examples) + draws.normal()));
    });
  }
  EXPECT_EQ(study.verdict("r(log interference, gap) > 0.9 where kind = classify"), "contradicted");
  for (const char* name : {"classification-over-all", "gap-by-examples"}) {
    const Evaluation evaluation = study.judged(paper(name));
    EXPECT_EQ(evaluation.verdict, Verdict::not_tested);
    const std::string decides = what_decides(Study::rule_of(paper(name)), evaluation, true);
    EXPECT_NE(decides.find("svhn: its numbers of examples do not reach from 20 to "), std::string::npos)
        << decides;
  }
}

TEST(ClaimsOnSizes, say_where_the_network_drives_both_quantities) {
  Study study;
  stats::Draws draws("capacity");
  for (const int examples : {500, 1000}) {
    over_networks([&](int hidden, int depth, int seed) {
      const double size = std::log(hidden) + std::log(depth + 1), own = 0.3 * draws.normal();
      study.run("svhn", classify(examples, hidden, depth), seed,
                pair(size + own, size - own + 0.1 * draws.normal()));
    });
  }
  const Evaluation evaluation = study.judged(paper("classification-positive"));
  EXPECT_EQ(evaluation.verdict, Verdict::supported);
  ASSERT_EQ(evaluation.within.size(), 1u);
  EXPECT_LT(evaluation.within[0].interval.high, 0) << "within one network it is the other way round";
  EXPECT_NE(in_words_confounded(evaluation).find("networks of several sizes"), std::string::npos);
  EXPECT_EQ(study.verdict(paper("classification-low-generalises")), "contradicted");
}

TEST(ClaimsOnSizes, hold_sizes_fixed_where_the_relation_with_them_is_no_line) {
  Study study;
  stats::Draws draws("no line");
  for (const int examples : {20, 500, 50000}) {
    over_networks([&](int hidden, int depth, int seed) {
      const double bend = examples == 500 ? 3 : 0, own = draws.normal();
      study.run("svhn", classify(examples, hidden, depth), seed,
                pair(bend + own, 3 * bend - own + 0.5 * draws.normal()));
    });
  }
  EXPECT_EQ(study.verdict("r(log interference, gap given log examples, log capacity) > 0"), "supported");
  EXPECT_EQ(study.verdict(paper("classification-low-generalises")), "contradicted");
}

TEST(ClaimsOnSizes, that_say_only_then_compare_both) {
  Study study;
  stats::Draws draws("only");
  for (const int examples : {20, 500, 19608}) {
    over_networks([&](int hidden, int depth, int seed) {
      const auto [x, y] = correlated(draws, 0.7);
      study.run("always", regress("sarcos", examples, hidden, depth), seed,
                pair(x + std::log(examples), y + std::log(examples)));
      study.run("only", regress("sarcos", examples, hidden, depth), seed,
                pair(x - std::log(examples), y + std::log(examples)));
    });
  }
  const Evaluation evaluation = study.judged(paper("regression-only-then"));
  ASSERT_EQ(evaluation.groups.size(), 2u);
  EXPECT_EQ(study.verdict(paper("regression-low-generalises")), "supported") << "in both";
  EXPECT_EQ(evaluation.groups[0].side, Side::against);
  EXPECT_EQ(evaluation.groups[1].side, Side::holds);
}

TEST(ClaimsOnSizes, compare_the_cells_that_both_sides_have) {
  Study study;
  stats::Draws draws("grids");
  for (const auto& [kind, first] : {std::pair{0, 8}, {1, 16}}) {
    for (int hidden = first; hidden <= 4 * first; hidden *= 2) {
      for (const int depth : depths) {
        for (int seed = 0; seed < 4; ++seed) {
          const Tracks tracks{
              {"function_stiffness", "train-train", {-0.1 * std::log(hidden) + 0.03 * draws.normal()}},
              {"gap", "train-test", {0}}};
          if (kind == 0) study.run("svhn", classify(500, hidden, depth), seed, tracks);
          if (kind == 1) study.run("svhn-ddqn", ddqn(500, hidden, depth), seed, tracks);
        }
      }
    }
  }
  const std::string rule(paper("td-low-interference"));
  EXPECT_EQ(study.verdict(rule + " on all cells"), "supported") << "its networks are wider, and that is all";
  const Evaluation evaluation = study.judged(rule);
  EXPECT_EQ(evaluation.verdict, Verdict::undecided);
  EXPECT_EQ(evaluation.groups[0].configurations, 8);
  EXPECT_EQ(evaluation.uncommon, 32);
  EXPECT_NE(study.shows(rule).find("32 runs of sizes at which one side alone has runs that learned"),
            std::string::npos)
      << "so has a size whose runs on the other side all learned nothing";
}

TEST(ClaimsOnSizes, compare_pairs_where_both_sides_have_the_same_networks) {
  Study study;
  stats::Draws draws("pairs");
  over_networks([&](int hidden, int depth, int seed) {
    const double shared = 0.2 * std::log(hidden * (depth + 1.0));
    const auto tracks = [&](double cosine) {
      return Tracks{{"function_stiffness", "train-train", {cosine + 0.02 * draws.normal()}},
                    {"gap", "train-test", {0}}};
    };
    study.run("svhn", classify(500, hidden, depth), seed, tracks(shared));
    study.run("svhn-ddqn", ddqn(500, hidden, depth), seed, tracks(shared - 0.05));
  });
  const Evaluation evaluation = study.judged(paper("td-low-interference"));
  EXPECT_EQ(evaluation.verdict, Verdict::supported)
      << "the networks differ by more than 0.05, but so do both sides";
  EXPECT_LT(evaluation.groups[0].interval.high - evaluation.groups[0].interval.low, 0.03);
}

TEST(ClaimsOnSizes, compare_series_of_one_experiment_that_differ_in_what_is_compared) {
  Study study;
  stats::Draws draws("series");
  over_networks([&](int hidden, int depth, int seed) {
    for (const double gamma : {0.0, 0.9}) {
      for (const double rate : {0.001, 0.01}) {
        const double cosine = 100 * rate - gamma / 10 + 0.01 * draws.normal();
        const double jump = 1 + gamma / 2, end = 1 + 0.01 * draws.uniform();
        study.run("lever", with(ddqn(100, hidden, depth), {{"learner.gamma", gamma}, {"learner.rate", rate}}),
                  seed,
                  {{"function_stiffness", "train-train", {0, 0, 0, cosine, cosine}},
                   {"function_interference", "train-train", {1, 1, jump, 1, end}},
                   {"gap", "train-test", {0, 0, 0, 0, 0}}});
      }
    }
  });
  const Evaluation evaluation = study.judged(paper("bootstrapping-small"));
  EXPECT_EQ(evaluation.verdict, Verdict::supported);
  ASSERT_EQ(evaluation.groups.size(), 2u) << "each rate beside itself, not beside the other";
  EXPECT_NEAR(evaluation.groups[0].value.value, -0.09, 0.01);
  EXPECT_NEAR(evaluation.groups[1].value.value, -0.09, 0.01);
  EXPECT_EQ(study.verdict(paper("bootstrapping-unstable")), "supported");
}

}  // namespace
}  // namespace crosstalk::figures
