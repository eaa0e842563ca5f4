#include "study/identity.hpp"

#include "base/digest.hpp"
#include "study/schema.hpp"

namespace crosstalk::study {
namespace {

/// Floats by std::to_chars, whose digits the standard fixes; another version of the JSON library may print
/// others.
std::string canonical(const Json& value) {
  if (value.is_number_float()) return to_toml(value);
  if (value.is_array()) {
    std::string text = "[";
    for (std::size_t i = 0; i < value.size(); ++i) text += (i == 0 ? "" : ",") + canonical(value[i]);
    return text + "]";
  }
  return value.dump(-1, ' ', true);
}

}  // namespace

Identity::Identity(const std::map<std::string, Json>& values) {
  const Setup setup = setup_of(values);
  std::string text;
  for (const auto& [name, value] : values) {
    const Key* key = find_key(name);
    // What is measured by default grows with each new measure: it is named, so that a run keeps its name.
    if (key != nullptr && name != "probe.measures" && value == default_in_names(*key, setup)) continue;
    text += (text.empty() ? "" : ",") + Json(name).dump() + ":" + canonical(value);
  }
  keys_ = "{\"keys\":{" + text + "},\"schema\":" + std::to_string(schema_version) + ",\"seed\":";
}

std::string Identity::run_id(std::uint64_t seed) const { return sha256(canonical_text(seed)).substr(0, 16); }

}  // namespace crosstalk::study
