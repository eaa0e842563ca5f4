#pragma once

#include <filesystem>
#include <string>

#include "base/clock.hpp"
#include "run/run.hpp"

namespace crosstalk::run {

/// Who a checkpoint belongs to.
struct Identity {
  std::string run;   // the run's identifier
  std::string what;  // SHA-256 of configuration, seed and the data's checksum
};
Identity identity(const std::string& run, Json configuration, std::uint64_t seed,
                  const std::string& data_sha256);

/// One run's checkpoint: a safetensors file with the learner's state, the step, the streams' positions, the
/// identity and torch's version. Written under another name and renamed, so that it is whole or not there.
class Checkpoint {
 public:
  /// `seconds` between two of them; an empty path: none is written or read.
  Checkpoint(std::filesystem::path path, double seconds, Identity identity);

  bool exists() const;  // Error(store) where that cannot be told
  /// Brings a run that is at its beginning to where the checkpoint was made. tensor::FileError for a file
  /// that is cut, damaged or of another version: then the run is to begin anew. Error(data) for one that is
  /// another run's, or was made with another configuration or other data: nobody but the user may remove
  /// that.
  void load(Run& run) const;
  /// Whether `seconds` have passed since the last one or the beginning.
  bool due() const;
  /// Only after the rows that came before it are durable. Error(store) on a full disk.
  void save(const Run& run);

 private:
  [[noreturn]] void refuse_other(const std::string& what) const;

  std::filesystem::path path_;
  double interval_;  // seconds
  Identity identity_;
  double last_ = coarse_seconds();
};

}  // namespace crosstalk::run
