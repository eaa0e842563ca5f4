#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/json.hpp"

namespace crosstalk::work {

/// Where a run was computed, as its record has it in `machine`: `host`, and what decides its bits beside its
/// configuration: `torch`, `isa` (the instruction set that ATen chose), `arithmetic` (base/message.hpp), of a
/// run on a GPU `gpu` (the models that the machine has), in an environment of others `packages` (that play
/// it, with their versions), and `crosstalk`. All are texts. What an older record lacks is not known.

/// This machine, by what a worker says of itself when it is ready.
Json machine_of(const Json& ready);

/// The same for one run, by its configuration: one that is computed on the processor depends on no GPU.
Json machine_for(const Json& machine, const Json& configuration);

/// Whether a run has the same bits on both: all that decides them is equal, or unknown on both.
bool give_same_bits(const Json& a, const Json& b);

/// What decides the bits there, as far as it is known: "torch 2.13.0, instruction set AVX2, ...".
std::string bits_in_words(const Json& machine);

/// What decides the bits and is known to have changed, each as "torch was 2.12.0, is 2.13.0".
std::vector<std::string> changes_of_bits(const Json& then, const Json& now);

/// The models of the GPUs that NVIDIA's driver names in its folder, each once, in order: "NVIDIA A100, NVIDIA
/// H200". Empty where there is no driver.
std::string gpu_models(const std::filesystem::path& driver = "/proc/driver/nvidia");

}  // namespace crosstalk::work
