#include "measure/registry.hpp"

/// The Gram of a run's last measurement as a matrix, for pictures that sort images by class: the arrays
/// function_gram and loss_gram within each set whose samples can be shown. It asks for nothing: what other
/// measures had made is written.
namespace crosstalk::measure {
namespace {

class GramPicture final : public Measure {
 public:
  std::string_view name() const override { return "gram_picture"; }
  void measure(const Evidence& evidence, Readings& readings) const override {
    for (std::size_t i = 0; i < evidence.stack.size(); ++i) {
      const Viewed& viewed = evidence.stack[i];
      if (viewed.axis.is_null()) continue;
      const std::string split = viewed.set.name + "-" + viewed.set.name;
      for (const auto& [gradient, name] :
           {std::pair{Gradient::function, "function_gram"}, std::pair{Gradient::loss, "loss_gram"}}) {
        const auto gram = evidence.grams.find(gradient);
        if (gram == evidence.grams.end()) continue;
        const Range range = evidence.range(i);
        readings.add_array(name, split, {range.size(), range.size()}, part(gram->second, range), viewed.axis);
      }
    }
  }

 private:
  static std::vector<double> part(const Gram& gram, Range range) {
    std::vector<double> values;
    for (std::int64_t u = range.first; u < range.last; ++u)
      for (std::int64_t v = range.first; v < range.last; ++v) values.push_back(gram.dot(u, v));
    return values;
  }
};

}  // namespace

std::unique_ptr<Measure> gram_picture() { return std::make_unique<GramPicture>(); }

}  // namespace crosstalk::measure
