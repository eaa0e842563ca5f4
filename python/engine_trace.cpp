// Networks and traces for Python: numpy arrays in and out, for tests and benchmarks. Inputs are read where
// they are; results are handed over without a copy.
#include <ATen/Parallel.h>
#include <ATen/ops/add.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/full_like.h>
#include <ATen/ops/zeros_like.h>
#include <pybind11/functional.h>
#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include "base/error.hpp"
#include "base/paper_layers.hpp"
#include "engine_bindings.hpp"
#include "nn/build.hpp"
#include "trace/blocks.hpp"
#include "trace/cross_gram.hpp"
#include "trace/directional.hpp"
#include "trace/gradient.hpp"
#include "trace/gram.hpp"
#include "trace/jet.hpp"
#include "trace/norms.hpp"
#include "trace/per_sample.hpp"
#include "trace/plan.hpp"
#include "trace/reference.hpp"
#include "trace/steps.hpp"

namespace crosstalk {
namespace {

namespace py = pybind11;
using trace::Options;

at::Tensor tensor_of(const py::array& array) {
  const bool single = py::isinstance<py::array_t<float>>(array),
             whole = (array.flags() & py::array::c_style) != 0;
  if (!whole || (!single && !py::isinstance<py::array_t<double>>(array)))
    throw Error(ErrorKind::config, "an array of " + std::string(py::str(array.dtype())) +
                                       (whole ? "" : ", not contiguous") +
                                       ": give float32 or float64, contiguous");
  const std::vector<std::int64_t> shape(array.shape(), array.shape() + array.ndim());
  return at::from_blob(const_cast<void*>(array.data()), shape, single ? at::kFloat : at::kDouble);
}

py::array array_of(const at::Tensor& tensor) {
  auto* owner = new at::Tensor(tensor.contiguous());
  const py::capsule keep(owner, [](void* held) { delete static_cast<at::Tensor*>(held); });
  const std::vector<py::ssize_t> shape(owner->sizes().begin(), owner->sizes().end());
  if (owner->scalar_type() == at::kFloat) return py::array_t<float>(shape, owner->data_ptr<float>(), keep);
  return py::array_t<double>(shape, owner->data_ptr<double>(), keep);
}

std::vector<py::array> arrays_of(const std::vector<at::Tensor>& tensors) {
  std::vector<py::array> arrays;
  for (const at::Tensor& tensor : tensors) arrays.push_back(array_of(tensor));
  return arrays;
}

Options options_of(const std::string& path, const std::string& method, std::int64_t scratch_bytes) {
  Options options;
  options.scratch_bytes = scratch_bytes;
  if (path != "fastest" && path != "portable")
    throw Error(ErrorKind::config, "path \"" + path + "\" is not one of \"fastest\", \"portable\"");
  options.path = path == "portable" ? trace::Path::portable : trace::Path::fastest;
  if (method.empty()) return options;
  for (const auto each : {trace::Method::outer, trace::Method::weight_gradients, trace::Method::pairs})
    if (trace::name(each) == method) options.method = each;
  if (!options.method)
    throw Error(ErrorKind::config,
                "method \"" + method + "\" is not one of \"outer\", \"weight gradients\", \"pairs\"");
  return options;
}

/// The gradient of each sample's scalar at the output (N, outputs): of its largest output, or of the outputs'
/// mean.
at::Tensor cotangent_of(const std::string& function, const at::Tensor& output) {
  if (function == "max") return at::zeros_like(output).scatter_(1, output.argmax(1, true), 1.0);
  if (function == "mean") return at::full_like(output, 1.0 / double(output.size(1)));
  throw Error(ErrorKind::config, "function \"" + function + "\" is not one of \"max\", \"mean\"");
}

struct Net {
  nn::Network network;
};

/// One forward and backward pass with what it needs to live. Made again into, it allocates nothing.
struct Pass {
  std::shared_ptr<Net> net;
  py::array theta, x;
  nn::Tape tape;
  nn::Gradients gradients;
  trace::Trace trace;
  trace::Scratch scratch;
};

std::shared_ptr<Pass> make_pass(const std::shared_ptr<Net>& net, const py::array& theta, const py::array& x,
                                const std::variant<std::string, py::array>& function,
                                std::shared_ptr<Pass> into) {
  if (!into) into = std::make_shared<Pass>();
  into->net = net, into->theta = theta, into->x = x;
  const nn::Parameters parameters(net->network, tensor_of(theta));
  net->network.forward(parameters, tensor_of(x), into->tape);
  const at::Tensor cotangent = std::holds_alternative<std::string>(function)
                                   ? cotangent_of(std::get<std::string>(function), into->tape.output())
                                   : tensor_of(std::get<py::array>(function));
  net->network.backward(parameters, into->tape, cotangent, into->gradients);
  into->trace = trace::make_trace(net->network, parameters, into->tape, into->gradients);
  return into;
}

py::array blocks(const std::shared_ptr<Net>& net, const py::array& theta, const py::array& x,
                 const std::string& function, std::int64_t budget_bytes) {
  const nn::Parameters parameters(net->network, tensor_of(theta));
  return array_of(trace::gram_in_blocks(
      net->network, parameters, tensor_of(x),
      [&](const at::Tensor& output, std::int64_t) { return cotangent_of(function, output); }, budget_bytes));
}

/// (A, B): g_B . H_A g_B + g_A . H_B g_B, g and H gradients and Hessians of each sample's scalar: the third
/// term of the derivative of interference but for the errors.
py::array third_term(const std::shared_ptr<Net>& net, const py::array& theta, const py::array& a,
                     const py::array& b, const std::string& function) {
  const nn::Parameters parameters(net->network, tensor_of(theta));
  trace::Passage at_a(net->network, parameters, tensor_of(a)), at_b(net->network, parameters, tensor_of(b));
  at_a.back(cotangent_of(function, at_a.output()));
  at_b.back(cotangent_of(function, at_b.output()));
  const trace::Trace rows = at_b.trace();
  const trace::Tangent own = trace::tangent(at_b, *trace::along_own(rows));
  return array_of(at::add(trace::curvature(at_a, *trace::along_each(rows)).second,
                          trace::cross_gram(own, at_a.trace()).t()));
}

py::object reference_of(const Pass& pass, const std::string& what) {
  if (what == "gram") return array_of(trace::reference::gram(pass.trace));
  if (what == "per_sample_gradients") return array_of(trace::reference::per_sample_gradients(pass.trace));
  if (what == "gradient") return array_of(trace::reference::gradient(pass.trace));
  throw Error(ErrorKind::config, "there is no reference for \"" + what + "\" here");
}

}  // namespace

void bind_trace(py::module_& module) {
  const auto options = [](auto&& bind) {
    return bind(py::arg("path") = "fastest", py::arg("method") = "",
                py::arg("scratch_bytes") = Options{}.scratch_bytes);
  };
  auto pass = py::class_<Pass, std::shared_ptr<Pass>>(module, "Trace");  // first: signatures name it
  py::class_<Net, std::shared_ptr<Net>>(module, "Network")
      .def(py::init([](const nn::Shape& input, std::int64_t outputs, const std::vector<std::string>& layers) {
             return std::make_shared<Net>(Net{nn::build(input, outputs, layers)});
           }),
           py::arg("input"), py::arg("outputs"), py::arg("layers"))
      .def_property_readonly("parameters", [](const Net& net) { return net.network.layout().size(); })
      .def_property_readonly(
          "segments",
          [](const Net& net) {
            std::vector<std::tuple<std::string, std::int64_t, std::vector<std::int64_t>>> segments;
            for (const tensor::Segment& each : net.network.layout().segments())
              segments.emplace_back(each.name, each.offset, each.shape);
            return segments;
          })
      .def("forward",
           [](const Net& net, const py::array& theta, const py::array& x) {
             nn::Tape tape;
             net.network.forward(nn::Parameters(net.network, tensor_of(theta)), tensor_of(x), tape);
             return array_of(tape.output().clone());
           })
      .def("trace", &make_pass, py::arg("theta"), py::arg("x"), py::arg("function"),
           py::arg("into") = nullptr,
           "One forward and backward pass; function is \"max\", \"mean\" or the cotangent (N, outputs).")
      .def("third_term", &third_term, py::arg("theta"), py::arg("a"), py::arg("b"), py::arg("function"),
           "g_B . H_A g_B + g_A . H_B g_B of all pairs of samples, (A, B).")
      .def("gram_in_blocks", &blocks, py::arg("theta"), py::arg("x"), py::arg("function"),
           py::arg("budget_bytes"));

  pass.def_property_readonly("samples", [](const Pass& pass) { return pass.trace.samples; })
      .def_property_readonly("output", [](const Pass& pass) { return array_of(pass.tape.output().clone()); })
      .def("gradient", [](const Pass& pass) { return array_of(trace::gradient(pass.trace)); })
      .def("per_sample_gradients",
           [](const Pass& pass) { return array_of(trace::per_sample_gradients(pass.trace)); })
      .def("directional",
           [](const Pass& pass, const py::array& v) {
             return array_of(trace::directional(pass.trace, tensor_of(v)));
           })
      .def("plan", [](const Pass& pass) { return trace::describe(trace::plan(pass.trace)); })
      .def("reference", &reference_of);
  options([&](auto... arguments) {
    pass.def(
        "gram",
        [](Pass& pass, const std::string& path, const std::string& method, std::int64_t scratch_bytes) {
          Options options = options_of(path, method, scratch_bytes);
          options.scratch = &pass.scratch;
          return array_of(trace::gram(pass.trace, options));
        },
        arguments...);
    pass.def(
        "gram_per_layer",
        [](const Pass& pass, const std::string& path, const std::string& method, std::int64_t scratch_bytes) {
          return arrays_of(trace::gram_per_layer(pass.trace, options_of(path, method, scratch_bytes)));
        },
        arguments...);
    pass.def(
        "squared_norms",
        [](const Pass& pass, const std::string& path, const std::string& method, std::int64_t scratch_bytes) {
          return array_of(trace::squared_norms(pass.trace, options_of(path, method, scratch_bytes)));
        },
        arguments...);
    pass.def(
        "cross_gram",
        [](const Pass& pass, const Pass& columns, const std::string& path, const std::string& method,
           std::int64_t scratch_bytes) {
          return array_of(
              trace::cross_gram(pass.trace, columns.trace, options_of(path, method, scratch_bytes)));
        },
        py::arg("columns"), arguments...);
    return 0;
  });
  module.def("plan_costs", [](const Pass& pass) {
    // [(layer, method, predicted seconds, flops, chosen)], for the bench to set beside the clock.
    std::vector<std::tuple<std::string, std::string, double, double, bool>> rows;
    for (const trace::LayerPlan& layer : trace::plan(pass.trace)) {
      rows.emplace_back(layer.name, std::string(trace::name(layer.chosen.method)), layer.chosen.seconds,
                        layer.chosen.flops, true);
      for (const trace::Cost& other : layer.others)
        rows.emplace_back(layer.name, std::string(trace::name(other.method)), other.seconds, other.flops,
                          false);
    }
    return rows;
  });
  module.def("layer_gram", [](const Pass& pass, std::size_t layer, const std::string& method) {
    const trace::Trace one{pass.trace.samples, pass.trace.layout, {pass.trace.layers.at(layer)}};
    return array_of(trace::gram(one, options_of("fastest", method, Options{}.scratch_bytes)));
  });
  module.def("image_layers", &image_layers, py::arg("hidden"), py::arg("depth"), py::arg("head"));
  module.def("plain_layers", &plain_layers, py::arg("hidden"), py::arg("depth"));
  module.def("atari_layers", &atari_layers, py::arg("width") = 32);
  module.def("set_threads", [](int threads) { at::set_num_threads(threads); });
  module.def("threads", [] { return at::get_num_threads(); });
}

}  // namespace crosstalk
