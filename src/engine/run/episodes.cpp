#include "run/episodes.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "base/digest.hpp"
#include "base/error.hpp"
#include "base/text.hpp"

namespace crosstalk::run {
namespace {

using Episode = replay::Trajectories::Episode;

std::vector<Episode> episodes_of(const replay::Trajectories& steps) {
  std::vector<Episode> all;
  for (data::Id row = steps.first(); row < steps.end(); ++row) {
    if (!steps.neighbour(row, -1)) all.push_back({row, row});
    all.back().end = row + 1;
  }
  return all;
}

/// The numbers of the episodes for the test.
std::set<std::size_t> held_out(std::size_t episodes, double share) {
  std::vector<std::pair<std::string, std::size_t>> order;
  for (std::size_t i = 0; i < episodes; ++i) order.emplace_back(sha256("crosstalk " + std::to_string(i)), i);
  std::sort(order.begin(), order.end());
  const auto count = std::clamp<std::size_t>(
      static_cast<std::size_t>(share * static_cast<double>(episodes) + 0.5), 1, episodes - 1);
  std::set<std::size_t> numbers;
  for (std::size_t i = episodes - count; i < episodes; ++i) numbers.insert(order[i].second);
  return numbers;
}

void add(const Episode& episode, std::vector<data::Id>& rows) {
  for (data::Id row = episode.begin; row < episode.end; ++row) rows.push_back(row);
}

/// The first whole ones, of at most so many steps.
void take(const std::vector<Episode>& episodes, std::int64_t transitions, std::vector<data::Id>& rows) {
  const auto all = std::accumulate(
      episodes.begin(), episodes.end(), std::int64_t{0},
      [](std::int64_t sum, const Episode& episode) { return sum + episode.end - episode.begin; });
  const std::string asked = "task.transitions is " + with_commas(transitions) + " where the ";
  if (transitions > all)
    throw Error(ErrorKind::config, asked + "training episodes have " + with_commas(all) +
                                       " transitions: give at most so many, or \"all\"");
  for (const Episode& episode : episodes) {
    if (std::ssize(rows) + episode.end - episode.begin > transitions) break;
    add(episode, rows);
  }
  if (rows.empty())
    throw Error(ErrorKind::config,
                asked + "first training episode has " +
                    with_commas(episodes.front().end - episodes.front().begin) +
                    " transitions, and only whole episodes are learned from: give at least so many");
}

}  // namespace

Split split_by_episodes(const replay::Trajectories& steps, double test_share,
                        std::optional<std::int64_t> transitions) {
  const std::vector<Episode> all = episodes_of(steps);
  if (all.size() < 2)
    throw Error(ErrorKind::config, "the stored trajectories hold " + std::to_string(all.size()) +
                                       (all.size() == 1 ? " episode" : " episodes") +
                                       "; training and test need one each: give others");
  const std::set<std::size_t> tests = held_out(all.size(), test_share);
  Split split;
  std::vector<Episode> training;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (tests.contains(i))
      add(all[i], split.test);
    else
      training.push_back(all[i]);
  take(training, transitions.value_or(steps.size() - std::ssize(split.test)), split.train);
  return split;
}

}  // namespace crosstalk::run
