#include "replay/segment.hpp"

#include <ATen/ATen.h>

#include <cmath>

#include "base/error.hpp"
#include "base/text.hpp"
#include "tensor/safetensors.hpp"

namespace crosstalk::replay {
namespace {

const char* const mend = "Get a whole copy of the folder, or collect the set again with another --out.";

/// What `sound` says no of: the first place of a column, in words.
template <class Number, class Sound>
void check_each(const tensor::SafetensorsFile& file, const char* name, const at::Tensor& column,
                const std::string& expected, Sound sound) {
  const std::span<const Number> all = numbers<Number>(column);
  for (std::size_t i = 0; i < all.size(); ++i)
    if (!sound(all[i]))
      file.refuse("holds " + std::to_string(all[i]) + " as number " +
                  with_commas(static_cast<std::int64_t>(i)) + " (from 0) of \"" + name + "\", where " +
                  expected);
}

class Reading {
 public:
  Reading(const std::filesystem::path& path, const SegmentEntry& entry, const SegmentForm& form)
      : file_(path, mend), entry_(entry), form_(form) {}

  Segment read() {
    check_file();
    const std::int64_t steps = entry_.steps, seen = steps + entry_.episodes;
    Segment segment;
    segment.observations =
        column("observations", at::kByte, {seen, static_cast<std::int64_t>(form_.observation.bytes())});
    segment.actions = column("actions", at::kLong, {steps});
    segment.rewards = column("rewards", at::kDouble, {steps});
    if (form_.scores) segment.scores = column("scores", at::kDouble, {steps});
    segment.terminations = column("terminations", at::kByte, {steps});
    segment.truncations = column("truncations", at::kByte, {steps});
    segment.lengths = column("lengths", at::kLong, {entry_.episodes});
    segment.seeds = column("seeds", at::kLong, {entry_.episodes});
    if (form_.frames > 0) segment.executed = column("executed", at::kLong, {steps, form_.frames});
    if (form_.ram > 0) segment.ram = column("ram", at::kByte, {seen, form_.ram});
    if (form_.values) segment.values = column("values", at::kFloat, {seen, form_.actions});
    check_numbers(segment);
    check_lengths(segment);
    check_ends(segment);
    check_observations(segment);
    return segment;
  }

 private:
  void check_file() const {
    std::error_code gone;
    const std::uintmax_t bytes = std::filesystem::file_size(file_.path(), gone);
    if (bytes != entry_.bytes)
      file_.refuse("is " + with_commas(static_cast<std::int64_t>(bytes)) +
                   " bytes long where trajectories.json says " +
                   with_commas(static_cast<std::int64_t>(entry_.bytes)) + ": it is cut short or another one");
    file_.check_contents();
    if (file_.metadata().at("contents") != entry_.contents)
      file_.refuse("has other contents than trajectories.json says: it is another set's");
  }

  at::Tensor column(const char* name, at::ScalarType type, const std::vector<std::int64_t>& sizes) const {
    const at::Tensor there = file_.tensor(name);
    if (there.scalar_type() != type || there.sizes() != at::IntArrayRef(sizes)) {
      std::string text =
          std::string("holds \"") + name + "\" as " + c10::toString(there.scalar_type()) + " (";
      for (std::int64_t i = 0; i < there.dim(); ++i)
        text += (i == 0 ? "" : ", ") + std::to_string(there.size(i));
      text += std::string(") where ") + c10::toString(type) + " (";
      for (std::size_t i = 0; i < sizes.size(); ++i) text += (i == 0 ? "" : ", ") + std::to_string(sizes[i]);
      file_.refuse(text + ") is expected");
    }
    return there.contiguous();
  }

