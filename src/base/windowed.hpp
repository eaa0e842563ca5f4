#pragma once

#include <string>

#include "base/layer_shape.hpp"

/// What the windowed image task asks of a data set; engine and desk refuse by the same words.
namespace crosstalk {

inline constexpr std::int64_t windowed_side = 32;  // of an image
inline constexpr std::int64_t windowed_channels =
    4;  // an observation's: the window's mask, then what was revealed
inline constexpr std::int64_t windowed_moves = 4;      // up, down, left, right
inline constexpr std::int64_t windowed_classes = 256;  // at most
inline constexpr std::int64_t windowed_steps = 20;     // of an episode, at most

/// Why an agent cannot move over these images; empty where it can.
inline std::string unfit_for_window(const std::string& dataset, const Extents& image, std::int64_t classes) {
  const Extents wanted{windowed_channels - 1, windowed_side, windowed_side};
  if (image.size() != 3)
    return dataset + " holds no images where the windowed task moves over images of " + spelled(wanted);
  if (image != wanted) {
    const bool grey = image[0] != wanted[0], other_size = image[1] != wanted[1] || image[2] != wanted[2];
    return dataset + " holds " + spelled(image) +
           " numbers a row where the windowed task moves over images of " + spelled(wanted) + ": " +
           (other_size ? "scale them to that size" : "") + (other_size && grey ? " and " : "") +
           (grey ? "save them in colour" : "") + ", or give task.kind = \"classify\"";
  }
  if (classes > windowed_classes)
    return dataset + " has " + std::to_string(classes) + " classes where the windowed task knows " +
           std::to_string(windowed_classes) + " at most: join some";
  return "";
}

}  // namespace crosstalk
