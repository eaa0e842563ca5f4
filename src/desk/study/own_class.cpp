#include "study/own_class.hpp"

#include <algorithm>

#include "base/error.hpp"

namespace crosstalk::study {
namespace {

constexpr std::string_view family = "gym:", ending = ".py:";

/// A family alone names no environment of it.
void refuse_family_alone(std::string_view environment) {
  for (const std::string_view example : {"gym:CartPole-v1", "minatar:breakout"})
    if (const std::string_view word = example.substr(0, example.find(':'));
        environment == word || (environment.starts_with(word) && environment.substr(word.size()) == ":"))
      throw Error(ErrorKind::config,
                  "the name of an environment goes behind it: \"" + std::string(example) + "\"");
}

}  // namespace

std::string OwnClass::environment() const { return std::string(family) + path + ':' + name; }

std::optional<OwnClass> own_class(const std::string& environment) {
  const std::size_t end = environment.rfind(ending);
  if (!environment.starts_with(family) || end == std::string::npos || end < family.size())
    return std::nullopt;
  const std::size_t name = end + ending.size();
  return OwnClass{environment.substr(family.size(), name - 1 - family.size()), environment.substr(name)};
}

std::optional<std::string> trajectories_of(const Configuration& run) {
  const auto named = run.values.find("task.trajectories");
  return named == run.values.end() ? std::nullopt : std::optional(named->second.get<std::string>());
}

bool makes_trajectories(const Configuration& run) {
  return run.values.find("trajectories.transitions") != run.values.end();
}

std::string trajectories_in_one_form(const std::string& path) {
  std::string plain = plain_path(path);
  if (path.empty()) throw Error(ErrorKind::config, "the folder of stored trajectories is expected");
  return plain.empty() ? "." : plain;
}

std::optional<OwnClass> own_class_of(const Configuration& run) {
  if (trajectories_of(run)) return std::nullopt;
  const auto named = run.values.find("task.environment");
  return named == run.values.end() ? std::nullopt : own_class(named->second.get<std::string>());
}

std::string environment_in_one_form(const std::string& environment) {
  refuse_family_alone(environment);
  if (environment.starts_with(family) && environment.ends_with(".py"))
    throw Error(ErrorKind::config,
                "which class of the file it is goes behind it: \"" + environment + ":MyEnvironment\"");
  auto own = own_class(environment);
  if (!own) return environment;
  if (own->name.empty())
    throw Error(ErrorKind::config,
                "which class of the file it is goes behind it: \"" + environment + "MyEnvironment\"");
  own->path = plain_path(own->path);
  return own->environment();
}

std::string plain_path(const std::string& path) {
  std::string plain = path.starts_with('/') ? "/" : "";
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string part = path.substr(at, end - at);
    if (!part.empty() && part != ".") plain += (plain.empty() || plain.back() == '/' ? "" : "/") + part;
    at = end + 1;
  }
  return plain;
}

}  // namespace crosstalk::study
