#include "measure/evidence.hpp"

namespace crosstalk::measure {

std::vector<PairSet> Evidence::pairs(Function function) const {
  if (!has(function)) return {};
  const Gram& gram = grams_.at(function);
  const PairSet::Range train{0, train_}, test{train_, train_ + test_};
  const auto set = [&](const char* split, PairSet::Range rows, PairSet::Range columns) {
    return PairSet(split, gram.dots.data(), gram.norms.data(), train_ + test_, rows, columns);
  };
  return {set("train-train", train, train), set("train-test", train, test), set("test-test", test, test)};
}

}  // namespace crosstalk::measure
