#include "measure/along.hpp"
#include "measure/registry.hpp"

/// Whether transitions at random whose gradients are alike are near each other in the game: the correlation,
/// over pairs of a sample and another, of the cosine of a function's gradients (cosine.others) with the
/// distance of the console's memory,
///     1/B sum_b | ram_b(s) - ram_b(s') |
/// in the bytes that say where the game stands (env/ram.hpp: Anand et al. 2019; all 128 of games without such
/// a list). Below 0: alike where near. The arrays cosine.ram.cosine and cosine.ram.distance have all pairs.
/// Stored trajectories of Atari games alone keep the memory. Costs what cosine does.
namespace crosstalk::measure {
namespace {

class CosineRam final : public Measure {
 public:
  std::string_view name() const override { return "cosine.ram"; }
  void declare(Needs& needs) const override { needs.memory(); }
  void measure(const Evidence& evidence, Readings& readings) const override {
    add_distances(evidence, name(), readings);
  }
};

}  // namespace

std::unique_ptr<Measure> cosine_ram() { return std::make_unique<CosineRam>(); }

}  // namespace crosstalk::measure
