#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

namespace crosstalk::work {

/// The step at which the run's checkpoint stands, by the header of its safetensors file. Nothing where there
/// is no file, a damaged one, or one that no worker wrote for this run (the worker that is to load it says
/// what is wrong).
std::optional<std::int64_t> checkpoint_step(const std::filesystem::path& file, const std::string& run);

/// Removes a checkpoint with what lies beside it for it; `failure` where the file itself stays.
void remove_checkpoint(const std::filesystem::path& checkpoint, std::error_code& failure);

/// What a checkpoint is called until all of it is on the disk: a worker that is killed leaves it behind.
std::filesystem::path unfinished(const std::filesystem::path& checkpoint);

}  // namespace crosstalk::work
