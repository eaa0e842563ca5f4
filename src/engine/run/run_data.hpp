#pragma once

#include <filesystem>
#include <string>

#include "base/error.hpp"
#include "data/dataset.hpp"
#include "tensor/safetensors.hpp"

namespace crosstalk::run {

/// A file that the run cannot do without, and that can be made again.
struct Unusable : Error {
  Unusable(const char* file, const tensor::FileError& error) : Error(error), file(file), wrong(error.wrong) {}
  const char* file;  // "data" or "checkpoint"
  std::string wrong;
};

/// The file of the run's data, mapped while the run goes on. Whoever writes to it meanwhile changes the run.
class Data {
 public:
  explicit Data(const std::filesystem::path& path) : file_(path), dataset_(read(path)) {}
  const data::Dataset& dataset() const { return dataset_; }
  void check() const {
    try {
      file_.check();
    } catch (const tensor::FileError& error) {
      throw Unusable("data", error);
    }
  }

 private:
  static data::Dataset read(const std::filesystem::path& path) {
    try {
      return data::read_dataset(path);
    } catch (const tensor::FileError& error) {
      throw Unusable("data", error);
    }
  }
  tensor::Unaltered file_;  // looked at before it is read
  data::Dataset dataset_;
};

inline void check(const Data* data) {
  if (data != nullptr) data->check();
}

}  // namespace crosstalk::run
