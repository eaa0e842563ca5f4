#include "cli/describe.hpp"

#include <algorithm>
#include <cstdio>

#include "base/measures.hpp"
#include "base/text.hpp"
#include "store/export.hpp"

namespace crosstalk::cli {
namespace {

constexpr std::size_t shown_damage = 5;

/// The last value of a measure; the rows are sorted by step.
const Row* last(const std::vector<Row>& rows, std::string_view measure, std::string_view split) {
  for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
    if (row->measure == measure && row->split == split) return &*row;
  }
  return nullptr;
}

}  // namespace

std::string describe(const Json& configuration, const std::vector<std::string>& swept, std::uint64_t seed) {
  std::string text;
  for (const std::string& key : swept) {
    if (!configuration.contains(key)) continue;
    text += key + ' ' + store::csv_value(configuration[key]) + ", ";
  }
  return text + "seed " + std::to_string(seed);
}

std::string last_results(const std::vector<Row>& rows) {
  using Measured = std::pair<std::string_view, std::string_view>;
  constexpr Measured shown[] = {{"accuracy", "test"},
                                {"squared_error", "test"},
                                {"value_error", "states"},
                                {"return", "evaluation"},
                                {"return", "test"},
                                {"gap", "train-test"},
                                {"function_interference", "train-train"}},
                     instead[] = {{"loss", "test"}, {"loss", "seen"}};
  std::string text;
  const auto add = [&](const Measured& one) {
    const auto& [measure, split] = one;
    const Row* row = last(rows, measure, split);
    if (row == nullptr) return;
    text += (text.empty() ? "" : ", ") + std::string(split == "test" ? "test " : "");
    text += std::string(find_measure(measure)->label) + ' ' + significant(row->value);
  };
  for (const Measured& one : shown) add(one);
  if (text.empty())
    for (const Measured& one : instead) add(one);
  if (!text.empty()) return text;
  return rows.empty() ? "nothing measured" : with_commas(std::ssize(rows)) + " numbers measured";
}

Counts count(const std::vector<store::RunRecord>& runs) {
  Counts counts;
  int* const of[] = {&counts.pending, &counts.running, &counts.done, &counts.diverged, &counts.failed};
  for (const store::RunRecord& run : runs) {
    if (run.named) ++*of[static_cast<int>(run.status)];
  }
  return counts;
}

std::string of_all(int some, int all) {
  return with_commas(some) + " of " + with_commas(all) + (all == 1 ? " run" : " runs");
}

std::string ended_otherwise(const Counts& counts) {
  std::string text;
  if (counts.diverged > 0) text += ", " + std::to_string(counts.diverged) + " diverged";
  if (counts.failed > 0) text += ", " + std::to_string(counts.failed) + " failed";
  return text;
}

std::string remarks_on(const std::vector<store::RunRecord>& runs) {
  int unnamed = 0, mixed = 0, unrepeatable = 0, cut = 0;
  for (const store::RunRecord& run : runs) {
    unnamed += run.named ? 0 : 1;
    unrepeatable += run.named && run.has("unrepeatable") ? 1 : 0;
    cut += run.named && run.has("cut") ? 1 : 0;
    mixed += run.named && run.has("mixed") ? 1 : 0;
  }
  std::string text;
  if (mixed > 0)
    text += std::to_string(mixed) + (mixed == 1 ? " was" : " were") +
            " gone on with by other versions of torch or of an environment's packages, or on another kind of "
            "machine\n";
  if (unrepeatable > 0)
    text += std::to_string(unrepeatable) + (unrepeatable == 1 ? " acts" : " act") +
            " in an environment that begins other episodes by the same seed: computed again, other numbers "
            "come\n";
  if (cut > 0)
    text +=
        std::to_string(cut) + (cut == 1 ? " has" : " have") +
        " evaluation episodes that were cut after task.episode-steps: their return is what was earned until "
        "then\n";
  if (unnamed > 0)
    text += std::to_string(unnamed) + (unnamed == 1 ? " older run" : " older runs") +
            ", which the study no longer names, " + (unnamed == 1 ? "is" : "are") + " kept\n";
  return text;
}

std::string describe(const std::vector<store::Damage>& damage) {
  std::string text;
  for (std::size_t i = 0; i < std::min(damage.size(), shown_damage); ++i) {
    text +=
        (i == 0 ? "" : "; ") + (damage[i].run.empty() ? "" : "run " + damage[i].run + ": ") + damage[i].what;
  }
  if (damage.size() > shown_damage) text += "; and " + std::to_string(damage.size() - shown_damage) + " more";
  return text;
}

}  // namespace crosstalk::cli
