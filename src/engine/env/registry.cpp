#include "env/registry.hpp"

#include "base/error.hpp"

namespace crosstalk::env {

// Each environment's file defines a function of its name.
#define ENVIRONMENT(identifier, word, kinds)
#define EXACT_ENVIRONMENT(identifier, word, kinds) DecisionProcess identifier(const Sizes&);
#include "base/environments.def"

std::shared_ptr<const DecisionProcess> exact_process(std::string_view name, const Sizes& sizes) {
  DecisionProcess process;
  std::string known;
#define EXACT_ENVIRONMENT(identifier, word, kinds)          \
  known += (known.empty() ? "" : ", ") + std::string(word); \
  if (name == word) process = identifier(sizes);
#include "base/environments.def"
#undef ENVIRONMENT
  if (process.states == 0) {
    throw Error(ErrorKind::config, "task.environment = \"" + std::string(name) +
                                       "\" is no exact environment; there are " + known);
  }
  check(process);
  return std::make_shared<const DecisionProcess>(std::move(process));
}

}  // namespace crosstalk::env
