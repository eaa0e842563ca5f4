#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "run/run.hpp"

namespace crosstalk::run {

/// The tensors of a file that is kept, by name.
using Kept = std::map<std::string, at::Tensor>;

/// What one measurement was about: theta under its layers' names ("0.weight"), the target network's
/// parameters as "target/0.weight" where there is one ("target-1/0.weight" those of the copy before it, where
/// several are averaged), and of each set that samples are from
///     "SET/outputs"      (n, p)  of the network
///     "SET/COLUMN"       as the table has it (data/table.hpp), "SET/rows" (n): the row numbers; not of a
///     fixed set "SET/own.targets"  what is learned towards, "SET/td.targets" that of the TD error, both of
///     transitions alone; "SET/own.discounts" where what is learned bootstraps from what the gradient goes
///     through
/// Computed as often as asked for with the same bits; changes nothing of the run.
Kept kept_of_measurement(Run& run);

/// What stays the same all through a run: the fixed sets, whole, "SET/COLUMN" as above; empty where there is
/// none.
Kept kept_once(Run& run);

/// Bytes of the two, without drawing what is large.
struct KeptSize {
  double measurement, once;
};
KeptSize kept_size(Run& run);

/// A run's files of what its measurements were about: FOLDER/STEP.safetensors, the step as its rows have it,
/// and FOLDER/rows.safetensors. Their metadata "crosstalk" is JSON: what, run, seed, step, configuration, and
/// the network's layers, input and heads.
class Keeper {
 public:
  /// An empty folder: nothing is kept. `about`: run, seed and configuration.
  Keeper(std::filesystem::path folder, Keep when, Json about)
      : folder_(std::move(folder)), when_(when), about_(std::move(about)) {}

  /// After run.measure(): once it returns, what is kept of it is on the disk. A file that is there must hold
  /// the same, or Error(store); a damaged one is written again. Unwritten where it cannot be written.
  void keep(Run& run);

 private:
  void write(const std::string& name, const Kept& kept, const Json& about) const;

  std::filesystem::path folder_;
  Keep when_;
  Json about_;
  bool began_ = false;  // the folder is made, and what is kept once is there
};

}  // namespace crosstalk::run
