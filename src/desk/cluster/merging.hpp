#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "cluster/plan.hpp"
#include "cluster/shard.hpp"
#include "store/store.hpp"

namespace crosstalk::cluster {

/// What a merge has done, and what it could not do.
struct Merged {
  int taken = 0;                         // runs that were not there before
  int there = 0;                         // runs that were there already, bit for bit
  int unfinished = 0;                    // of shards that are there
  std::vector<std::size_t> unpublished;  // tasks that have given nothing yet
  std::vector<std::string> refused;      // each what is wrong and the mend
  std::set<std::string> ways;            // what decides bits, of all runs that are there, in words
};

/// Takes every finished run of every sound shard into the results' store, with what it has kept (probe.keep).
/// Each shard goes in as a whole: a merge that is killed is repeated. A run that is there already must be the
/// same to the last bit; a run whose shard says otherwise is refused and the former stays. `store` has all
/// runs of the study named, and nothing else is written to it meanwhile.
Merged merge(const ClusterFolder& folder, const Plan& plan, store::Store& store);

/// What the results say of their data, with what the shards were computed with; Error(store) is in `refused`
/// of a merge where two do not agree.
Json joined_data(const Json& before, const Json& of_shard, const std::string& shard);

}  // namespace crosstalk::cluster
