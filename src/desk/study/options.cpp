// The layer that --set and --device make.
#include "study/layer.hpp"
#include "study/toml.hpp"
#include "study/toml_limits.hpp"
#include "study/words.hpp"

namespace crosstalk::study {
namespace {

/// A list is an axis, a single value replaces one. A key whose value is a list takes a list of lists as axis.
bool is_axis(const Key& key, const Json& value) {
  if (!value.is_array()) return false;
  return key.type != Type::texts || (!value.empty() && value.front().is_array());
}

/// `1e-3,1e-2`: a list that lacks its brackets.
bool lacks_brackets(const Key& key, const Json& value) {
  const bool is_free = key.type == Type::dataset || (key.type == Type::text && key.allowed.empty());
  return !is_free && value.is_string() && value.get_ref<const std::string&>().find(',') != std::string::npos;
}

void read_set(const std::string& text, Layer& layer, Problems& problems) {
  const Place source{"--set " + cut(text)};
  const std::size_t equals = text.find('=');
  if (const auto fault = fault_before_parsing(text)) return problems.add(source, fault->message);
  if (equals == std::string::npos || equals == 0)
    return problems.add(source, "key=value is expected, as --set learner.rate=1e-3");
  std::string name = text.substr(0, equals);
  while (!name.empty() && name.back() == ' ') name.pop_back();
  const std::string behind = text.substr(equals + 1);
  const Json value = parse_toml_value(behind);
  if (name == "seeds") {
    layer.seeds.reset();
    return add_seeds(layer, value, source, problems);
  }
  const Key* key = find_key(name);
  if (key == nullptr) return problems.add(source, unknown_key(name));
  layer.settings.erase(name);  // the last one wins
  if (lacks_brackets(*key, value)) {
    layer.named.insert(name);
    return problems.add(source,
                        "several values stand in brackets: --set '" + name + "=[" + cut(behind) + "]'");
  }
  if (is_axis(*key, value)) return add_axis(layer, *key, value, source, problems);
  const bool takes_text =
      key->type == Type::text || key->type == Type::dataset;  // a column may be named 2020
  add_value(layer, *key, takes_text && !value.is_string() ? Json(behind) : value, source, problems);
}

}  // namespace

Layer parse_options(const LoadOptions& options, Problems& problems) {
  Layer layer;
  for (const std::string& text : options.sets) read_set(text, layer, problems);
  if (const auto fault = fault_before_parsing(options.device)) {
    problems.add({"--device " + cut(options.device)}, fault->message);
  } else if (!options.device.empty()) {
    layer.settings.erase("runtime.device");
    add_value(layer, *find_key("runtime.device"), options.device, {"--device " + cut(options.device)},
              problems);
  }
  return layer;
}

}  // namespace crosstalk::study
