// The terms of interference's derivative over training: what stands in the tables, and where.
#include "desk/exact_study.hpp"
#include "desk/figures_fixture.hpp"

namespace crosstalk::figures {
namespace {

using Figure8Test = FiguresTest;
using exact::Made;

/// A run whose terms are known: of `algorithm`, at 0 and 100.
Made learner(const std::string& algorithm, int seed, double size) {
  Made made = exact::make({0, 0.1, seed, 1, {{"task.kind", "evaluate"}, {"learner.algorithm", algorithm}}});
  made.arrays.clear();
  made.rows.clear();
  made.record.status = store::Status::done;
  for (const int step : {0, 100})
    for (const auto& [term, sign] : {std::pair{"r1", 1.0}, {"r2", -1.0}, {"r3", 0.5}}) {
      const double mean = sign * size * (step == 0 ? 1 : 2) + seed;
      const std::string name = std::string("rho_prime.") + term;
      made.rows.push_back({step, name, "others-batch", mean});
      made.rows.push_back({step, name + ".above", "others-batch", std::abs(mean) + 10});
      made.rows.push_back({step, name + ".below", "others-batch", -std::abs(mean) - 20});
    }
  return made;
}

std::vector<Made> study() {
  std::vector<Made> all;
  for (int seed = 0; seed < 5; ++seed) {
    all.push_back(learner("reg", seed, 100));
    all.push_back(learner("ql", seed, 1000));
  }
  return all;
}

TEST_F(Figure8Test, each_term_has_its_three_means_over_seeds_at_each_step) {
  exact::write(at("a"), study());
  const Json one = figure(bundle({at("a")}), "figure8");
  const std::vector<Json> curves = rows(one, "curves");
  EXPECT_EQ(curves.size(), 2u * 3 * 3 * 2);  // learners, terms, means, steps
  std::map<std::string, double> seen;
  for (const Json& row : curves) {
    EXPECT_EQ(row["n"], 5);
    EXPECT_LT(row["low"].get<double>(), row["mean"].get<double>());
    if (row["term"] == "r2" && row["step"] == 100 &&
        row["experiment"].get<std::string>().find("reg") != std::string::npos)
      seen[row["statistic"]] = row["mean"];
  }
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_NEAR(seen.at("mean"), -198, 1e-9);  // - 200, and the mean seed
  EXPECT_NEAR(seen.at("mean of the positive pairs"), 208, 1e-9);
  EXPECT_NEAR(seen.at("mean of the negative pairs"), -218, 1e-9);
  EXPECT_NE(one["alternative"].get<std::string>().find("r2 -198"), std::string::npos) << one["alternative"];
}

TEST_F(Figure8Test, a_study_without_the_terms_has_no_such_figure) {
  std::vector<Made> all = study();
  for (Made& made : all) made.rows = {{0, "value_error", "states", 1.0}, {100, "value_error", "states", 0.5}};
  exact::write(at("a"), all);
  const Json whole = bundle({at("a")});
  for (const Json& one : whole["figures"]) EXPECT_NE(one["name"], "figure8");
}

}  // namespace
}  // namespace crosstalk::figures
