#pragma once

#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/json.hpp"

namespace crosstalk::figures {

/// A cell: nothing, a number, a text or a truth.
using Cell = std::variant<std::monostate, double, std::string, bool>;

/// The data behind a figure: named columns, rows of cells.
struct Table {
  std::vector<std::string> columns;
  std::vector<std::vector<Cell>> rows;
};

/// Everything a chart needs: tables by name ("points", "lines"), facts for the caption, sentences that state
/// the result in words (the alternative text), and what was left out and why.
struct FigureData {
  std::vector<std::pair<std::string, Table>> tables;
  Json facts;               // numbers the caption and LaTeX macros use
  std::string alternative;  // what the picture shows, with its numbers
  /// The same under each reading of the runs, by the name of the variant or of its measurement; where there
  /// is none, `alternative` holds for all.
  std::map<std::string, std::string> alternatives;
  std::vector<std::string> notes;  // what was left out, counted
};

struct Results;  // figures/results.hpp: the store's runs and rows, indexed

/// A figure: a function from results to tables. One file each; registered in figures/registry.cpp.
class Figure {
 public:
  virtual ~Figure() = default;
  virtual std::string name() const = 0;  // "figure1"; the chart module crosstalk/charts/figure1.py draws it
  virtual std::string title() const = 0;
  virtual std::string caption() const = 0;  // what is drawn, and by which rule
  virtual bool applies(const Results& results) const = 0;
  virtual FigureData compute(const Results& results) const = 0;
};

}  // namespace crosstalk::figures
