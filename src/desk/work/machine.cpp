#include "work/machine.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <set>

#include "base/lock_file.hpp"
#include "base/message.hpp"
#include "base/text.hpp"

namespace crosstalk::work {
namespace {

struct Part {
  const char* key;
  const char* name;
  const char* why;  // it may have changed where nobody changed it
};

constexpr std::array parts{Part{"torch", "torch", ""},
                           Part{"isa", "instruction set", ""},
                           Part{"arithmetic", "arithmetic", ": MKL, oneDNN or the processor differ"},
                           Part{"gpu", "GPU", ""},
                           Part{"packages", "packages", ""},
                           Part{"crosstalk", "crosstalk", ""}};

}  // namespace

Json machine_of(const Json& ready) {
  Json machine{{"host", host()}, {"crosstalk", CROSSTALK_VERSION}};
  for (const char* said : {"torch", "isa", "arithmetic"})
    machine[said] = ready.contains(said) ? text_from(ready, said) : "";
  if (std::string models = gpu_models(); !models.empty()) machine["gpu"] = std::move(models);
  return machine;
}

Json machine_for(const Json& machine, const Json& configuration) {
  Json here = machine;
  if (configuration.value("runtime.device", "cpu") == "cpu") here.erase("gpu");
  return here;
}

bool give_same_bits(const Json& a, const Json& b) {
  return std::ranges::all_of(
      parts, [&](const Part& part) { return a.value(part.key, "") == b.value(part.key, ""); });
}

std::string bits_in_words(const Json& machine) {
  std::string text;
  for (const Part& part : parts) {
    const std::string value = machine.value(part.key, "");
    if (!value.empty()) text += (text.empty() ? "" : ", ") + std::string(part.name) + ' ' + cut(value);
  }
  return text;
}

std::vector<std::string> changes_of_bits(const Json& then, const Json& now) {
  std::vector<std::string> changes;
  for (const Part& part : parts) {
    const std::string was = then.value(part.key, ""), is = now.value(part.key, "");
    if (!was.empty() && !is.empty() && was != is)
      changes.push_back(std::string(part.name) + " was " + cut(was) + ", is " + cut(is) + part.why);
  }
  return changes;
}

std::string gpu_models(const std::filesystem::path& driver) {
  std::set<std::string> models;
  std::error_code none;
  for (const auto& gpu : std::filesystem::directory_iterator(driver / "gpus", none)) {
    std::ifstream file(gpu.path() / "information");
    for (std::string line; std::getline(file, line);) {
      const std::size_t name = line.find_first_not_of(" \t", std::min(line.size(), std::size_t{6}));
      if (line.starts_with("Model:") && name != std::string::npos) models.insert(line.substr(name));
    }
  }
  std::string text;
  for (const std::string& model : models) text += (text.empty() ? "" : ", ") + model;
  return text;
}

}  // namespace crosstalk::work
