// crosstalk._cli.ContentsDigest and has_its_contents: the digest that a converted file carries, for the side
// that writes it.
#include <pybind11/pybind11.h>
#include <pybind11/stl/filesystem.h>

#include "base/contents.hpp"

namespace py = pybind11;

void bind_contents(py::module_& module) {
  using crosstalk::ContentsDigest;
  py::class_<ContentsDigest>(module, "ContentsDigest", "The digest of bytes that come piece by piece.")
      .def(py::init<>())
      .def("add",
           [](ContentsDigest& digest, const py::buffer& piece) {
             const py::buffer_info bytes = piece.request();
             digest.add({static_cast<const char*>(bytes.ptr),
                         static_cast<std::size_t>(bytes.size * bytes.itemsize)});
           })
      .def("hex", &ContentsDigest::hex, "32 hexadecimal digits.");
  module.def(
      "has_its_contents",
      [](const std::filesystem::path& file) {
        const py::gil_scoped_release unlocked;
        return crosstalk::has_its_contents(file);
      },
      py::arg("file"), "Whether a safetensors file states the digest of its contents, and the right one.");
  module.attr("no_contents") = std::string(crosstalk::no_contents);
}
