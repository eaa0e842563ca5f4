#include <string>

#include "base/contents.hpp"
#include "base/draft.hpp"
#include "base/json.hpp"
#include "tensor/safetensors.hpp"

namespace crosstalk::tensor {
namespace {

const char* type_name(at::ScalarType type) {
  switch (type) {
    case at::kByte:
      return "U8";
    case at::kLong:
      return "I64";
    case at::kFloat:
      return "F32";
    case at::kDouble:
      return "F64";
    default:
      return nullptr;
  }
}

std::string_view bytes_of(const at::Tensor& tensor) {
  return {static_cast<const char*>(tensor.const_data_ptr()), tensor.nbytes()};
}

}  // namespace

void write_safetensors(const std::filesystem::path& path, const std::map<std::string, at::Tensor>& tensors,
                       const std::map<std::string, std::string>& metadata) {
  Json header = Json::object();
  header["__metadata__"] = metadata;
  header["__metadata__"]["contents"] = no_contents;
  // Types with the widest numbers first, so that each tensor is aligned to its own.
  std::vector<std::pair<std::string, at::Tensor>> ordered;
  for (const auto& [name, tensor] : tensors) ordered.emplace_back(name, tensor.detach().cpu().contiguous());
  std::stable_sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) {
    return a.second.element_size() > b.second.element_size();
  });
  std::uint64_t at = 0;
  for (const auto& [name, tensor] : ordered) {
    const char* type = type_name(tensor.scalar_type());
    if (type == nullptr) {
      throw Error(ErrorKind::store, path.string() + ": tensor '" + name + "' is of type " +
                                        c10::toString(tensor.scalar_type()) +
                                        ", where U8, I64, F32 and F64 are written");
    }
    header[name] = {
        {"dtype", type}, {"shape", tensor.sizes().vec()}, {"data_offsets", {at, at + tensor.nbytes()}}};
    at += tensor.nbytes();
  }
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');
  std::string begin(8, '\0');
  for (int i = 0; i < 8; ++i) begin[i] = static_cast<char>(std::uint64_t{text.size()} >> (8 * i));
  begin += text;
  ContentsDigest digest;
  digest.add(begin);
  for (const auto& [name, tensor] : ordered) digest.add(bytes_of(tensor));
  begin.replace(place_of_contents(begin).value(), no_contents.size(), digest.hex());

  Draft draft(path);
  draft.write(begin);
  for (const auto& [name, tensor] : ordered) draft.write(bytes_of(tensor));
  draft.name();
}

}  // namespace crosstalk::tensor
