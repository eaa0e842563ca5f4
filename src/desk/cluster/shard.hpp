#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "cluster/plan.hpp"
#include "store/store.hpp"

namespace crosstalk::cluster {

/// What a shard's store has as its study's record: whose shard it is, and what its runs were computed with.
///   "name", "scale", "schema", "crosstalk"   of the study, and of the version that wrote it
///   "shard"   {"plan", "task"}
///   "data"    {key (data_key): reply of `prepare`}
Json shard_record(const Plan& plan, std::size_t task, const Json& data);

/// A shard that belongs to a plan and is whole, open to read.
struct Shard {
  std::size_t task = 0;
  store::Store store;
  std::vector<store::RunRecord> runs;
  Json data;  // what they were computed with
};

/// Nothing where the task has published nothing yet. Error(store), naming the task, its file and the mend,
/// where the file is of another study, another submission or version, is another task's, cut short, or
/// damaged.
std::optional<Shard> open_shard(const ClusterFolder& folder, const Plan& plan, std::size_t task);

/// What is thrown where a shard turns out to be damaged as it is read: naming the task, its file and the
/// mend.
Error damaged_shard(const ClusterFolder& folder, std::size_t task, const Error& how);

/// Files in the place of shards that no task of the plan has: each a sentence for people.
std::vector<std::string> strange_shards(const ClusterFolder& folder, const Plan& plan);

}  // namespace crosstalk::cluster
