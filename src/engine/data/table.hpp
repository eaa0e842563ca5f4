#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace crosstalk::data {

/// A row's number for life: what is evicted takes its number with it.
using Id = std::int64_t;

/// Which observation of a row: of a transition that before the step or after it; other rows have one.
enum class At { before, after };

/// What stands in some rows, by name; each tensor has a row for each of them.
using Columns = std::map<std::string, at::Tensor>;

/// Rows that can be shown to a network, and what stands beside them: a split of a data set, the transitions
/// that an agent has seen, the states of an exact environment.
class Table {
 public:
  virtual ~Table() = default;
  /// [first, end) are held.
  virtual Id first() const = 0;
  virtual Id end() const = 0;
  std::int64_t size() const { return end() - first(); }

  /// The row that a draw of `place` in [0, size()) means: a bijection, whose order means nothing.
  virtual Id drawn(std::int64_t place) const { return first() + place; }
  /// Inputs (N, input) of these rows into `slot`, which is reused.
  virtual void draw(std::span<const Id> rows, At at, at::Tensor& slot) const = 0;
  /// What stands beside these rows under a name, "label" (N) or (N, outputs), "value" (N), into `slot`;
  /// false: there is nothing of that name.
  virtual bool beside(std::string_view, std::span<const Id>, at::Tensor&) const { return false; }
  /// All that is needed of these rows to compute with them elsewhere: "inputs", and "label" or "value" where
  /// there is one. Examples add where they come from, and transitions have columns of their own.
  virtual Columns columns(std::span<const Id> rows) const {
    Columns all;
    draw(rows, At::before, all["inputs"]);
    for (const char* name : {"label", "value"}) {
      at::Tensor found;
      if (beside(name, rows, found)) all[name] = found;
    }
    return all;
  }
  /// The row `offset` steps away in the same episode; nothing beyond its ends, or where it is not held.
  virtual std::optional<Id> neighbour(Id row, std::int64_t offset) const {
    return offset == 0 ? std::optional(row) : std::nullopt;
  }
};

/// Some rows of a table.
struct Rows {
  const Table* table = nullptr;
  std::vector<Id> ids;
  std::int64_t size() const { return static_cast<std::int64_t>(ids.size()); }
};

}  // namespace crosstalk::data
