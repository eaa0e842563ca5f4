// Traces that are filled by hand, of tensors of Python's: what the hooks of a user's own network leave.
// Tensors come and go as DLPack capsules, without a copy, on any device that libtorch has.
#include <ATen/DLConvertor.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <map>

#include "base/error.hpp"
#include "engine_bindings.hpp"
#include "trace/cross_gram.hpp"
#include "trace/directional.hpp"
#include "trace/gradient.hpp"
#include "trace/gram.hpp"
#include "trace/norms.hpp"
#include "trace/per_sample.hpp"
#include "trace/plan.hpp"
#include "trace/rule.hpp"

namespace crosstalk {
namespace {

namespace py = pybind11;
using Pair = std::array<std::int64_t, 2>;
using Shape = std::vector<std::int64_t>;

at::Tensor tensor_in(const py::capsule& capsule) {
  auto* managed = static_cast<DLManagedTensor*>(PyCapsule_GetPointer(capsule.ptr(), "dltensor"));
  if (managed == nullptr) throw py::error_already_set();
  at::Tensor tensor = at::fromDLPack(managed);
  PyCapsule_SetName(capsule.ptr(), "used_dltensor");  // its memory is the tensor's from here on
  return tensor;
}

py::capsule capsule_of(const at::Tensor& tensor) {
  return py::capsule(at::toDLPack(tensor), "dltensor", [](PyObject* capsule) {
    if (!PyCapsule_IsValid(capsule, "dltensor")) return;
    auto* managed = static_cast<DLManagedTensor*>(PyCapsule_GetPointer(capsule, "dltensor"));
    managed->deleter(managed);
  });
}

/// A trace that is put together use by use. Parameters are told apart by a number of the caller's; the first
/// use that names one gives it its place in theta.
class Uses {
 public:
  explicit Uses(std::int64_t samples) { trace_.samples = samples; }

  void add(std::string name, nn::Use use, const py::capsule& inputs, const py::capsule& gradients) {
    trace_.layers.push_back({std::move(name), use, tensor_in(inputs), tensor_in(gradients)});
  }
  void add_rows(std::string name, std::int64_t parameter, std::int64_t size, const py::capsule& gradients) {
    const at::Tensor rows = tensor_in(gradients);
    const auto [at, is_new] = places_.try_emplace(parameter, segments_.size());
    if (is_new) segments_.push_back({parameter, {size}});  // the shape that another use knows stays
    trace_.layers.push_back({std::move(name), nn::RowsUse{at->second}, rows, rows});
  }

  std::size_t place(std::int64_t parameter, const Shape& shape) {
    const auto [at, is_new] = places_.try_emplace(parameter, segments_.size());
    if (is_new)
      segments_.push_back({parameter, shape});
    else
      segments_[at->second].shape = shape;  // rows that came before have none
    return at->second;
  }
  std::optional<std::size_t> place(const std::optional<std::int64_t>& parameter, std::int64_t size) {
    if (!parameter) return std::nullopt;
    return place(*parameter, Shape{size});
  }

  trace::Trace trace() const {
    trace::Trace whole = trace_;
    for (const Place& each : segments_) whole.layout.add(std::to_string(each.parameter), each.shape);
    return whole;
  }
  /// [(parameter, offset, size)] in the order of theta.
  std::vector<std::tuple<std::int64_t, std::int64_t, std::int64_t>> places() const {
    std::vector<std::tuple<std::int64_t, std::int64_t, std::int64_t>> all;
    std::int64_t offset = 0;
    for (const Place& each : segments_) {
      const std::int64_t size = c10::multiply_integers(each.shape);
      all.emplace_back(each.parameter, offset, size);
      offset += size;
    }
    return all;
  }

