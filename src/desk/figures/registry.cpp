#include "figures/registry.hpp"

namespace crosstalk::figures {

using Maker = std::unique_ptr<Figure>();

std::vector<std::unique_ptr<Figure>> all_figures() {
  std::vector<std::unique_ptr<Figure>> all;
  const auto add = [&all](Maker* make) { all.push_back(make()); };
  // One line a figure, in the order of the report: the function at the end of the figure's own file.
  // clang-format off
  { Maker make_figure1; add(make_figure1); }
  { Maker make_figure2; add(make_figure2); }
  { Maker make_figure9; add(make_figure9); }
  { Maker make_figure10; add(make_figure10); }
  { Maker make_figure_d2; add(make_figure_d2); }
  { Maker make_figure_learning; add(make_figure_learning); }
  { Maker make_figure_reward; add(make_figure_reward); }
  { Maker make_figure_churn; add(make_figure_churn); }
  { Maker make_figure_return; add(make_figure_return); }
  { Maker make_figure_measures; add(make_figure_measures); }
  { Maker make_figure_sweep; add(make_figure_sweep); }
  { Maker make_figure_offsets; add(make_figure_offsets); }
  { Maker make_figure_signs; add(make_figure_signs); }
  { Maker make_figure8; add(make_figure8); }
  { Maker make_figure_arrays; add(make_figure_arrays); }
  // clang-format on
  return all;
}

}  // namespace crosstalk::figures
