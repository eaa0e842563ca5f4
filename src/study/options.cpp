// The layer that --set and --device make.
#include "study/layer.hpp"
#include "study/toml.hpp"

namespace crosstalk::study {
namespace {

/// A list is an axis, a single value replaces one. A key whose value is a list takes a list of lists as axis.
bool is_axis(const Key& key, const Json& value) {
  if (!value.is_array()) return false;
  return key.type != Type::texts || (!value.empty() && value.front().is_array());
}

void read_set(const std::string& text, Layer& layer, Problems& problems) {
  const Place place{"--set " + text};
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0)
    return problems.add(place, "key=value is expected, as --set learner.rate=1e-3");
  std::string name = text.substr(0, equals);
  while (!name.empty() && name.back() == ' ') name.pop_back();
  const std::string behind = text.substr(equals + 1);
  const std::optional<Json> parsed = parse_toml_value(behind);
  if (!parsed) return problems.add({"--set " + name}, "the value is not UTF-8");
  const Place source{"--set " + text};
  if (name == "seeds") {
    layer.seeds.reset();
    return add_seeds(layer, *parsed, source, problems);
  }
  const Key* key = find_key(name);
  if (key == nullptr) return problems.add(source, unknown_key(name));
  layer.settings.erase(name);  // the last one wins
  if (is_axis(*key, *parsed)) return add_axis(layer, *key, *parsed, source, problems);
  const bool takes_text =
      key->type == Type::text || key->type == Type::dataset;  // a column may be named 2020
  add_value(layer, *key, takes_text && !parsed->is_string() ? Json(behind) : *parsed, source, problems);
}

}  // namespace

Layer parse_options(const LoadOptions& options, Problems& problems) {
  Layer layer;
  for (const std::string& text : options.sets) read_set(text, layer, problems);
  if (!options.device.empty()) {
    layer.settings.erase("runtime.device");
    add_value(layer, *find_key("runtime.device"), options.device, {"--device " + options.device}, problems);
  }
  return layer;
}

}  // namespace crosstalk::study