 private:
  struct Place {
    std::int64_t parameter;
    Shape shape;
  };
  trace::Trace trace_;  // without its layout
  std::vector<Place> segments_;
  std::map<std::int64_t, std::size_t> places_;
};

/// What `make` computes without Python's lock, as a capsule.
template <class Make>
py::capsule unlocked(Make make) {
  at::Tensor result;
  {
    const py::gil_scoped_release release;
    result = make();
  }
  return capsule_of(result);
}

trace::Options within(trace::Scratch* scratch) {
  trace::Options options;
  options.scratch = scratch;
  return options;
}

void bind_adding(py::class_<Uses>& uses) {
  uses.def(
      "add_linear",
      [](Uses& uses, const std::string& name, std::int64_t weight, std::int64_t outputs, std::int64_t inputs,
         std::optional<std::int64_t> bias, const py::capsule& x, const py::capsule& gradients) {
        const nn::LinearUse use{uses.place(weight, Shape{outputs, inputs}), uses.place(bias, outputs)};
        uses.add(name, use, x, gradients);
      },
      py::arg("name"), py::arg("weight"), py::arg("outputs"), py::arg("inputs"), py::arg("bias"),
      py::arg("x"), py::arg("gradients"),
      "Weight (outputs, inputs); x (N, ..., inputs), gradients (N, ..., outputs).");
  uses.def(
      "add_convolution",
      [](Uses& uses, const std::string& name, std::int64_t weight, const Shape& shape,
         std::optional<std::int64_t> bias, Pair stride, Pair padding, Pair dilation, std::int64_t groups,
         const py::capsule& x, const py::capsule& gradients) {
        const nn::ConvolutionUse use{
            uses.place(weight, shape), uses.place(bias, shape.at(0)), stride, padding, dilation, groups};
        uses.add(name, use, x, gradients);
      },
      py::arg("name"), py::arg("weight"), py::arg("shape"), py::arg("bias"), py::arg("stride"),
      py::arg("padding"), py::arg("dilation"), py::arg("groups"), py::arg("x"), py::arg("gradients"),
      "Weight `shape` (P, C / groups, kh, kw); x (N, C, H, W), gradients (N, P, H', W').");
  uses.def(
      "add_embedding",
      [](Uses& uses, const std::string& name, std::int64_t weight, std::int64_t rows, std::int64_t width,
         const py::capsule& numbers, const py::capsule& gradients) {
        uses.add(name, nn::EmbeddingUse{uses.place(weight, Shape{rows, width})}, numbers, gradients);
      },
      py::arg("name"), py::arg("weight"), py::arg("rows"), py::arg("width"), py::arg("numbers"),
      py::arg("gradients"), "Weight (rows, width); numbers of rows (N, T) int64, gradients (N, T, width).");
  uses.def(
      "add_rows",
      [](Uses& uses, const std::string& name, std::int64_t parameter, std::int64_t size,
         const py::capsule& gradients) { uses.add_rows(name, parameter, size, gradients); },
      py::arg("name"), py::arg("parameter"), py::arg("size"), py::arg("gradients"),
      "The gradient of each sample by a parameter of `size` numbers: (N, size).");
}

void bind_contracting(py::class_<Uses>& uses) {
  uses.def("gram", [](const Uses& uses) { return unlocked([&] { return trace::gram(uses.trace()); }); })
      .def(
          "gram_above_diagonal",
          [](const Uses& uses, trace::Scratch* scratch) {
            return unlocked([&] { return trace::gram_above_diagonal(uses.trace(), within(scratch)); });
          },
          "Right on and above the diagonal alone: `mirrored` makes the sum of several whole.",
          py::arg("scratch") = nullptr)
      .def(
          "cross_gram",
          [](const Uses& rows, const Uses& columns) {
            return unlocked([&] { return trace::cross_gram(rows.trace(), columns.trace()); });
          },
          py::arg("columns"))
      .def(
          "is_like",
          [](const Uses& rows, const Uses& columns) {
            return rows.places() == columns.places() &&
                   trace::are_of_one_network(rows.trace(), columns.trace());
          },
          "Whether both are of the same uses of the same parameters, so that there is a cross-Gram of "
          "theirs.",
          py::arg("columns"))
      .def("squared_norms",
           [](const Uses& uses) { return unlocked([&] { return trace::squared_norms(uses.trace()); }); });
  uses.def(
          "directional",
          [](const Uses& uses, const py::capsule& direction) {
            const at::Tensor v = tensor_in(direction);
            return unlocked([&] { return trace::directional(uses.trace(), v); });
          },
          py::arg("direction"))
      .def("per_sample",
           [](const Uses& uses) {
             return unlocked([&] { return trace::per_sample_gradients(uses.trace()); });
           })
      .def("gradient",
           [](const Uses& uses) { return unlocked([&] { return trace::gradient(uses.trace()); }); });
}

}  // namespace

void bind_uses(py::module_& module) {
  py::class_<trace::Scratch>(module, "Scratch",
                             "Memory that contractions form rows in, kept from one to the next.")
      .def(py::init<>());
  py::class_<Uses> uses(module, "Uses",
                        "A trace put together use by use; tensors are DLPack capsules of float or double.");
  uses.def(py::init<std::int64_t>(), py::arg("samples")).def_property_readonly("places", &Uses::places);
  bind_adding(uses);
  bind_contracting(uses);
  module.def(
      "mirrored",
      [](const py::capsule& products) {
        const at::Tensor square = tensor_in(products);
        return unlocked([&] { return trace::mirrored(square); });
      },
      py::arg("products"), "What is above the diagonal of (N, N) written below it too, in place.");
  uses.def("costs", [](const Uses& uses) {
    // [(name, method, predicted seconds, flops, scratch bytes)], part by part.
    std::vector<std::tuple<std::string, std::string, double, double, double>> rows;
    for (const trace::LayerPlan& part : trace::plan(uses.trace()))
      rows.emplace_back(part.name, std::string(trace::name(part.chosen.method)), part.chosen.seconds,
                        part.chosen.flops, part.chosen.scratch);
    return rows;
  });
}

}  // namespace crosstalk
