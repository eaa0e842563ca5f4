#include "env/arrays.hpp"

#include <ATen/ops/empty.h>

#include <cmath>
#include <cstring>

#include "base/error.hpp"
#include "tensor/slot.hpp"

namespace crosstalk::env {
namespace {

template <class Number>
Number number_at(const std::byte* from, std::int64_t i) {
  Number number;
  std::memcpy(&number, from + i * static_cast<std::int64_t>(sizeof number), sizeof number);
  return number;
}

/// One array, its numbers by `at`, to where each stands as it is drawn.
template <class T, class At>
void put(const ArrayForm& form, At at, T* to) {
  if (!form.channels_last) {
    const std::int64_t numbers = form.numbers();
    for (std::int64_t i = 0; i < numbers; ++i) to[i] = static_cast<T>(at(i));
    return;
  }
  const std::int64_t plane = form.extents[0] * form.extents[1], channels = form.extents[2];
  for (std::int64_t place = 0, i = 0; place < plane; ++place)
    for (std::int64_t channel = 0; channel < channels; ++channel, ++i)
      to[channel * plane + place] = static_cast<T>(at(i));
}

template <class T>
void draw_one(const ArrayForm& form, const std::byte* record, T* to) {
  switch (form.kept) {
    case ArrayForm::Kept::bits:
      return put(
          form, [&](std::int64_t i) { return (std::to_integer<int>(record[i / 8]) >> (i % 8)) & 1; }, to);
    case ArrayForm::Kept::bytes:
      return put(
          form, [&](std::int64_t i) { return static_cast<T>(std::to_integer<int>(record[i])) / T{255}; }, to);
    case ArrayForm::Kept::single:
      return put(form, [&](std::int64_t i) { return number_at<float>(record, i); }, to);
    case ArrayForm::Kept::whole:
      return put(form, [&](std::int64_t i) { return number_at<double>(record, i); }, to);
    case ArrayForm::Kept::index: {
      const auto one = number_at<std::int32_t>(record, 0);
      return put(form, [&](std::int64_t i) { return i == one ? 1 : 0; }, to);
    }
  }
}

}  // namespace

std::int64_t ArrayForm::numbers() const {
  std::int64_t product = 1;
  for (const std::int64_t extent : extents) product *= extent;
  return product;
}

std::vector<std::int64_t> ArrayForm::observation() const {
  std::vector<std::int64_t> one = extents;
  if (channels_last) one = {extents[2], extents[0], extents[1]};
  if (one.size() == 2) one.insert(one.begin(), 1);
  one.front() *= history;
  return one;
}

std::size_t ArrayForm::bytes() const {
  const auto count = static_cast<std::size_t>(numbers());
  switch (kept) {
    case Kept::bits:
      return (count + 7) / 8;
    case Kept::bytes:
      return count;
    case Kept::single:
      return count * sizeof(float);
    case Kept::whole:
      return count * sizeof(double);
    case Kept::index:
      return sizeof(std::int32_t);
  }
  return 0;
}

Json to_json(const ArrayForm& form) {
  return {{"kept", word_for(kept_words, form.kept)},
          {"extents", form.extents},
          {"channels_last", form.channels_last},
          {"history", form.history}};
}

ArrayForm array_form(const Json& json) {
  constexpr std::uint64_t most_numbers = std::uint64_t{1} << 27, most_history = 1000;
  const auto refuse = [](const std::string& what) { throw Error(ErrorKind::data, what); };
  const auto is_count = [](const Json& number, std::uint64_t most) {
    return number.is_number_integer() && number.get<std::uint64_t>() >= 1 &&
           number.get<std::uint64_t>() <= most;
  };
  const Json kept = json.value("kept", Json()), extents = json.value("extents", Json()),
             last = json.value("channels_last", Json()), history = json.value("history", Json());
  const auto means =
      kept.is_string() ? meaning(kept_words, kept.get_ref<const std::string&>()) : std::nullopt;
  if (!means) refuse("\"kept\" is none of bits, bytes, single, whole and index");
  ArrayForm form{*means};
  if (!extents.is_array() || extents.empty() || extents.size() > 3)
    refuse("\"extents\" is no list of one to three numbers");
  std::uint64_t numbers = 1;
  for (const Json& extent : extents) {
    if (!is_count(extent, most_numbers)) refuse("\"extents\" holds what is no extent of an array");
    numbers *= extent.get<std::uint64_t>();  // each step below 2^54
    if (numbers > most_numbers) refuse("\"extents\" make an array of more than 134,217,728 numbers");
    form.extents.push_back(extent.get<std::int64_t>());
  }
  if (form.kept == ArrayForm::Kept::index && extents.size() != 1)
    refuse("\"extents\" of an index is more than one number");
  if (!last.is_boolean() || (last.get<bool>() && extents.size() != 3))
    refuse("\"channels_last\" is not false, or not true with three extents");
  form.channels_last = last.get<bool>();
  if (!is_count(history, most_history)) refuse("\"history\" is none of 1 to 1,000");
  form.history = history.get<std::int64_t>();
  return form;
}

void ArrayDrawing::draw(std::span<const std::byte* const> records, at::Tensor& slot) const {
  std::vector<std::int64_t> sizes = form_.observation();
  sizes.insert(sizes.begin(), static_cast<std::int64_t>(records.size()) / form_.history);
  const auto options = at::TensorOptions(type_).device(device_);
  if (!slot.defined() || slot.sizes() != sizes || slot.scalar_type() != type_)
    slot = at::empty(sizes, options);
  const at::Tensor drawn = device_.is_cpu() ? slot : at::empty(sizes, at::TensorOptions(type_));
  tensor::with_type(drawn, [&](auto number) {
    auto* to = drawn.mutable_data_ptr<decltype(number)>();
    for (const std::byte* record : records) {
      draw_one(form_, record, to);
      to += form_.numbers();
    }
  });
  if (!device_.is_cpu()) slot.copy_(drawn);
}

bool ArrayDrawing::is_sound(const std::byte* record) const {
  bool sound = true;
  const std::int64_t numbers = form_.kept == ArrayForm::Kept::index ? 1 : form_.numbers();
  for (std::int64_t i = 0; i < numbers; ++i) {
    if (form_.kept == ArrayForm::Kept::single) sound = sound && std::isfinite(number_at<float>(record, i));
    if (form_.kept == ArrayForm::Kept::whole) sound = sound && std::isfinite(number_at<double>(record, i));
    if (form_.kept == ArrayForm::Kept::index)
      sound = number_at<std::int32_t>(record, i) >= 0 && number_at<std::int32_t>(record, i) < form_.numbers();
  }
  return sound;
}

void ArrayDrawing::check(const std::byte* record) const {
  if (!is_sound(record))
    throw Error(ErrorKind::data,
                "the checkpoint's observations hold a number that the environment cannot show");
}

}  // namespace crosstalk::env
