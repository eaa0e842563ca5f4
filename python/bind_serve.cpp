// crosstalk._engine.serve: the worker that crosstalk._worker starts.
#include "engine_bindings.hpp"
#include "run/left_alone.hpp"
#include "run/serve.hpp"

namespace crosstalk {

namespace {

void serve(int in, int out) {
  const run::EndsLeftAlone ends(out);
  run::serve(in, out);
}

}  // namespace

void bind_serve(pybind11::module_& module) {
  module.def(
      "serve", &serve, pybind11::arg("frames_in"), pybind11::arg("frames_out"),
      pybind11::call_guard<pybind11::gil_scoped_release>(),
      "Serves runs as frames on one descriptor ask, answers on the other; returns when the first closes, and "
      "ends the process when the second does.");
}

}  // namespace crosstalk
