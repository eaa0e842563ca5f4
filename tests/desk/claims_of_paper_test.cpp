// Of each sentence of the paper whose rule is easily got wrong: a study on which another rule, that reads
// much like it, says the opposite of what is true.
#include <gtest/gtest.h>

#include <cmath>

#include "desk/imagined_study.hpp"

namespace crosstalk::figures {
namespace {

using namespace imagined;

TEST(ClaimsOfThePaper, compare_interference_without_a_unit) {
  Study study;
  stats::Draws draws("unit");
  over_networks([&](int hidden, int depth, int seed) {
    const double cosine = 0.5 + 0.05 * draws.normal();
    study.run("svhn", classify(500, hidden, depth), seed,
              {{"function_interference", "train-train", {1}},
               {"gap", "train-test", {0.1}},
               {"function_stiffness", "train-train", {cosine}}});
    study.run("svhn-ddqn", ddqn(500, hidden, depth), seed,
              {{"function_interference", "train-train", {100}},
               {"gap", "train-test", {0.1}},
               {"function_stiffness", "train-train", {cosine - 0.3}}});
  });
  EXPECT_EQ(
      study.verdict(
          "mean(log interference where panel = value-based) < mean(log interference where kind = classify)"),
      "contradicted")
      << "action values are a hundred times as large as logits";
  EXPECT_EQ(study.verdict(paper("td-low-interference")), "supported");
}

TEST(ClaimsOfThePaper, that_something_is_otherwise_hold_in_either_direction) {
  Study study;
  stats::Draws draws("otherwise");
  over_networks([&](int hidden, int depth, int seed) {
    const double size = std::log(hidden * (depth + 1.0));
    study.run("svhn", classify(500, hidden, depth), seed, pair(0.2 * size + 0.4 * draws.normal(), 0));
    study.run("svhn-ddqn", ddqn(500, hidden, depth), seed, pair(size + 0.1 * draws.normal(), 0));
  });
  EXPECT_EQ(
      study.verdict("r(log capacity, log interference given log examples where panel = value-based) < r(log "
                    "capacity, log interference given log examples where kind = classify)"),
      "contradicted");
  EXPECT_EQ(study.verdict(paper("capacity-contrast")), "supported");
}

Tracks agent(double reward, double log_interference, double gap) {
  Tracks tracks = pair(log_interference, gap);
  tracks.push_back({"reward", "train", {reward}});
  tracks.push_back({"reward", "test", {reward - gap}});
  tracks.push_back({"reward.blind", "train", {0.7}});
  return tracks;
}

TEST(ClaimsOfThePaper, are_undecided_where_a_third_of_the_runs_learned_nothing) {
  Study study;
  stats::Draws draws("learned");
  over_networks([&](int hidden, int depth, int seed) {
    const auto [x, y] = correlated(draws, -0.9);
    study.run("svhn-reinforce", reinforce(100, hidden, depth), seed, agent(seed == 0 ? 0.9 : 0.5, x, y));
  });
  EXPECT_EQ(study.verdict("|r(log interference, gap)| < 0.3 where learned in [true, false]"), "contradicted");
  const Evaluation evaluation = study.judged(paper("pg-weak-100"));
  EXPECT_EQ(evaluation.verdict, Verdict::undecided);
  EXPECT_EQ(evaluation.unlearned, 36);
  EXPECT_EQ(evaluation.groups[0].n, 12);
  EXPECT_TRUE(study.shows(paper("pg-weak-100"))
                  .starts_with("36 of the 48 runs that the claim selects learned nothing"));
}

TEST(ClaimsOfThePaper, are_tested_on_the_runs_that_learned_and_say_how_many_are_left_out) {
  Study study;
  stats::Draws draws("some learned");
  for (const int examples : {500, 1000}) {
    over_networks([&](int hidden, int depth, int seed) {
      const bool learned = seed > 0;
      const auto [x, y] = correlated(draws, learned ? -0.9 : 0);
      study.run("svhn-ddqn", ddqn(examples, hidden, depth), seed,
                agent(learned ? 0.9 : 0.5, learned ? x : 9, learned ? y : 9));
    });
  }
  EXPECT_EQ(study.verdict("r(log interference, gap) < 0 where learned in [true, false]"), "contradicted")
      << "what learned nothing lies far from the rest";
  EXPECT_EQ(study.verdict(paper("td-negative")), "supported");
  EXPECT_NE(study.shows(paper("td-negative")).find("Left out: 24 runs of 96 that learned nothing."),
            std::string::npos)
      << study.shows(paper("td-negative"));
}

TEST(ClaimsOfThePaper, that_something_tends_to_be_are_one_estimate_over_all_sizes) {
  Study study;
  stats::Draws draws("tends");
  for (const int examples : {500, 1000, 5000, 10000, 50000}) {
    over_networks([&](int hidden, int depth, int seed) {
      const auto [x, y] = correlated(draws, -0.5);
      study.run("svhn-ddqn", ddqn(examples, hidden, depth), seed, pair(x, y - std::log(examples)));
    });
  }
  study.run("svhn-ddqn", ddqn(883, 8), 0, pair(0, 0));
  EXPECT_EQ(study.verdict("r(log interference, gap) < -0.3 for each examples"), "undecided");
  const Evaluation evaluation = study.judged(paper("td-negative"));
  EXPECT_EQ(evaluation.verdict, Verdict::supported);
  EXPECT_EQ(evaluation.groups[0].levels, 5) << "one run is no level";
}

TEST(ClaimsOfThePaper, are_not_stopped_by_a_group_without_an_interval) {
  Study study;
  stats::Draws draws("small group");
  for (const int examples : {10000, 19608}) {
    for (const int hidden : {16, 32, 64, 128}) {
      for (int seed = 0; seed < 4; ++seed) {
        if (examples == 10000 && hidden == 128) continue;
        const auto [x, y] = correlated(draws, 0.95);
        study.run("california", regress("california", examples, hidden), seed, pair(x, y));
      }
    }
  }
  const Evaluation evaluation = study.judged(paper("california-most"));
  EXPECT_EQ(evaluation.verdict, Verdict::supported);
  ASSERT_EQ(evaluation.left_out.size(), 1u);
  EXPECT_EQ(evaluation.left_out[0].reason, "fewer than 4 configurations");
}

TEST(ClaimsOfThePaper, on_early_stopping_read_both_kinds_of_learning_at_the_same_moment) {
  Study study;
  stats::Draws draws("moments");
  for (const int examples : {100, 500}) {
    over_networks([&](int hidden, int depth, int seed) {
      const auto [x, y] = correlated(draws, -0.9);
      const auto [later, gap] = correlated(draws, 0.9);
      study.run("svhn-ddqn", ddqn(examples, hidden, depth), seed,
                {{"function_interference", "train-train", {1, std::exp(x), std::exp(later)}},
                 {"gap", "train-test", {0, y, gap}},
                 {"reward", "train", {0, 0.9, 0.8}},
                 {"reward", "test", {0, 0.9, 0.8}}});
    });
  }
  EXPECT_EQ(study.verdict("r(log interference, gap given log examples) < 0"), "contradicted");
  EXPECT_EQ(study.verdict(paper("early-stopping-td")), "supported");
}

/// Accuracy, loss interference and stiffness at three moments; the second has the best test error, or the
/// last.
Tracks overfitting(bool overfits, const std::vector<double>& loss, const std::vector<double>& stiffness) {
  return {{"accuracy", "train", {0.1, 0.8, 1}},
          {"accuracy", "test", {0.1, 0.8, overfits ? 0.7 : 0.9}},
          {"loss_interference", "train-train", loss},
          {"stiffness", "train-train", stiffness}};
}

TEST(ClaimsOfThePaper, on_overfitting_leave_out_runs_that_do_not_and_let_no_outlier_decide) {
  Study study;
  stats::Draws draws("overfits");
  over_networks([&](int hidden, int depth, int seed) {
    const double wild = hidden == 8 && depth < 2 ? 90 : 1 + 0.1 * draws.normal();
    const bool overfits = seed > 0;
    study.run("svhn", classify(500, hidden, depth), seed,
              overfitting(overfits, {100, overfits ? wild : 50, 3},
                          {0.1, 0.3, overfits ? 0.2 + 0.01 * draws.normal() : -0.9}));
  });
  EXPECT_EQ(
      study.verdict("mean(loss_interference at best - loss_interference at last) < 0 where kind = classify"),
      "undecided");
  EXPECT_EQ(study.verdict(paper("least-beside-end")), "supported");
  EXPECT_EQ(study.verdict(paper("least-beside-start")), "supported");
  EXPECT_EQ(study.verdict("mean(stiffness at last) > 0 where kind = classify"), "contradicted");
  EXPECT_EQ(study.verdict(paper("stiffness-stays-positive")), "supported");
  EXPECT_EQ(study.verdict(paper("stiffness-drops")), "supported");
}

TEST(ClaimsOfThePaper, on_overfitting_leave_out_runs_whose_noise_alone_has_a_least_value) {
  Study study;
  over_networks([&](int hidden, int depth, int seed) {
    study.run("svhn", classify(500, hidden, depth), seed,
              {{"accuracy", "train", {0.1, 0.8, 1, 1}},
               {"accuracy", "test", {0.1, 0.7, 0.75, seed < 3 ? 0.73 : 0.6}},
               {"stiffness", "train-train", {0.1, 0.3, 0.3, 0.2}}});
  });
  EXPECT_EQ(study.judged("mean(stiffness at last) > 0 where overfits").groups[0].n, 12)
      << "0.02 of 0.65 is less than a tenth of what the test error fell by, 0.15 is more";
}

TEST(ClaimsOfThePaper, of_policy_gradient_are_not_met_by_strong_relations_that_cancel) {
  Study study;
  stats::Draws draws("opposite");
  for (const int examples : {500, 1000}) {
    over_networks([&](int hidden, int depth, int seed) {
      const auto [x, y] = correlated(draws, examples == 500 ? 0.9 : -0.9);
      study.run("svhn-reinforce", reinforce(examples, hidden, depth), seed, pair(x, y));
    });
  }
  EXPECT_EQ(study.verdict("|r(log interference, gap pooled over examples)| < 0.3"), "supported");
  EXPECT_EQ(study.verdict(paper("pg-weak")), "contradicted");
}

TEST(ClaimsOfThePaper, that_something_tends_to_be_are_undecided_by_one_size) {
  Study study;
  stats::Draws draws("one size");
  over_networks([&](int hidden, int depth, int seed) {
    const auto [x, y] = correlated(draws, -0.9);
    study.run("svhn-ddqn", ddqn(500, hidden, depth), seed, pair(x, y));
  });
  EXPECT_EQ(study.verdict("r(log interference, gap) < -0.3"), "supported");
  const Evaluation evaluation = study.judged(paper("td-negative"));
  EXPECT_EQ(evaluation.verdict, Verdict::undecided);
  EXPECT_EQ(evaluation.groups[0].interval.undefined, "one level alone has an r and 4 configurations");
  EXPECT_EQ(what_decides(Study::rule_of(paper("td-negative")), evaluation, true),
            "A fresh replication with at least 4 configurations at each of two numbers of examples or more: "
            "with fewer there is no interval.");
}

TEST(ClaimsOfThePaper, on_gaps_of_two_kinds_of_learning_show_what_each_has_to_lose) {
  Study study;
  stats::Draws draws("to lose");
  over_networks([&](int hidden, int depth, int seed) {
    const double noise = 0.01 * draws.normal();
    study.run("svhn", classify(500, hidden, depth), seed,
              {{"accuracy", "train", {0.98}}, {"accuracy", "test", {0.78 + noise}}});
    study.run("svhn-ddqn", ddqn(500, hidden, depth), seed,
              {{"gap_first_guess", "train-test", {0.05 + noise}},
               {"first_guess", "train", {0.4}},
               {"gap", "train-test", {0}}});
  });
  const std::string shows = study.shows(paper("td-under-generalises"));
  EXPECT_NE(shows.find("On training data the mean scores are 0.40 and 0.98 (svhn-ddqn against svhn)."),
            std::string::npos)
      << shows;
}

TEST(ClaimsOfThePaper, that_something_differs_ask_for_more_configurations_than_there_are) {
  Study study;
  const std::string rule =
      "mean(gap where learner.optimizer = adam) != mean(gap where learner.optimizer = rmsprop)";
  for (int hidden = 1; hidden <= 12; ++hidden) {
    // The differences are -1 and 1 in turn, and 0.56 more: of 12 pairs the interval of 90% ends just above 0,
    // that of 95% below.
    study.run("adam", with(classify(500, hidden), {{"learner.optimizer", "adam"}}), 0,
              pair(0, (hidden % 2 == 0 ? 1 : -1) + 0.56));
    study.run("rmsprop", with(classify(500, hidden), {{"learner.optimizer", "rmsprop"}}), 0, pair(0, 0));
  }
  const Evaluation evaluation = study.judged(rule);
  EXPECT_EQ(study
                .judged("mean(gap where learner.optimizer = adam) > mean(gap where learner.optimizer = "
                        "rmsprop)")
                .verdict,
            Verdict::supported);
  EXPECT_EQ(evaluation.verdict, Verdict::undecided);
  EXPECT_LT(evaluation.groups[0].interval.low, 0) << "the interval that is shown is the one that judges";
  EXPECT_GT(replication(Study::rule_of(rule), evaluation), 12);
  EXPECT_NE(study.shows(rule).find("(95% interval "), std::string::npos) << study.shows(rule);
}

TEST(ClaimsOfThePaper, count_a_run_once_that_stands_on_both_sides) {
  Study study;
  stats::Draws draws("once");
  for (const int examples : {20, 19608}) {
    over_networks([&](int hidden, int depth, int seed) {
      study.run("sarcos", regress("sarcos", examples, hidden, depth), seed,
                pair(draws.normal(), draws.normal()));
    });
  }
  const Evaluation evaluation = study.judged(paper("regression-only-then"));
  EXPECT_EQ(evaluation.selected, 96);
  EXPECT_EQ(evaluation.unknown, 96);
}

TEST(ClaimsOfThePaper, on_equal_sizes_say_what_differs_within_a_cell) {
  Study study;
  stats::Draws draws("cells");
  for (const double rate : {0.01, 0.1}) {
    over_networks([&](int hidden, int depth, int seed) {
      const auto [x, y] = correlated(draws, 0.5);
      study.run("seeds", classify(500, hidden, depth), seed + (rate > 0.05 ? 4 : 0), pair(x, y));
      study.run("rates", with(ddqn(500, hidden, depth), {{"learner.decay", rate}}), seed, pair(x, y));
    });
  }
  EXPECT_NE(
      study.shows(paper("classification-low-generalises")).find("Within a cell differs: the seed alone."),
      std::string::npos)
      << study.shows(paper("classification-low-generalises"));
  EXPECT_EQ(study.shows(paper("classification-positive")).find("Within a cell"), std::string::npos);
}

TEST(ClaimsOfThePaper, on_stability_divide_by_nothing_that_cancels) {
  Study study;
  over_networks([&](int hidden, int depth, int seed) {
    const double size = hidden + depth + seed;
    study.run("svhn", classify(500, hidden, depth), seed,
              {{"accuracy", "test", {0, 0, 0, 0, 0, 0, 0, 0}},
               {"function_interference", "train-train", {0, 0, size, -size, size, -size, size, -size}},
               {"loss_interference", "train-train", {0, 0, size, 2, 9 * size, 1, 20 * size, 3}}});
  });
  EXPECT_EQ(study.verdict(paper("function-stable")), "supported")
      << "a deviation beside a mean of 0 would be infinite";
}

TEST(ClaimsOfThePaper, that_nothing_moves_see_runs_that_move_apart) {
  Study study;
  over_networks([&](int hidden, int depth, int seed) {
    const double drift = hidden % 32 == 0 || depth == 3 ? 2 : -2;
    study.run("svhn-ddqn", ddqn(500, hidden, depth), seed,
              {{"reward", "train", {0, 0.8, 0.9, 0.9, 0.9}},
               {"function_interference",
                "train-train",
                {1, 1, 1, std::exp(drift / 2), std::exp(drift + 0.01 * seed)}}});
  });
  EXPECT_EQ(study.verdict("|mean(log interference at last - log interference at 50%)| < 0.69"), "undecided");
  EXPECT_EQ(study.verdict(paper("constant-after-start")), "contradicted");
  EXPECT_EQ(study.verdict(paper("settles")), "contradicted");
}

TEST(ClaimsOfThePaper, on_convergence_leave_out_runs_that_go_on_learning) {
  Study study;
  stats::Draws draws("converged");
  over_networks([&](int hidden, int depth, int seed) {
    const bool converged = seed > 1;
    study.run(
        "svhn", classify(500, hidden, depth), seed,
        {{"accuracy", "train", {0.1, 0.5, 0.7, converged ? 0.999 : 0.8, 1}},
         {"function_interference", "train-train", {1, 2, 3, 4, converged ? 4 + 0.01 * draws.normal() : 40}}});
  });
  const Evaluation evaluation = study.judged(paper("settles"));
  EXPECT_EQ(evaluation.verdict, Verdict::supported);
  EXPECT_EQ(evaluation.groups[0].n, 24);
}

}  // namespace
}  // namespace crosstalk::figures
