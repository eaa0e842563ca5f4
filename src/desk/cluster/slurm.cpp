#include "cluster/slurm.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>
#include <sstream>

#include "base/error.hpp"
#include "base/text.hpp"
#include "cluster/program.hpp"

namespace crosstalk::cluster {
namespace {

constexpr std::size_t shown_bytes = 600;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);)
    if (!line.empty()) lines.push_back(line);
  return lines;
}

std::vector<std::string> fields_of(const std::string& line, char separator) {
  std::vector<std::string> fields;
  std::istringstream stream(line);
  for (std::string field; std::getline(stream, field, separator);) fields.push_back(field);
  return fields;
}

std::string trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n"), end = text.find_last_not_of(" \t\r\n");
  return begin == std::string::npos ? "" : text.substr(begin, end - begin + 1);
}

Error missing(const std::string& program) {
  return {ErrorKind::environment,
          "there is no Slurm on this machine: " + program +
              " is not on PATH. Submit from a login node of the cluster (perhaps after `module load slurm`); "
              "`crosstalk run` runs the study here, and --dry-run prints what would be submitted."};
}

/// What a program of Slurm's prints; Error(environment) with its own words where it fails.
std::string said(const std::vector<std::string>& arguments, const std::string& mend) {
  const std::optional<Ended> ended = run_program(arguments);
  if (!ended) throw missing(arguments.front());
  if (ended->status == 0) return ended->output;
  throw Error(ErrorKind::environment, arguments.front() + " ended with status " +
                                          std::to_string(ended->status) + ":\n" +
                                          shortened(trimmed(ended->errors), shown_bytes) + '\n' + mend);
}

const char* const ask_controller = "See whether the cluster's controller is at work (`scontrol ping`).";

std::string joined(const std::vector<std::string>& words, const std::string& between) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

/// Whether a node of `other` has all features of `kind`, so that a constraint of these takes it, too.
bool takes_too(const NodeKind& kind, const NodeKind& other) {
  return std::includes(other.features.begin(), other.features.end(), kind.features.begin(),
                       kind.features.end());
}

}  // namespace

void check_slurm() {
  for (const char* program : {"sbatch", "squeue", "scancel", "scontrol", "sinfo"})
    if (!run_program({program, "--version"})) throw missing(program);
  said({"sinfo", "--noheader", "--format=%R"}, ask_controller);
}

std::vector<Partition> partitions() {
  std::vector<Partition> all;
  for (const std::string& line :
       lines_of(said({"sinfo", "--noheader", "--format=%P|%l|%L"}, ask_controller))) {
    const std::vector<std::string> fields = fields_of(line, '|');
    if (fields.size() < 3) continue;
    Partition partition{.name = fields[0], .longest = fields[1], .usual = trimmed(fields[2])};
    if (partition.name.ends_with('*')) {
      partition.name.pop_back();
      partition.is_default = true;
    }
    const bool known = std::any_of(all.begin(), all.end(),
                                   [&](const Partition& each) { return each.name == partition.name; });
    if (!known) all.push_back(partition);
  }
  return all;
}

Partition partition_of(const std::string& name) {
  std::string there;
  for (const Partition& partition : partitions()) {
    if (name.empty() ? partition.is_default : partition.name == name) return partition;
    there += (there.empty() ? "" : ", ") + partition.name + (partition.is_default ? " (the default)" : "");
  }
  throw Error(ErrorKind::config,
              (name.empty() ? "this cluster has no default partition: give --partition"
                            : "--partition " + cut(name) + ": this cluster has none of that name") +
                  ". There " + (there.empty() ? "is none" : "are: " + there) + '.');
}

std::size_t most_tasks() {
  for (const std::string& line : lines_of(said({"scontrol", "show", "config"}, ask_controller))) {
    const std::size_t equals = line.find('=');
    if (equals == std::string::npos || trimmed(line.substr(0, equals)) != "MaxArraySize") continue;
    const long long size = std::atoll(line.c_str() + equals + 1);
    if (size > 1) return static_cast<std::size_t>(size);  // numbers are below it, and ours begin with 0
    throw Error(ErrorKind::environment, "this cluster takes no job arrays (MaxArraySize = " +
                                            std::to_string(size) + " in slurm.conf). Ask those who run it.");
  }
  throw Error(ErrorKind::environment,
              "`scontrol show config` says no MaxArraySize. Ask those who run the cluster "
              "whether it takes job arrays.");
}

