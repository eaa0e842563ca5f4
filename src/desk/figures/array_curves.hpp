#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/rows.hpp"
#include "figures/results.hpp"

/// Arrays of one dimension that runs stored, and the runs that make one line of a figure of them.
namespace crosstalk::figures {

/// Runs that are one line, whether they learn from examples or not.
struct ArrayLine {
  std::string experiment, panel, key, label;
  std::optional<double> number;  // where lines differ in one key, whose values are numbers
  std::vector<const MeasuredRun*> runs;
};
std::vector<ArrayLine> array_lines(const Results& results);

/// What stands where; the arrays themselves stay in the stores until they are asked for.
class StoredCurves {
 public:
  explicit StoredCurves(const Results& results);

  /// Names of arrays along temporal offsets.
  const std::set<std::string>& along_offsets() const { return along_offsets_; }
  /// Of all others, but for lists of single samples.
  const std::set<std::string>& elsewhere() const { return elsewhere_; }
  /// Calls visit(run, array) for each array that the runs that are done stored under a name, steps ascending.
  using Visit = std::function<void(const MeasuredRun& run, Array array)>;
  void each(const std::string& name, const Visit& visit) const;

 private:
  store::Store store_of(std::size_t folder) const;

  const Results& results_;
  /// Which runs have a name's arrays of one dimension; by folder, since each has a store of its own.
  std::map<std::size_t, std::map<std::string, std::set<std::string>>> holders_;  // folder, name: runs
  std::set<std::string> along_offsets_, elsewhere_;
};

}  // namespace crosstalk::figures
