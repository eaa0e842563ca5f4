#include "env/registry.hpp"

#include "base/environments.hpp"
#include "base/error.hpp"
#include "env/solve.hpp"

namespace crosstalk::env {

// Each environment's file defines a function of its name.
#define ENVIRONMENT(...)
#define EXACT_ENVIRONMENT(identifier, ...) DecisionProcess identifier(const Sizes&);
#include "base/environments.def"

std::shared_ptr<const DecisionProcess> exact_process(std::string_view name, const Sizes& sizes) {
  DecisionProcess process;
  std::string known;
#define EXACT_ENVIRONMENT(identifier, word, ...)            \
  known += (known.empty() ? "" : ", ") + std::string(word); \
  if (name == word) process = identifier(sizes);
#include "base/environments.def"
#undef ENVIRONMENT
  if (process.states == 0) {
    throw Error(ErrorKind::config, "task.environment = \"" + std::string(name) +
                                       "\" is no exact environment; there are " + known);
  }
  check(process);
  const bool said = crosstalk::is_endless(name);
  if (said != is_endless(process, policy_of(process, "uniform").chances)) {
    throw Error(ErrorKind::config,
                "the environment " + std::string(name) +
                    (said ? " always ends, and base/environments.def says that it is endless"
                          : " may never end, and base/environments.def does not say that it is "
                            "endless"));
  }
  for (const Policy& policy : process.policies)
    if (is_off_policy(policy.name) == policy.behaviour.empty())
      throw Error(ErrorKind::config,
                  "the environment " + std::string(name) + ": base/environments.hpp does not " +
                      "say who takes the steps of the policy \"" + std::string(policy.name) + "\"");
  return std::make_shared<const DecisionProcess>(std::move(process));
}

}  // namespace crosstalk::env
