#pragma once

#include <filesystem>
#include <string>

#include "env/environment.hpp"
#include "learn/networks.hpp"
#include "learn/td_error.hpp"
#include "run/model.hpp"
#include "tensor/safetensors.hpp"

namespace crosstalk::run {

/// A learner of values as one of its measurements kept it (run/keeping.hpp): its network with its theta, and
/// what it says each action is worth.
class Expert {
 public:
  /// `device`: where it computes. Error(data) for a file that is damaged or none that was kept; Error(config)
  /// where it learned in another environment than `name`, with other values of the keys in `task`, for other
  /// observations or actions, or no values.
  Expert(const std::filesystem::path& file, const std::string& device, const std::string& name,
         const Json& task, const env::Spaces& spaces);

  /// (N, actions) on the CPU in double, of observations (N, observation).
  at::Tensor values(const at::Tensor& observations);
  at::Tensor& inputs() { return passes_->inputs(); }

  double discount() const { return discount_; }
  /// "run", "network" (its layers), "algorithm", and the file's "sha256".
  const Json& about() const { return about_; }
  at::ScalarType type() const { return model_->type; }
  at::Device device() const { return model_->device; }

 private:
  void read_about();
  void check_environment(const std::string& name, const Json& task, const env::Spaces& spaces) const;
  void make(const env::Spaces& spaces, const std::string& device);
  void read_theta() const;
  [[noreturn]] void refuse(const std::string& why) const;

  tensor::SafetensorsFile file_;
  Json kept_, about_;
  double discount_ = 0;
  learn::Values values_;
  std::unique_ptr<Model> model_;
  std::unique_ptr<learn::Networks> networks_;
  std::unique_ptr<learn::Passes> passes_;
};

}  // namespace crosstalk::run
