// crosstalk._engine.serve: the worker that crosstalk._worker starts.
#include "engine_bindings.hpp"
#include "run/serve.hpp"

namespace crosstalk {

void bind_serve(pybind11::module_& module) {
  module.def(
      "serve", &run::serve, pybind11::arg("frames_in"), pybind11::arg("frames_out"),
      pybind11::call_guard<pybind11::gil_scoped_release>(),
      "Serves runs as frames on one descriptor ask, answers on the other; returns when the first closes.");
}

}  // namespace crosstalk
