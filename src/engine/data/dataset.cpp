#include "data/dataset.hpp"

#include <ATen/ATen.h>

#include "base/error.hpp"
#include "base/json.hpp"
#include "tensor/safetensors.hpp"

namespace crosstalk::data {
namespace {

const char* const mend = "Remove the file; the next run converts the data again.";

std::string spelled(const at::Tensor& tensor) {
  std::string text = std::string(c10::toString(tensor.scalar_type())) + " (";
  for (std::int64_t i = 0; i < tensor.dim(); ++i)
    text += (i > 0 ? ", " : "") + std::to_string(tensor.size(i));
  return text + ")";
}

bool is_real(const at::Tensor& tensor) {
  return tensor.scalar_type() == at::kFloat || tensor.scalar_type() == at::kDouble;
}

Half read_half(const tensor::SafetensorsFile& file, const std::string& name, bool has_classes) {
  Half half{file.tensor(name + ".x"), file.tensor(name + ".y")};
  const bool x_fits =
      (half.x.dim() == 2 || half.x.dim() == 4) && (half.x.scalar_type() == at::kByte || is_real(half.x));
  if (!x_fits || half.x.numel() == 0) {
    file.refuse("has " + name + ".x as " + spelled(half.x) +
                ", where rows of images (N, C, H, W) or of a table (N, d) in U8, F32 or F64 are expected");
  }
  const bool y_fits = has_classes ? half.y.scalar_type() == at::kLong && half.y.dim() == 1
                                             : is_real(half.y) && half.y.dim() == 2;
  if (!y_fits || half.y.size(0) != half.x.size(0)) {
    file.refuse("has " + name + ".y as " + spelled(half.y) + " beside " + name + ".x as " + spelled(half.x) +
                ", where " +
                (has_classes ? "one class a row (I64)" : "numbers (N, outputs) in F32 or F64") +
                " are expected");
  }
  return half;
}

}  // namespace

Dataset read_dataset(const std::filesystem::path& path) {
  const tensor::SafetensorsFile file(path, mend);
  file.check_contents();
  const auto found = file.metadata().find("crosstalk");
  const Json about = found == file.metadata().end() ? Json() : read_json(found->second);
  if (!about.is_object())
    file.refuse("has no description of its data (metadata \"crosstalk\"): it was not made by crosstalk");
  try {
    const std::string kind = about.at("kind");
    if (kind != "classify" && kind != "regress")
      file.refuse("is of the kind \"" + kind + "\" where \"classify\" or \"regress\" is expected");
    Dataset dataset{.file = path, .name = about.at("name"), .has_classes = kind == "classify"};
    dataset.train = read_half(file, "train", dataset.has_classes);
    dataset.test = read_half(file, "test", dataset.has_classes);
    dataset.outputs = integer_of(about.at("outputs"));
    dataset.divide = about.value("divide", 1.0);
    if (const Json variance = about.value("target_variance", Json()); variance.is_array()) {
      dataset.target_variance = variance.get<std::vector<double>>();
    }
    dataset.input_shape = dataset.train.x.sizes().slice(1).vec();
    if (dataset.test.x.sizes().slice(1) != dataset.train.x.sizes().slice(1)) {
      file.refuse("has train.x as " + spelled(dataset.train.x) + " and test.x as " + spelled(dataset.test.x) +
                  ", whose rows differ in shape");
    }
    if (dataset.outputs < 1 || dataset.outputs > 1'000'000 || !(dataset.divide > 0)) {
      file.refuse("describes " + std::to_string(dataset.outputs) + " outputs, and inputs divided by " +
                  std::to_string(dataset.divide));
    }
    if (!dataset.has_classes) {
      for (const Half& half : {dataset.train, dataset.test}) {
        if (half.y.size(1) != dataset.outputs)
          file.refuse("describes " + std::to_string(dataset.outputs) + " outputs where its targets are " +
                      spelled(half.y));
      }
      if (dataset.target_variance.empty()) {
        const at::Tensor variance = dataset.train.y.to(at::kDouble).var(0, /*unbiased=*/false);
        dataset.target_variance.assign(variance.const_data_ptr<double>(),
                                       variance.const_data_ptr<double>() + variance.numel());
      }
      if (std::ssize(dataset.target_variance) != dataset.outputs) {
        file.refuse("describes " + std::to_string(dataset.target_variance.size()) + " variances for " +
                    std::to_string(dataset.outputs) + " outputs");
      }
    }
    return dataset;
  } catch (const Json::exception& error) {
    file.refuse(std::string("has a description of its data that cannot be read (") + error.what() + ")");
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::config) throw;
    file.refuse(std::string("describes a ") + error.what());
  }
}

}  // namespace crosstalk::data
