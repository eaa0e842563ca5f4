#include "store/axes.hpp"

#include <algorithm>

namespace crosstalk::store {
namespace {

/// What lies under a name, where it is an object.
Json within(const Json& object, const std::string& name) {
  return object.is_object() ? object.value(name, Json()) : Json();
}

std::vector<Json> labels_from(const Json& list, std::int64_t length) {
  const bool fit = list.is_array() && std::ssize(list) == length &&
                   std::all_of(list.begin(), list.end(),
                               [](const Json& label) { return label.is_number() || label.is_string(); });
  return fit ? std::vector<Json>(list.begin(), list.end()) : std::vector<Json>();
}

}  // namespace

std::vector<Axis> axes_of(const Array& array) {
  std::vector<Axis> axes(array.shape.size());
  const Json samples = within(array.axes, "rows");  // of both axes of a Gram
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const Json said = within(array.axes, std::to_string(i)), name = within(said, "name");
    if (samples.is_array()) axes[i].name = "row";
    if (name.is_string()) axes[i].name = name.get<std::string>();
    axes[i].labels = labels_from(samples.is_array() ? samples : within(said, "labels"), array.shape[i]);
  }
  return axes;
}

Json label_at(const Axis& axis, std::int64_t place) {
  return axis.labels.empty() ? Json(place) : axis.labels[static_cast<std::size_t>(place)];
}

}  // namespace crosstalk::store
