// The optimisers for Python: numpy vectors that move in place, for the tests against torch.optim.
#include <ATen/ops/from_blob.h>
#include <pybind11/numpy.h>

#include "engine_bindings.hpp"
#include "learn/optimizer.hpp"

namespace crosstalk {
namespace {

namespace py = pybind11;

/// A vector in double precision, seen where it is; never a converted copy, which would move instead of the
/// caller's.
using Vector = py::array_t<double, py::array::c_style>;

at::Tensor seen(const Vector& vector) {
  return at::from_blob(const_cast<double*>(vector.data()), {vector.size()}, at::kDouble);
}

OptimizerKind optimizer_of(const std::string& word) {
  if (const auto kind = meaning(optimizers, word)) return *kind;
  std::string known;
  for (const std::string& each : words_of(optimizers)) known += (known.empty() ? "\"" : ", \"") + each + "\"";
  throw Error(ErrorKind::config, "there is no optimiser \"" + word + "\"; there are " + known);
}

}  // namespace

void bind_optimizer(py::module_& module) {
  py::class_<learn::Optimizer>(module, "Optimizer")
      .def(py::init([](const std::string& kind, const Vector& theta, double rate, double momentum,
                       double weight_decay, double beta1, double beta2, double alpha, double epsilon) {
             return learn::make_optimizer(
                 {optimizer_of(kind), rate, momentum, weight_decay, beta1, beta2, alpha, epsilon},
                 seen(theta));
           }),
           py::arg("kind"), py::arg("theta").noconvert(), py::kw_only(), py::arg("rate"),
           py::arg("momentum") = 0.0, py::arg("weight_decay") = 0.0, py::arg("beta1") = 0.9,
           py::arg("beta2") = 0.999, py::arg("alpha") = 0.99, py::arg("epsilon") = 1e-8)
      .def(
          "step",
          [](learn::Optimizer& optimizer, const Vector& theta, const Vector& gradient) {
            optimizer.step(seen(theta), seen(gradient));
          },
          "Moves theta in place by one step along gradient.", py::arg("theta").noconvert(),
          py::arg("gradient"));
}

}  // namespace crosstalk
