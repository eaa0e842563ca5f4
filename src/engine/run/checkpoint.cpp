#include "run/checkpoint.hpp"

#include <c10/util/Exception.h>

#include "base/digest.hpp"
#include "base/error.hpp"
#include "run/state_file.hpp"
#include "tensor/device.hpp"

namespace crosstalk::run {
namespace {

const char* const mend = "Remove it to begin this run anew.";

/// A whole file that does not fit was written by another version.
void load_state(Run& run, const tensor::State& state, const tensor::SafetensorsFile& file) {
  try {
    run.load(state);
  } catch (const Error& error) {
    file.refuse(std::string("does not fit this run (") + error.what() + ")");
  } catch (const c10::Error& error) {
    if (tensor::is_of_memory(error)) throw;  // the file is sound
    file.refuse(std::string("does not fit this run (") + error.what_without_backtrace() + ")");
  }
}

}  // namespace

Identity identity(const std::string& run, Json configuration, std::uint64_t seed,
                  const std::string& data_sha256) {
  // Checkpoints from before there was this key have none; where it ends nothing, they are of the same run.
  if (const auto until = configuration.find("probe.until"); until != configuration.end() && *until == "never")
    configuration.erase(until);
  return {run, sha256(Json({std::move(configuration), seed, data_sha256}).dump())};
}

Checkpoint::Checkpoint(std::filesystem::path path, double seconds, Identity identity)
    : path_(std::move(path)), interval_(seconds), identity_(std::move(identity)) {}

bool Checkpoint::exists() const {
  if (path_.empty()) return false;
  std::error_code failure;
  const bool there = std::filesystem::exists(path_, failure);
  if (failure)
    throw Error(ErrorKind::store, path_.string() + " cannot be looked for: " + failure.message() +
                                      ". Make its folder readable, or give another one.");
  return there;
}

void Checkpoint::refuse_other(const std::string& what) const {
  throw Error(ErrorKind::data, path_.string() + " " + what + ". " + mend);
}

void Checkpoint::load(Run& run) const {
  const tensor::SafetensorsFile file(path_, mend);
  const auto [about, state] = StateFile::read(file, "checkpoint");
  try {
    if (about.at("run") != identity_.run) {
      refuse_other("is a checkpoint of run " + about.at("run").get<std::string>() + ", not of " +
                   identity_.run);
    }
    if (about.at("identity") != identity_.what) {
      refuse_other("is a checkpoint of run " + identity_.run + " with another configuration or other data");
    }
    const std::int64_t step = integer_of(about.at("step"));
    if (step < 0 || step > run.steps()) {
      file.refuse("stands at step " + std::to_string(step) + " of a run of " + std::to_string(run.steps()));
    }
    load_state(run, state, file);
  } catch (const Json::exception& error) {
    file.refuse(std::string("describes itself in a way that cannot be read (") + error.what() + ")");
  }
}

bool Checkpoint::due() const { return !path_.empty() && coarse_seconds() - last_ >= interval_; }

void Checkpoint::save(const Run& run) {
  if (path_.empty()) return;
  StateFile::write(
      path_, run.save(),
      {{"what", "checkpoint"}, {"run", identity_.run}, {"identity", identity_.what}, {"step", run.step()}});
  last_ = coarse_seconds();
}

}  // namespace crosstalk::run
