// crosstalk._engine: the engine for Python. libtorch must be loaded before (crosstalk._torch does it).
#include <pybind11/pybind11.h>

#include "base/error.hpp"
#include "engine_bindings.hpp"

// Read from the file by crosstalk._torch before it is loaded.
extern "C" __attribute__((used, visibility("default"))) const char crosstalk_built_for[] =
    "crosstalk built for torch " CROSSTALK_TORCH_VERSION;

PYBIND11_MODULE(_engine, module) {
  namespace py = pybind11;
  module.attr("version") = CROSSTALK_VERSION;
  module.attr("torch_version") = CROSSTALK_TORCH_VERSION;
  static py::handle error = py::exception<crosstalk::Error>(module, "Error", PyExc_RuntimeError).release();
  error.attr("kind") = "";  // each error has its own: a word of crosstalk::ErrorKind
  py::register_exception_translator([](std::exception_ptr thrown) {
    try {
      if (thrown) std::rethrow_exception(thrown);
    } catch (const crosstalk::Error& caught) {
      const py::object value = py::reinterpret_borrow<py::object>(error)(caught.what());
      value.attr("kind") = crosstalk::to_string(caught.kind());
      PyErr_SetObject(error.ptr(), value.ptr());
    }
  });
  crosstalk::bind_trace(module);
  crosstalk::bind_uses(module);
  crosstalk::bind_serve(module);
  crosstalk::bind_optimizer(module);
  crosstalk::bind_windowed(module);
  crosstalk::bind_environments(module);
  crosstalk::bind_environment(module);
  crosstalk::bind_trajectories(module);
}
