#include "run/state_file.hpp"

namespace crosstalk::run {

void StateFile::write(const std::filesystem::path& path, const tensor::State& state, Json about) {
  about["positions"] = state.positions;
  about["torch"] = CROSSTALK_TORCH_VERSION;
  about["crosstalk"] = CROSSTALK_VERSION;
  tensor::write_safetensors(path, state.tensors, {{"crosstalk", about.dump()}});
}

StateFile StateFile::read(const tensor::SafetensorsFile& file, const std::string& what) {
  file.check_contents();
  const auto found = file.metadata().find("crosstalk");
  StateFile read{found == file.metadata().end() ? Json() : read_json(found->second), {}};
  if (!read.about.is_object() || read.about.value("what", Json()) != what) file.refuse("is no " + what);
  try {
    for (const auto& [name, position] : read.about.at("positions").items())
      read.state.positions[name] = position.get_ref<const Json::number_unsigned_t&>();
  } catch (const Json::exception& error) {
    file.refuse(std::string("describes itself in a way that cannot be read (") + error.what() + ")");
  }
  for (const std::string& name : file.names()) read.state.tensors[name] = file.tensor(name);
  return read;
}

}  // namespace crosstalk::run
