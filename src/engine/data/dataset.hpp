#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <string>
#include <vector>

namespace crosstalk::data {

/// One half of a data set, as the file has it: mapped, not converted.
struct Half {
  at::Tensor x;  // (N, C, H, W) or (N, d), uint8, float, or double where float would lose digits
  at::Tensor y;  // classes (N) int64, or (N, outputs) float or double
  std::int64_t rows() const { return x.size(0); }
};

/// A data set as Python converted it: one safetensors file with train.x, train.y, test.x, test.y and its
/// description.
struct Dataset {
  std::filesystem::path file;
  std::string name;
  bool has_classes;  // its rows have classes; else numbers to predict
  Half train, test;
  std::vector<std::int64_t> input_shape;  // of one row: (C, H, W) or (d)
  std::int64_t outputs;                   // classes, or numbers to predict
  double divide = 1;                      // x is divided by this
  std::vector<double>
      target_variance;  // of each output over all rows of the source, unscaled; empty for classes

  bool is_images() const { return input_shape.size() == 3; }
};

/// Maps the file and checks that its parts fit each other. Error(data) names the file and the mend.
Dataset read_dataset(const std::filesystem::path& file);

}  // namespace crosstalk::data
