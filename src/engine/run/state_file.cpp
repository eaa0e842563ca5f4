#include "run/state_file.hpp"

#include "base/error.hpp"
#include "base/text.hpp"

namespace crosstalk::run {
namespace {

void check_format(const tensor::SafetensorsFile& file, const std::string& what, const Json& about) {
  const Json format = about.value("format", Json(StateFile::format));
  if (!format.is_number_integer()) file.refuse("says that its format is " + cut(format.dump()));
  if (format == StateFile::format) return;
  if (format < StateFile::format)
    file.refuse("is a " + what + " of format " + format.dump() + ", and this crosstalk reads format " +
                std::to_string(StateFile::format));
  throw Error(ErrorKind::data,
              file.path().string() + " is a " + what + " of format " + format.dump() +
                  ", which a newer crosstalk wrote; this one reads format " +
                  std::to_string(StateFile::format) +
                  ". Go on with that crosstalk, or remove the file: then it is computed anew.");
}

}  // namespace

void StateFile::write(const std::filesystem::path& path, const tensor::State& state, Json about) {
  about["format"] = format;
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
  check_format(file, what, read.about);
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
