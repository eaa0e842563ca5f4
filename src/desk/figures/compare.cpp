#include "figures/compare.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "figures/compared.hpp"
#include "figures/notes.hpp"
#include "figures/point.hpp"
#include "figures/results.hpp"
#include "figures/words.hpp"
#include "stats/jackknife.hpp"
#include "stats/summary.hpp"

namespace crosstalk::figures {
namespace {

using Values = std::map<std::string, std::set<std::string>>;

Values values_of(const Results& results) {
  Values values;
  for (const MeasuredRun& run : results.runs) {
    for (const auto& [key, value] : run.record.configuration->items()) values[key].insert(value.dump());
  }
  return values;
}

/// What a run's data were made from, as a key and its value: the same names may stand for different files.
std::pair<std::string, std::string> data_of(const Results& results, const MeasuredRun& run) {
  return {"SHA-256 of the data for " + run.text("task.dataset", run.text("task.trajectories")),
          results.checksum_of(run)};
}

Values checksums_of(const Results& results) {
  Values checksums;
  for (const MeasuredRun& run : results.runs) {
    if (const auto [key, checksum] = data_of(results, run); !checksum.empty())
      checksums[key].insert(checksum);
  }
  return checksums;
}

std::string listed(const std::set<std::string>& values) {
  std::string text;
  int count = 0;
  for (const std::string& value : values) {
    if (++count > 8) return text + ", ...";
    text += (text.empty() ? "" : ", ") + value;
  }
  return text.empty() ? "not a key" : text;
}

/// The keys in which the two differ, and the table that says so.
std::set<std::string> differing(const Results& a, const Results& b, Table& table) {
  Values of_a = values_of(a), of_b = values_of(b), data_a = checksums_of(a), data_b = checksums_of(b);
  for (const auto& [key, checksums] : data_a) {  // of data that both have
    if (data_b.contains(key)) of_a[key] = checksums, of_b[key] = data_b[key];
  }
  std::set<std::string> keys, apart;
  for (const auto& [key, _] : of_a) keys.insert(key);
  for (const auto& [key, _] : of_b) keys.insert(key);
  std::vector<std::vector<Cell>> partly;
  for (const std::string& key : keys) {
    if (of_a[key] == of_b[key]) continue;
    const bool common = std::any_of(of_a[key].begin(), of_a[key].end(),
                                    [&](const std::string& value) { return of_b[key].contains(value); });
    std::vector<Cell> row{key, listed(of_a[key]), listed(of_b[key]), !common};
    (common ? partly : table.rows).push_back(std::move(row));
    if (!common) apart.insert(key);
  }
  table.rows.insert(table.rows.end(), partly.begin(), partly.end());
  return apart;
}

/// What a pair has in common, without and with the seed.
struct Key {
  std::string configuration;
  std::uint64_t seed;
  auto operator<=>(const Key&) const = default;
};
struct Side {
  std::string experiment;
  std::vector<const Point*> points;
  bool learned_nothing() const {
    return std::any_of(points.begin(), points.end(),
                       [](const Point* point) { return !point->learned.value_or(true); });
  }
  std::optional<double> mean(int which) const {
    double sum = 0;
    for (const Point* point : points) {
      const std::optional<double> value = value_of(*point, which);
      if (!value) return {};
      sum += *value;
    }
    return sum / static_cast<double>(points.size());
  }
};

std::string kind_in_words(const Scoring& scoring) {
  return std::string(scoring.name) + " (" + std::string(scoring.way) + ")";
}

std::map<Key, Side> by_key(const Results& results, const std::set<std::string>& apart) {
  std::map<Key, Side> sides;
  for (const Experiment& experiment : results.experiments) {
    for (const Point& point : experiment.points) {
      // Errors of two kinds (shares, squared errors, regrets) have no difference, whatever the keys say.
      Key key{kind_in_words(*point.scoring) + "\n", point.run->record.seed};
      for (const auto& [name, value] : point.run->record.configuration->items()) {
        if (!apart.contains(name) && !name.starts_with("runtime."))
          key.configuration += name + "=" + value.dump() + "\n";
      }
      if (const auto [name, checksum] = data_of(results, *point.run); !apart.contains(name))
        key.configuration += name + "=" + checksum + "\n";
      Side& side = sides[key];
      side.experiment = experiment.name;
      side.points.push_back(&point);
    }
  }
  return sides;
}

/// The paired values of one measure in one experiment.
struct Differences {
  const Scoring* scoring = nullptr;
  std::vector<double> a, b;
  stats::Points points{{{}}, {}, {}};
};

std::string first_of(const Side& side) { return side.points.front()->run->record.run; }

void add_row(FigureData& data, Table& table, const std::string& experiment, const std::string& name,
             const std::string& unit, const stats::Estimate& a, const stats::Estimate& b,
             const stats::Inference& difference, std::size_t n, int configurations) {
  const stats::Interval& interval = difference.interval;
  const std::string key = experiment + "/" + name;
  table.rows.push_back(
      {experiment, name, unit, cell(a), cell(b), cell(difference.value), low(interval), high(interval),
       static_cast<double>(n), static_cast<double>(configurations),
       reason(difference.value.defined() ? interval.undefined : difference.value.undefined)});
  data.facts[key + "/difference"] = fact(difference.value);
  data.facts[key + "/low"] = interval.defined() ? fact(interval.low) : Json(nullptr);
  data.facts[key + "/high"] = interval.defined() ? fact(interval.high) : Json(nullptr);
  data.facts[key + "/n"] = n;
}

void add_differences(FigureData& data, Table& table, const std::string& experiment, int which,
                     const Differences& found) {
  const stats::Inference difference = stats::mean(found.points);
  const std::string unit = unit_of(which, *found.scoring);
  add_row(data, table, experiment, std::string(name_of(which)), unit, stats::summarise(found.a).mean,
          stats::summarise(found.b).mean, difference, found.a.size(), found.points.configurations());
  if (which != gap_difference && which != test_error && which != log_interference) return;
  std::string name(name_of(which));
  std::replace(name.begin(), name.end(), '_', ' ');
  const stats::Interval& interval = difference.interval;
  say(data.alternative, "In " + experiment + " the " + name + " of B minus that of A is " +
                            significant(difference.value.value) + " (" + unit + "; " +
                            (interval.defined() ? "90% interval " + significant(interval.low) + " to " +
                                                      significant(interval.high)
                                                : "no interval: " + interval.undefined) +
                            ", n = " + with_commas(std::ssize(found.a)) + ").");
}

/// r of log interference and gap over the runs that are paired, on either side, and their difference by
/// pairs.
struct Correlated {
  stats::Points a, b;  // columns x, gap; level: number of examples
  int pairs = 0, unlearned = 0;
  /// Where too many pairs have a side that learned nothing, their r says nothing.
  bool is_void() const { return unlearned >= too_many_unlearned * pairs; }
  void add(const Side& one, const Side& other, int configuration, int level) {
    ++pairs;
    unlearned += one.learned_nothing() || other.learned_nothing();
    const std::optional<double> values[] = {one.mean(log_interference), one.mean(gap_difference),
                                            other.mean(log_interference), other.mean(gap_difference)};
    if (!std::all_of(std::begin(values), std::end(values),
                     [](const auto& value) { return value.has_value(); }))
      return;
    for (stats::Points* side : {&a, &b}) {
      side->columns.resize(2);
      for (int column = 0; column < 2; ++column)
        side->columns[column].push_back(*values[(side == &b ? 2 : 0) + column]);
      side->configuration.push_back(configuration);
      side->level.push_back(level);
    }
  }
};

void add_correlations(FigureData& data, Table& table, const std::string& experiment, Correlated found) {
  if (found.a.columns.empty() || found.is_void()) return;
  const std::size_t n = found.a.configuration.size();
  const int configurations = found.a.configurations();
  for (const char* name : {"r_given_examples", "r"}) {
    const stats::Inference a = stats::correlation(found.a), b = stats::correlation(found.b);
    stats::Inference difference = stats::difference(b, a);
    difference.interval.low = std::max(-2.0, difference.interval.low);  // of two r there is no other
    difference.interval.high = std::min(2.0, difference.interval.high);
    add_row(data, table, experiment, name, "correlation", a.value, b.value, difference, n, configurations);
    found.a.level.clear();
    found.b.level.clear();
  }
}

std::set<std::string> kinds_of(const std::vector<Experiment>& experiments) {
  std::set<std::string> kinds;
  for (const Experiment& experiment : experiments) {
    for (const Point& point : experiment.points) kinds.insert(kind_in_words(*point.scoring));
  }
  return kinds;
}

std::string why_unpaired(const std::vector<Experiment>& a, const std::vector<Experiment>& b) {
  const std::set<std::string> of_a = kinds_of(a), of_b = kinds_of(b);
  if (of_a.empty() || of_b.empty()) return std::string(of_a.empty() ? "A" : "B") + " has no run that is done";
  const bool common =
      std::any_of(of_a.begin(), of_a.end(), [&](const std::string& kind) { return of_b.contains(kind); });
  if (common) return "no two of them agree in their seed and in the keys that both studies share";
  const auto words = [](const std::set<std::string>& kinds) {
    return joined(std::vector<std::string>(kinds.begin(), kinds.end()));
  };
  return "A has runs of kind " + words(of_a) + ", B of kind " + words(of_b) +
         ", and errors of different kinds are not compared";
}

/// The runs of A that have a partner in B, and how many on either side have none.
struct Paired {
  std::map<std::pair<std::string, int>, Differences> found;  // by experiment and measure
  std::map<std::string, Correlated> correlated;              // by experiment
  Table pairs{{"experiment", "run_a", "run_b", "seed", "measure", "a", "b", "difference"}, {}};
  std::int64_t alone_a = 0, alone_b = 0, several = 0;  // several: pairs of more than one run on a side
};

Paired pair_up(const std::map<Key, Side>& left, const std::map<Key, Side>& right,
               const std::set<std::string>& apart) {
  Paired paired;
  std::map<std::string, int> configurations;
  for (const auto& [key, one] : left) {
    const auto other = right.find(key);
    if (other == right.end()) {
      paired.alone_a += std::ssize(one.points);
      continue;
    }
    paired.several += one.points.size() > 1 || other->second.points.size() > 1;
    const int configuration =
        configurations.try_emplace(key.configuration, static_cast<int>(configurations.size())).first->second;
    paired.correlated[one.experiment].add(one, other->second, configuration,
                                          static_cast<int>(one.points.front()->examples));
    for (int which = 0; which < compared; ++which) {
      if (!is_comparable(which, apart)) continue;
      const std::optional<double> a = one.mean(which), b = other->second.mean(which);
      if (!a || !b) continue;
      Differences& entry = paired.found[{one.experiment, which}];
      entry.scoring = one.points.front()->scoring;
      entry.a.push_back(*a);
      entry.b.push_back(*b);
      entry.points.columns[0].push_back(*b - *a);
      entry.points.configuration.push_back(configuration);
      paired.pairs.rows.push_back({one.experiment, first_of(one), first_of(other->second),
                                   static_cast<double>(key.seed), std::string(name_of(which)), *a, *b,
                                   *b - *a});
    }
  }
  for (const auto& [key, other] : right) {
    if (!left.contains(key)) paired.alone_b += std::ssize(other.points);
  }
  return paired;
}

std::vector<std::string> notes_on(const Paired& paired) {
  std::vector<std::string> notes;
  if (paired.alone_a + paired.alone_b > 0) {
    notes.push_back(counted(paired.alone_a, "run") + " of A and " + std::to_string(paired.alone_b) +
                    " of B have no partner.");
  }
  if (paired.several > 0) {
    notes.push_back(counted(paired.several, "pair") +
                    " stand for several runs of one side, which differ only in the keys above: their means.");
  }
  return notes;
}

}  // namespace

FigureData compare(const Results& a, const Results& b) {
  FigureData data;
  data.facts = Json::object();
  Table keys{{"key", "a", "b", "differs"}, {}};
  const std::set<std::string> apart = differing(a, b, keys);
  for (const std::string& note : notes_on(a.experiments)) data.notes.push_back("A: " + note);
  for (const std::string& note : notes_on(b.experiments)) data.notes.push_back("B: " + note);
  Paired paired = pair_up(by_key(a, apart), by_key(b, apart), apart);
  Table differences{{"experiment", "measure", "unit", "mean_a", "mean_b", "difference", "low", "high", "n",
                     "configurations", "no_interval"},
                    {}};
  for (const auto& [key, entry] : paired.found)
    add_differences(data, differences, key.first, key.second, entry);
  for (const auto& [experiment, found] : paired.correlated) {
    add_correlations(data, differences, experiment, found);
    if (found.is_void())
      data.notes.push_back(experiment + ": no r is compared, since in " + with_commas(found.unlearned) +
                           " of " + counted(found.pairs, "pair") + " a side learned nothing to speak of.");
  }
  if (!is_comparable(log_interference, apart))
    data.notes.push_back(
        "Function interference is in the units of the function measured, which the two do not share: it is "
        "not "
        "compared. Stiffness has no unit.");
  for (const std::string& note : notes_on(paired)) data.notes.push_back(note);
  if (paired.found.empty()) {
    data.alternative = "No run of A has a partner in B: " + why_unpaired(a.experiments, b.experiments) + ".";
  }
  Table unpaired{{"side", "runs"},
                 {{std::string("A"), static_cast<double>(paired.alone_a)},
                  {std::string("B"), static_cast<double>(paired.alone_b)}}};
  data.tables = {{"keys", std::move(keys)},
                 {"differences", std::move(differences)},
                 {"pairs", std::move(paired.pairs)},
                 {"unpaired", std::move(unpaired)}};
  return data;
}

Json comparison(const std::filesystem::path& a, const std::filesystem::path& b) {
  const FigureData data = compare(load_results({a}), load_results({b}));
  Json tables = Json::object();
  for (const auto& [name, table] : data.tables) tables[name] = to_json(table);
  return {
      {"title", "A and B, run by run"},
      {"caption",
       "Differences B - A of pairs of runs with the same seed and the same values of all keys but those "
       "in which the two studies differ, each run the mean of the measurements in its last quarter; means "
       "with 90% intervals that leave one configuration's pairs out. A regression's errors are normalised "
       "by the variance of its targets. Differences of r leave one configuration out of both."},
      {"alternative", data.alternative},
      {"tables", std::move(tables)},
      {"facts", data.facts},
      {"notes", data.notes},
      {"a", a.string()},
      {"b", b.string()}};
}

}  // namespace crosstalk::figures
