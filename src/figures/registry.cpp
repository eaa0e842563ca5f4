#include "figures/registry.hpp"

namespace crosstalk::figures {

using Make = std::unique_ptr<Figure>();

std::vector<std::unique_ptr<Figure>> all_figures() {
  // One line a figure; each names the function at the end of the figure's own file.
  Make* const makers[] = {
      [] {
        Make make_figure1;
        return make_figure1();
      },
      [] {
        Make make_figure2;
        return make_figure2();
      },
      [] {
        Make make_figure9;
        return make_figure9();
      },
      [] {
        Make make_figure10;
        return make_figure10();
      },
      [] {
        Make make_figure_d2;
        return make_figure_d2();
      },
  };
  std::vector<std::unique_ptr<Figure>> figures;
  for (Make* make : makers) figures.push_back(make());
  return figures;
}

}  // namespace crosstalk::figures
