#include "figures/kind.hpp"

#include <array>

#include "figures/results.hpp"

namespace crosstalk::figures {
namespace {

constexpr std::array kinds{
    Kind{"classify", "supervised", "accuracy", true, "generalisation gap (accuracy, train - test)"},
    Kind{"regress", "supervised", "squared_error", false, "generalisation gap (squared error, test - train)"},
};

}  // namespace

const Kind* kind_of(const Run& run) {
  const std::string name = run.text("task.kind");
  for (const Kind& kind : kinds) {
    if (kind.name == name) return &kind;
  }
  return nullptr;
}

}  // namespace crosstalk::figures