  void check_numbers(const Segment& segment) const {
    const auto finite = [](double number) { return std::isfinite(number); };
    const auto flag = [](std::uint8_t number) { return number <= 1; };
    check_each<std::int64_t>(file_, "actions", segment.actions,
                             "0 to " + std::to_string(form_.actions - 1) + " are expected",
                             [&](std::int64_t action) { return action >= 0 && action < form_.actions; });
    check_each<double>(file_, "rewards", segment.rewards, "a finite number is expected", finite);
    if (form_.scores)
      check_each<double>(file_, "scores", segment.scores, "a finite number is expected", finite);
    check_each<std::uint8_t>(file_, "terminations", segment.terminations, "0 or 1 is expected", flag);
    check_each<std::uint8_t>(file_, "truncations", segment.truncations, "0 or 1 is expected", flag);
    check_each<std::int64_t>(file_, "seeds", segment.seeds, "0 or more, or -1 for none, is expected",
                             [](std::int64_t seed) { return seed >= -1; });
    if (form_.frames > 0)
      check_each<std::int64_t>(file_, "executed", segment.executed, "-1 to 255 are expected",
                               [](std::int64_t action) { return action >= -1 && action <= 255; });
    if (form_.values)
      check_each<float>(file_, "values", segment.values, "a finite number is expected", finite);
  }

  void check_lengths(const Segment& segment) const {
    std::int64_t sum = 0;
    for (const std::int64_t length : numbers<std::int64_t>(segment.lengths)) {
      if (length < 1) file_.refuse("holds an episode of " + std::to_string(length) + " steps");
      if (__builtin_add_overflow(sum, length, &sum)) file_.refuse("holds episodes longer than can be");
    }
    if (sum != segment.steps())
      file_.refuse("holds episodes of " + with_commas(sum) + " steps together where it has " +
                   with_commas(segment.steps()));
  }

  /// The last step of an episode ends it, and no other does.
  void check_ends(const Segment& segment) const {
    const auto terminated = numbers<std::uint8_t>(segment.terminations),
               truncated = numbers<std::uint8_t>(segment.truncations);
    std::size_t step = 0;
    std::int64_t episode = 0;
    for (const std::int64_t length : numbers<std::int64_t>(segment.lengths)) {
      for (std::int64_t i = 0; i < length; ++i, ++step)
        if ((terminated[step] != 0 || truncated[step] != 0) != (i + 1 == length))
          file_.refuse("has episode " + with_commas(episode) + " (from 0) " +
                       (i + 1 == length ? "without an end" : "end before its last step, at step ") +
                       (i + 1 == length ? "" : with_commas(i)));
      ++episode;
    }
  }

  void check_observations(const Segment& segment) const {
    using Kept = env::ArrayForm::Kept;
    const Kept kept = form_.observation.kept;
    if (kept == Kept::bits || kept == Kept::bytes) return;  // any bytes are some
    const env::ArrayDrawing drawing(form_.observation, at::kFloat, at::kCPU);
    const auto* record =
        reinterpret_cast<const std::byte*>(segment.observations.const_data_ptr<std::uint8_t>());
    for (std::int64_t i = 0; i < segment.observations.size(0); ++i, record += drawing.bytes()) {
      if (!drawing.is_sound(record))
        file_.refuse("holds an observation (record " + with_commas(i) +
                     ", from 0) with a number that the environment cannot show");
    }
  }

  tensor::SafetensorsFile file_;
  const SegmentEntry& entry_;
  const SegmentForm& form_;
};

}  // namespace

SegmentForm SegmentForm::of(const TrajectorySet& set) {
  SegmentForm form;
  try {
    form.observation = env::array_form(set.about.at("observation"));
  } catch (const Error& error) {
    throw Error(ErrorKind::data, (set.folder / TrajectorySet::about_name).string() +
                                     " says of \"observation\": " + error.what() + ". " + mend);
  }
  form.actions = set.actions, form.frames = set.frames, form.ram = set.ram;
  form.scores = set.has_scores, form.values = set.has_values;
  return form;
}

Segment read_segment(const std::filesystem::path& path, const SegmentEntry& entry, const SegmentForm& form) {
  return Reading(path, entry, form).read();
}

}  // namespace crosstalk::replay
