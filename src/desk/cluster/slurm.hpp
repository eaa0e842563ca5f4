#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace crosstalk::cluster {

/// A partition, as sinfo has it.
struct Partition {
  std::string name;
  bool is_default = false;
  std::string longest, usual;  // time limits, as Slurm writes them: of any job, of one that says none
};

/// A job of ours, or a task of an array, that is in the queue or at work.
struct Job {
  std::string id;                   // "123_7"
  std::optional<std::size_t> task;  // nothing: the job before the array
  std::string state, reason, node;  // "RUNNING", "PENDING"; why it waits; where it runs
  bool is_at_work() const { return state != "PENDING"; }
};

/// Nodes that Slurm describes alike.
struct NodeKind {
  std::vector<std::string> features;  // sorted
  int nodes = 0, cpus = 0;
};

/// Error(environment) where a program of Slurm's is not on PATH, or its controller does not answer.
void check_slurm();

std::vector<Partition> partitions();
/// The partition of that name, or (empty) the default one. Error(config) naming those that are there.
Partition partition_of(const std::string& name);
/// How many tasks an array may have.
std::size_t most_tasks();
/// Kinds of the nodes of a partition, the one with the most processors first.
std::vector<NodeKind> node_kinds(const std::string& partition);
/// The --constraint that gives nodes of one kind, and what is to be said of it; empty where all nodes are of
/// one. Error(environment) where Slurm knows no feature that tells the kinds apart.
struct OneKind {
  std::string constraint, words;
};
OneKind one_kind(const std::vector<NodeKind>& kinds, const std::string& partition);

/// Submits a batch script and returns the job's number. Error(environment) with sbatch's own words.
std::string submit(const std::filesystem::path& script, const std::vector<std::string>& options);
/// Jobs of this name that are not over, sorted by task.
std::vector<Job> queue(const std::string& job_name);
void cancel(const std::vector<Job>& jobs);
/// Puts a job that is at work back into the queue. Error(environment) where Slurm refuses.
void requeue(const std::string& job);

}  // namespace crosstalk::cluster
