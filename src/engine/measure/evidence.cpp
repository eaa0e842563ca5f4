#include "measure/evidence.hpp"

#include "replay/trajectories.hpp"

namespace crosstalk::measure {

bool is_of_steps(const Set& set) {
  return dynamic_cast<const replay::Trajectories*>(set.rows.table) != nullptr;
}

Range Evidence::range(std::size_t set) const {
  std::int64_t first = 0;
  for (std::size_t i = 0; i < set; ++i) first += stack[i].set.rows.size();
  return {first, first + stack[set].set.rows.size()};
}

std::vector<PairSet> Evidence::pairs(Gradient gradient) const {
  std::vector<PairSet> pairs;
  const auto gram = grams.find(gradient);
  if (gram == grams.end()) return pairs;
  for (std::size_t i = 0; i < stack.size(); ++i)
    for (std::size_t j = i; j < stack.size(); ++j)
      pairs.emplace_back(stack[i].set.name + "-" + stack[j].set.name, gram->second, range(i), range(j));
  return pairs;
}

std::vector<std::int64_t> Evidence::classes() const {
  std::vector<std::int64_t> all;
  for (const Viewed& viewed : stack) {
    if (std::ssize(viewed.classes) != viewed.set.rows.size()) return {};
    all.insert(all.end(), viewed.classes.begin(), viewed.classes.end());
  }
  return all;
}

std::optional<double> Evidence::number(const std::string& name, const std::string& split) const {
  const auto splits = numbers.find(name);
  if (splits == numbers.end()) return std::nullopt;
  const auto value = splits->second.find(split);
  return value == splits->second.end() ? std::nullopt : std::optional(value->second);
}

}  // namespace crosstalk::measure
