// Reward and interference against the sign variance of the TD error: what stands where, and the r over
// configurations by plain loops.
#include "desk/exact_study.hpp"
#include "desk/figures_fixture.hpp"
#include "stats/jackknife.hpp"

namespace crosstalk::figures {
namespace {

using SignsFigureTest = FiguresTest;
using exact::Made;

/// One configuration's numbers, about which its seeds lie evenly.
struct Place {
  double rate;
  int hidden;
  double variance, earned, interference;
};
const std::vector<Place> places{{0.1, 8, 0.30, 9.0, 0.5},  {0.1, 16, 0.42, 7.5, 1.0},
                                {0.1, 32, 0.50, 8.0, 3.0}, {0.2, 8, 0.55, 5.0, 2.0},
                                {0.2, 16, 0.61, 6.0, 9.0}, {0.2, 32, 0.70, 2.0, 20.0}};
constexpr int seeds = 5;

Made agent_at(const Place& place, int seed, const Json& more = Json::object()) {
  Json keys = {{"task.kind", "control"},         {"task.environment", "gridworld"},
               {"learner.algorithm", "dqn"},     {"learner.approximation", "network"},
               {"network.hidden", place.hidden}, {"network.layers", Json::array()},
               {"probe.episodes", 20},           {"probe.unit", "steps"}};
  keys.update(more);
  Made made = exact::make({0, place.rate, seed, 1, keys});
  made.arrays.clear();
  made.rows.clear();
  made.record.status = store::Status::done;
  const double off = 0.01 * (seed - (seeds - 1) / 2);
  for (const int step : {0, 50, 80, 100}) {  // the last two are of the last quarter, and only they count
    const double late = step < 75 ? 5 : 0, sway = step == 80 ? 0.02 : step == 100 ? -0.02 : 0;
    made.rows.push_back({step, "sign_variance", "seen", place.variance + off + sway + late});
    made.rows.push_back({step, "return", "evaluation", place.earned - 2 * off + sway - late});
    made.rows.push_back(
        {step, "function_interference", "seen-seen", place.interference * (1 + off) + sway + late});
  }
  return made;
}

std::vector<Made> study(const Json& more = Json::object()) {
  std::vector<Made> all;
  for (const Place& place : places)
    for (int seed = 0; seed < seeds; ++seed) all.push_back(agent_at(place, seed, more));
  return all;
}

double pearson(const std::vector<double>& x, const std::vector<double>& y) {
  const double n = static_cast<double>(x.size());
  double mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) mx += x[i] / n, my += y[i] / n;
  for (std::size_t i = 0; i < x.size(); ++i)
    xx += (x[i] - mx) * (x[i] - mx), yy += (y[i] - my) * (y[i] - my), xy += (x[i] - mx) * (y[i] - my);
  return xy / std::sqrt(xx * yy);
}

/// The 90% interval that leaves one configuration out at a time, on Fisher's scale.
std::pair<double, double> interval(const std::vector<double>& x, const std::vector<double>& y) {
  const double count = static_cast<double>(x.size());
  std::vector<double> without;
  for (std::size_t out = 0; out < x.size(); ++out) {
    std::vector<double> a = x, b = y;
    a.erase(a.begin() + static_cast<std::ptrdiff_t>(out));
    b.erase(b.begin() + static_cast<std::ptrdiff_t>(out));
    without.push_back(std::atanh(pearson(a, b)));
  }
  double mean = 0, squares = 0;
  for (const double z : without) mean += z / count;
  for (const double z : without) squares += (z - mean) * (z - mean);
  const double reach =
      stats::t_quantile(0.95, static_cast<int>(count) - 1) * std::sqrt((count - 1) / count * squares);
  const double z = std::atanh(pearson(x, y));
  return {std::tanh(z - reach), std::tanh(z + reach)};
}

TEST_F(SignsFigureTest, has_a_mark_a_configuration_at_the_means_of_its_runs_last_quarters) {
  exact::write(at("a"), study());
  const Json one = figure(bundle({at("a")}), "figureSigns");
  const std::vector<Json> points = rows(one, "points");
  ASSERT_EQ(points.size(), 2 * places.size()) << "of the return and of interference";
  for (const Json& row : points) {
    EXPECT_EQ(row["key"], "learner.rate");
    EXPECT_EQ(row["size_key"], "network.hidden");
    const auto place = std::find_if(places.begin(), places.end(), [&](const Place& each) {
      return row["number"] == each.rate && row["size"] == each.hidden;
    });
    ASSERT_NE(place, places.end());
    EXPECT_EQ(row["line"], "learner.rate " + Json(place->rate).dump());
    EXPECT_NEAR(row["variance"].get<double>(), place->variance, 1e-12);
    const bool reward = row["measure"] == "return";
    EXPECT_NEAR(row["mean"].get<double>(), reward ? place->earned : place->interference, 1e-12);
    // Seeds lie at -2 ... 2 times 0.01 about the mean: their deviation is 0.01 sqrt(2.5).
    const double reach = stats::t_quantile(0.95, seeds - 1) * 0.01 * std::sqrt(2.5 / seeds);
    EXPECT_NEAR(row["variance_high"].get<double>() - place->variance, reach, 1e-12);
    EXPECT_NEAR(row["mean"].get<double>() - row["low"].get<double>(),
                reach * (reward ? 2 : place->interference), 1e-12);
    EXPECT_EQ(row["n"], seeds);
    EXPECT_EQ(row["diverged"], 0);
  }
}

TEST_F(SignsFigureTest, says_r_over_configurations_with_the_interval_that_leaves_one_out) {
  exact::write(at("a"), study());
  const Json one = figure(bundle({at("a")}), "figureSigns");
  std::vector<double> x;
  std::map<std::string, std::vector<double>> y;
  for (const Place& place : places) {
    x.push_back(place.variance);
    y["return"].push_back(place.earned);
    y["function_interference"].push_back(place.interference);
    y["function_interference.log"].push_back(std::log(place.interference));
  }
  const std::vector<Json> relations = rows(one, "relations");
  ASSERT_EQ(relations.size(), 3u);
  for (const Json& row : relations) {
    const std::vector<double>& values = y.at(row["measure"]);
    const auto [low, high] = interval(x, values);
    EXPECT_NEAR(row["r"].get<double>(), pearson(x, values), 1e-12) << row;
    EXPECT_NEAR(row["low"].get<double>(), low, 1e-9);
    EXPECT_NEAR(row["high"].get<double>(), high, 1e-9);
    EXPECT_EQ(row["n"], places.size()) << "seeds are no points of their own";
    const std::string fact = "walk/" + row["measure"].get<std::string>() + "/r";
    EXPECT_EQ(one["facts"][fact], row["r"]);
  }
  EXPECT_LT(one["facts"]["walk/return/r"], -0.8);
  EXPECT_GT(one["facts"]["walk/function_interference/r"], 0.7);
  const std::string said = one["alternative"];
  EXPECT_NE(
      said.find("In walk the r over configurations of the sign variance of the TD error (steps seen) is "
                "with the return -0.89 (90% interval "),
      std::string::npos)
      << said;
  EXPECT_NE(said.find("logarithm of function interference"), std::string::npos) << said;
}

TEST_F(SignsFigureTest, counts_the_runs_that_diverged_and_those_that_earn_no_more_than_they_began_with) {
  std::vector<Made> all = study();
  for (std::size_t run = 0; run < 7; ++run) all[run].record.status = store::Status::diverged;
  for (std::size_t run = 10; run < 12; ++run)
    for (Row& row : all[run].rows)
      if (row.measure == "return" && row.step == 0) row.value = 100;
  exact::write(at("a"), all);
  const Json one = figure(bundle({at("a")}), "figureSigns");
  const std::vector<Json> points = rows(one, "points");
  EXPECT_EQ(points.size(), 2 * (places.size() - 1)) << "of the first every run diverged";
  for (const Json& row : points) {
    const bool lost = row["number"] == 0.1 && row["size"] == 16;
    EXPECT_EQ(row["diverged"], lost ? 2 : 0);
    EXPECT_EQ(row["n"], lost ? 3 : 5);
    EXPECT_EQ(row["low"].is_null(), lost) << "three seeds have no interval";
  }
  const std::string notes = one["notes"].dump();
  EXPECT_NE(
      notes.find("walk: 7 of 30 runs diverged and are in no mean; nothing is drawn of 1 configuration, of "
                 "which every run diverged."),
      std::string::npos)
      << notes;
  EXPECT_NE(notes.find("2 of 8 runs end no better than they began"), std::string::npos) << notes;
}

TEST_F(SignsFigureTest, divides_by_keys_that_are_words_and_joins_what_differs_in_two_numbers) {
  std::vector<Made> all = study(), others = study({{"learner.algorithm", "ql"}});
  all.insert(all.end(), others.begin(), others.end());
  exact::write(at("a"), all);
  std::map<std::string, int> panels;
  for (const Json& row : rows(figure(bundle({at("a")}), "figureSigns"), "relations")) ++panels[row["panel"]];
  EXPECT_EQ(panels, (std::map<std::string, int>{{"walk (learner.algorithm dqn)", 3},
                                                {"walk (learner.algorithm ql)", 3}}));
}

/// Networks of several lists of layers have no one number; their capacity stands for each.
TEST_F(SignsFigureTest, has_the_capacity_as_the_size_of_a_mark_where_lists_of_layers_are_swept) {
  std::vector<Made> all;
  for (const Place& place : places) {
    const Json layers = {"linear " + std::to_string(place.hidden), "relu", "linear out"};
    all.push_back(agent_at(place, 0, {{"network.hidden", 16}, {"network.layers", layers}}));
  }
  exact::write(at("a"), all);
  const Json drawn = figure(bundle({at("a")}), "figureSigns");
  std::set<std::string> panels;
  std::set<double> sizes;
  for (const Json& row : rows(drawn, "points")) {
    EXPECT_EQ(row["size_key"], "capacity");
    EXPECT_EQ(row["key"], "learner.rate");
    panels.insert(row["panel"]);
    sizes.insert(row["size"].get<double>());
  }
  EXPECT_EQ(panels, std::set<std::string>{"walk"});
  EXPECT_EQ(sizes, (std::set<double>{8, 16, 32}));
}

TEST_F(SignsFigureTest, is_not_there_without_signs_without_outcomes_or_with_one_configuration_alone) {
  const auto there = [&](const std::string& name, const std::vector<Made>& all) {
    exact::write(at(name), all);
    const Json whole = bundle({at(name)});
    for (const Json& one : whole["figures"])
      if (one["name"] == "figureSigns") return true;
    return false;
  };
  EXPECT_TRUE(there("all", study()));
  std::vector<Made> none = study(), alone = study(), one;
  for (Made& made : none)
    std::erase_if(made.rows, [](const Row& row) { return row.measure == "sign_variance"; });
  for (Made& made : alone)
    std::erase_if(made.rows, [](const Row& row) { return row.measure != "sign_variance"; });
  for (int seed = 0; seed < seeds; ++seed) one.push_back(agent_at(places[0], seed));
  EXPECT_FALSE(there("none", none));
  EXPECT_FALSE(there("alone", alone));
  EXPECT_FALSE(there("one", one));
}

TEST_F(SignsFigureTest, shows_what_agents_at_images_earn_in_training) {
  synthetic::Made made = make(agent("ddqn", "double-dqn"));
  for (std::size_t run = 0; run < made.rows.size(); ++run) {
    const double off = 0.001 * static_cast<double>(run * 37 % 101);
    for (std::size_t i = 0, all = made.rows[run].size(); i < all; ++i) {
      Row& row = made.rows[run][i];
      if (row.measure != "reward" || row.split != "train") continue;
      row.value -= off;
      made.rows[run].push_back({row.step, "sign_variance", "train", 0.3 + 2 * off});
    }
  }
  synthetic::write(at("a"), {made});
  const Json one = figure(bundle({at("a")}), "figureSigns");
  int checked = 0;
  for (const Json& row : rows(one, "relations")) {
    if (row["measure"] != "reward") continue;
    EXPECT_NEAR(row["r"].get<double>(), -1, 1e-9) << "which is how it was made";
    ++checked;
  }
  EXPECT_GT(checked, 0);
}

}  // namespace
}  // namespace crosstalk::figures