std::vector<NodeKind> node_kinds(const std::string& partition) {
  std::map<std::vector<std::string>, NodeKind> kinds;
  std::vector<std::string> command{"sinfo", "--Node", "--noheader", "--format=%N|%c|%f"};
  if (!partition.empty()) command.push_back("--partition=" + partition);
  for (const std::string& line : lines_of(said(command, ask_controller))) {
    const std::vector<std::string> fields = fields_of(line, '|');
    if (fields.size() < 3) continue;
    std::vector<std::string> features = fields_of(trimmed(fields[2]), ',');
    if (features == std::vector<std::string>{"(null)"}) features.clear();
    std::sort(features.begin(), features.end());
    NodeKind& kind = kinds[features];
    kind.features = features;
    ++kind.nodes;
    kind.cpus += std::atoi(fields[1].c_str());
  }
  std::vector<NodeKind> sorted;
  for (auto& [features, kind] : kinds) sorted.push_back(kind);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const NodeKind& a, const NodeKind& b) { return a.cpus > b.cpus; });
  return sorted;
}

OneKind one_kind(const std::vector<NodeKind>& kinds, const std::string& partition) {
  const std::string where = partition.empty() ? "this cluster" : "partition " + partition;
  if (kinds.empty()) throw Error(ErrorKind::environment, where + " has no nodes. Give another --partition.");
  if (kinds.size() == 1) {
    const NodeKind& kind = kinds.front();
    if (!kind.features.empty() || kind.nodes == 1)
      return {joined(kind.features, "&"), "all nodes of " + where + " are of one kind"};
    throw Error(
        ErrorKind::environment,
        "--same-bits: the nodes of " + where +
            " have no features in Slurm (sinfo --format=%N,%f), so that it cannot be asked for nodes of "
            "one kind. Name them yourself, as --sbatch nodelist=..., or leave --same-bits out: what decides "
            "the bits is recorded of each run.");
  }
  for (const NodeKind& kind : kinds) {
    const bool is_told_apart =
        !kind.features.empty() && std::all_of(kinds.begin(), kinds.end(), [&](const NodeKind& other) {
          return &other == &kind || !takes_too(kind, other);
        });
    if (is_told_apart)
      return {joined(kind.features, "&"), std::to_string(kind.nodes) + " nodes of " + where +
                                              " with the features " + joined(kind.features, ", ") + ", of " +
                                              std::to_string(kinds.size()) + " kinds"};
  }
  throw Error(
      ErrorKind::environment,
      "--same-bits: no features in Slurm tell the kinds of nodes of " + where +
          " apart (sinfo --format=%N,%f). Name nodes of one kind yourself, as --sbatch nodelist=..., or "
          "leave --same-bits out: what decides the bits is recorded of each run.");
}

std::string submit(const std::filesystem::path& script, const std::vector<std::string>& options) {
  std::vector<std::string> command{"sbatch", "--parsable"};
  command.insert(command.end(), options.begin(), options.end());
  command.push_back(script.string());
  const std::string answer =
      trimmed(said(command, "Change the options that sbatch names, or ask those who run the cluster."));
  const std::string job = answer.substr(0, answer.find(';'));
  if (job.empty() || job.find_first_not_of("0123456789") != std::string::npos)
    throw Error(ErrorKind::environment,
                "sbatch answered \"" + cut(answer) + "\", where a job's number is expected.");
  return job;
}

std::vector<Job> queue(const std::string& job_name) {
  std::vector<Job> jobs;
  for (const std::string& line :
       lines_of(said({"squeue", "--noheader", "--array", "--name=" + job_name, "--format=%i|%K|%T|%r|%N"},
                     ask_controller))) {
    std::vector<std::string> fields = fields_of(line, '|');
    fields.resize(5);
    Job job{.id = fields[0], .state = fields[2], .reason = fields[3], .node = trimmed(fields[4])};
    if (!fields[1].empty() && fields[1].find_first_not_of("0123456789") == std::string::npos)
      job.task = std::stoul(fields[1]);
    jobs.push_back(job);
  }
  std::stable_sort(jobs.begin(), jobs.end(), [](const Job& a, const Job& b) { return a.task < b.task; });
  return jobs;
}

void cancel(const std::vector<Job>& jobs) {
  if (jobs.empty()) return;
  std::set<std::string> numbers;  // an array's tasks go with its number
  for (const Job& job : jobs) numbers.insert(job.id.substr(0, job.id.find('_')));
  std::vector<std::string> command{"scancel"};
  command.insert(command.end(), numbers.begin(), numbers.end());
  said(command, "`squeue` shows what is left.");
}

void requeue(const std::string& job) {
  said({"scontrol", "requeue", job},
       "The task's checkpoints are written: `crosstalk submit` with the same --out "
       "submits it again.");
}

}  // namespace crosstalk::cluster
