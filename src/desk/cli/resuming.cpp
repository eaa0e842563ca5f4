#include "cli/resuming.hpp"

#include <algorithm>
#include <map>
#include <numeric>

#include "base/error.hpp"
#include "cli/console.hpp"

namespace crosstalk::cli {
namespace {

constexpr std::size_t most_damage_said = 10;

}  // namespace

bool has_store(const work::ResultsFolder& results) {
  std::error_code error;
  const bool there = std::filesystem::exists(results.file(), error);
  if (error && error != std::errc::permission_denied) {
    throw Error(ErrorKind::store, results.folder.string() + " cannot be a results folder: " +
                                      error.message() + ". Give another --out.");
  }
  return there;
}

void mend(store::Store& store) {
  store.check_file();
  const std::vector<store::Damage> damage = store.damage();
  if (damage.empty()) return;
  std::size_t said = 0;
  for (const store::Damage& each : damage) {
    if (++said > most_damage_said) continue;
    remark("note: " + (each.run.empty()
                           ? each.what + ": forgotten"
                           : "run " + each.run + " is damaged: " + each.what +
                                 ". It is forgotten, and computed anew where the study names it"));
  }
  if (said > most_damage_said) remark("note: and " + std::to_string(said - most_damage_said) + " more");
  store.forget(damage);
}

std::vector<study::Configuration> to_do(const std::vector<study::Configuration>& all,
                                        const store::Store* store) {
  std::map<std::string, store::Status> statuses;
  if (store != nullptr) {
    for (const store::RunRecord& record : store->runs()) statuses[record.run] = record.status;
  }
  std::vector<study::Configuration> runs;
  for (const study::Configuration& run : all) {
    const auto status = statuses.find(run.run);
    if (status == statuses.end() || !is_over(status->second)) runs.push_back(run);
  }
  return runs;
}

std::vector<work::Assignment> in_order(const std::vector<study::Configuration>& runs,
                                       const std::vector<double>& seconds, const work::Datasets& datasets,
                                       const work::ResultsFolder& results, int jobs,
                                       double checkpoint_seconds) {
  std::vector<std::size_t> order(runs.size());
  std::iota(order.begin(), order.end(), 0);
  if (jobs > 1) {
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return seconds[a] > seconds[b]; });
  }
  std::vector<work::Assignment> assignments;
  for (const std::size_t i : order) {
    const study::Configuration& run = runs[i];
    const std::filesystem::path checkpoint = std::filesystem::absolute(results.checkpoint(run.run));
    const std::filesystem::path kept = std::filesystem::absolute(results.kept(run.run));
    assignments.push_back(work::assignment(run, datasets, checkpoint, checkpoint_seconds, kept));
  }
  return assignments;
}

}  // namespace crosstalk::cli
