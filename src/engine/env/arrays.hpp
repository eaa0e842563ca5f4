#pragma once

#include <c10/core/Device.h>

#include "base/json.hpp"
#include "base/vocabulary.hpp"
#include "env/environment.hpp"

namespace crosstalk::env {

/// What an environment elsewhere shows: an array of numbers, kept as small as it can be and drawn as the
/// run's precision has it.
struct ArrayForm {
  enum class Kept {
    bits,    // each 0 or 1, eight to a byte
    bytes,   // 0 to 255, drawn as value / 255
    single,  // float32
    whole,   // float64
    index    // one number below `extents`' only one, int32, drawn as that many zeros and a one
  };
  Kept kept = Kept::single;
  std::vector<std::int64_t> extents;  // of one array: (d), (H, W), (H, W, C) or (C, H, W)
  bool channels_last = false;         // it is (H, W, C), and drawn as (C, H, W)
  std::int64_t history = 1;           // so many arrays, the oldest first, are one observation

  std::int64_t numbers() const;  // of one array as it is drawn
  std::vector<std::int64_t> observation()
      const;                  // its shape as it is drawn: (history x d) or (history x C, H, W)
  std::size_t bytes() const;  // of a record
};

/// The word for each way to keep, as Python and files say it.
inline constexpr Vocabulary<ArrayForm::Kept, 5> kept_words{{{"bits", ArrayForm::Kept::bits},
                                                            {"bytes", ArrayForm::Kept::bytes},
                                                            {"single", ArrayForm::Kept::single},
                                                            {"whole", ArrayForm::Kept::whole},
                                                            {"index", ArrayForm::Kept::index}}};

/// {"kept", "extents", "channels_last", "history"}, and back. Error(data), without a place, says what of it
/// cannot be; an array has at most 2^27 numbers.
Json to_json(const ArrayForm& form);
ArrayForm array_form(const Json& json);

/// Draws them. A record holds the array in its own order.
class ArrayDrawing final : public Drawing {
 public:
  ArrayDrawing(ArrayForm form, at::ScalarType type, at::Device device)
      : form_(std::move(form)), type_(type), device_(device) {}

  std::size_t bytes() const override { return form_.bytes(); }
  std::int64_t history() const override { return form_.history; }
  void draw(std::span<const std::byte* const> records, at::Tensor& slot) const override;
  void check(const std::byte* record) const override;
  /// Whether the environment can show it.
  bool is_sound(const std::byte* record) const;

 private:
  ArrayForm form_;
  at::ScalarType type_;
  at::Device device_;
};

}  // namespace crosstalk::env
