#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace crosstalk::work {

/// The step at which the run's checkpoint stands: of its safetensors file, the header alone is read. Nothing
/// where there is no file, or one that no worker wrote for this run (the worker that is to load it says what
/// is wrong).
std::optional<std::int64_t> checkpoint_step(const std::filesystem::path& file, const std::string& run);

}  // namespace crosstalk::work
