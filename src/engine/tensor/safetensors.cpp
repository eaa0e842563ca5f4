#include "tensor/safetensors.hpp"

#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <set>
#include <string_view>

#include "base/contents.hpp"
#include "base/plain_file.hpp"
#include "base/safetensors_header.hpp"

namespace crosstalk::tensor {
namespace {

constexpr std::uint64_t largest_header = 100'000'000;  // as the format's own reader has it

struct Type {
  const char* name;
  at::ScalarType type;
};
constexpr Type known_types[] = {
    {"U8", at::kByte}, {"I64", at::kLong}, {"F32", at::kFloat}, {"F64", at::kDouble}};

}  // namespace

FileError::FileError(const std::filesystem::path& file, const std::string& wrong, const std::string& mend,
                     bool opened)
    : Error(ErrorKind::data, file.string() + " " + wrong + ". " + mend), wrong(wrong), opened(opened) {}

class SafetensorsFile::Mapping {
 public:
  Mapping(const std::filesystem::path& path, const std::string& mend) {
    if (const std::string what = no_plain_file(path); !what.empty())
      throw FileError(path, "is " + what + ", where a file is expected", mend, false);
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // a pipe is no reason to wait
    struct stat state{};
    if (file >= 0 && ::fstat(file, &state) == 0 && S_ISREG(state.st_mode)) {
      size_ = static_cast<std::uint64_t>(state.st_size);
      if (size_ > 0) bytes_ = ::mmap(nullptr, size_, PROT_READ, MAP_SHARED, file, 0);
    } else if (file >= 0) {
      errno = EINVAL;
      bytes_ = MAP_FAILED;
    } else {
      bytes_ = MAP_FAILED;
    }
    const int reason = errno;
    if (file >= 0) state_ = state_of(file).value_or(FileState{});
    if (file >= 0) ::close(file);
    if (bytes_ == MAP_FAILED) {
      bytes_ = nullptr;
      throw FileError(path, std::string("cannot be read: ") + std::strerror(reason), mend, false);
    }
  }
  ~Mapping() {
    if (bytes_ != nullptr) ::munmap(bytes_, size_);
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  const std::uint8_t* bytes() const { return static_cast<const std::uint8_t*>(bytes_); }
  std::uint64_t size() const { return size_; }
  const FileState& state() const { return state_; }  // when it was mapped

 private:
  void* bytes_ = nullptr;
  std::uint64_t size_ = 0;
  FileState state_{};
};

SafetensorsFile::SafetensorsFile(std::filesystem::path path, std::string mend)
    : path_(std::move(path)), mend_(std::move(mend)), mapping_(std::make_shared<Mapping>(path_, mend_)) {
  read_header();
}

void SafetensorsFile::refuse(const std::string& what) const { throw FileError(path_, what, mend_, true); }

void SafetensorsFile::read_header() {
  const std::uint64_t size = mapping_->size();
  if (size < 8) refuse("is " + std::to_string(size) + " bytes long: too short for a safetensors file");
  const std::string_view begin(reinterpret_cast<const char*>(mapping_->bytes()), header_begins);
  const std::uint64_t length = header_length(begin);
  if (length > largest_header || length > size - header_begins) {
    refuse("gives its header " + std::to_string(length) + " bytes where the file has " +
           std::to_string(size) + ": it is cut short or no safetensors file");
  }
  data_ = 8 + length;
  const std::string_view text(reinterpret_cast<const char*>(mapping_->bytes()) + 8, length);
  const Json header = read_json(text);
  if (!header.is_object()) refuse("has a header that is no JSON object: it is broken or no safetensors file");

  for (const auto& [name, item] : header.items()) {
    if (name == "__metadata__")
      read_metadata(item);
    else
      entries_.emplace(name, entry_of(name, item));
  }
  check_that_tensors_fill_the_file();
}

void SafetensorsFile::read_metadata(const Json& metadata) {
  if (!metadata.is_object()) refuse("has metadata that are no JSON object");
  for (const auto& [key, value] : metadata.items()) {
    if (!value.is_string()) refuse("has metadata of another kind than text (" + key + ")");
    metadata_[key] = value.get<std::string>();
  }
}

SafetensorsFile::Entry SafetensorsFile::entry_of(const std::string& name, const Json& item) const {
  const std::string tensor = "holds a tensor '" + name + "' ";
  const auto is_count = [](const Json& number) { return number.is_number_unsigned(); };
  const Json dtype = item.is_object() ? item.value("dtype", Json()) : Json();
  const Json shape = item.is_object() ? item.value("shape", Json()) : Json();
  const Json place = item.is_object() ? item.value("data_offsets", Json()) : Json();
  if (!dtype.is_string() || !shape.is_array() || !place.is_array() || place.size() != 2 ||
      !is_count(place[0]) || !is_count(place[1]) || !std::all_of(shape.begin(), shape.end(), is_count)) {
    refuse(tensor + "without a type, a shape and a place");
  }
  const auto type = std::find_if(std::begin(known_types), std::end(known_types),
                                 [&](const Type& known) { return dtype == known.name; });
  if (type == std::end(known_types)) {
    refuse(tensor + "of type " + dtype.get<std::string>() + ", where U8, I64, F32 and F64 are read");
  }
  Entry entry{type->type, {}, place[0].get<std::uint64_t>(), place[1].get<std::uint64_t>()};
  std::uint64_t bytes = c10::elementSize(type->type);
  std::int64_t stride =
      static_cast<std::int64_t>(bytes);  // as torch counts it, also where a tensor has no numbers
  bool fits = shape.size() <= 16;
  for (const Json& extent : shape) {
    const std::uint64_t count = extent.get<std::uint64_t>();
    fits = fits && count <= (std::uint64_t{1} << 48) && !__builtin_mul_overflow(bytes, count, &bytes) &&
           !__builtin_mul_overflow(stride, static_cast<std::int64_t>(std::max<std::uint64_t>(count, 1)),
                                   &stride);
    entry.shape.push_back(static_cast<std::int64_t>(count));
  }
  const std::uint64_t there = mapping_->size() - data_;
  if (!fits || entry.begin > entry.end || entry.end > there || entry.end - entry.begin != bytes) {
    refuse(tensor + "of shape " + shape.dump() + " at bytes " + place.dump() +
           ", which do not agree, or end after the " + std::to_string(there) +
           " bytes that are there: it is cut short or broken");
  }
  return entry;
}

void SafetensorsFile::check_that_tensors_fill_the_file() const {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> places;
  for (const auto& [_, entry] : entries_) places.emplace_back(entry.begin, entry.end);
  std::sort(places.begin(), places.end());
  std::uint64_t at = 0;
  for (const auto& [begin, end] : places) {
    if (begin != at) refuse("has tensors that overlap or leave holes at byte " + std::to_string(begin));
    at = end;
  }
  const std::uint64_t there = mapping_->size() - data_;
  if (at != there) refuse("has " + std::to_string(there - at) + " bytes that belong to no tensor");
}

void SafetensorsFile::check_contents() const {
  // A worker serves many runs of one file of data; reading it for each would be most of a short run's time.
  static std::set<FileState> whole;
  if (whole.contains(mapping_->state())) return;
  const std::string_view bytes(reinterpret_cast<const char*>(mapping_->bytes()), mapping_->size());
  if (!place_of_contents(bytes))
    refuse("states no digest of its contents: another version wrote it, or it is damaged");
  if (!have_their_digest(bytes))
    refuse("does not have the contents that its digest stands for: it is damaged");
  if (mapping_->state().settled()) whole.insert(mapping_->state());
}

Unaltered::Unaltered(std::filesystem::path path) : path_(std::move(path)), state_(state_of(path_)) {}

void Unaltered::check() const {
  const std::optional<FileState> now = state_of(path_);
  if (!now || !state_ || *now == *state_ || !now->same_file(*state_)) return;
  SafetensorsFile(path_).check_contents();
  state_ = now;
}

std::vector<std::string> SafetensorsFile::names() const {
  std::vector<std::string> names;
  for (const auto& [name, entry] : entries_) names.push_back(name);
  return names;
}

at::Tensor SafetensorsFile::tensor(const std::string& name) const {
  const auto found = entries_.find(name);
  if (found == entries_.end()) refuse("holds no tensor '" + name + "'");
  const Entry& entry = found->second;
  const std::uint8_t* bytes = mapping_->bytes() + data_ + entry.begin;
  if (entry.begin == entry.end) return at::empty(entry.shape, entry.type);
  if (reinterpret_cast<std::uintptr_t>(bytes) % c10::elementSize(entry.type) != 0) {
    // The format does not promise aligned numbers.
    at::Tensor copy = at::empty(entry.shape, entry.type);
    std::memcpy(copy.mutable_data_ptr(), bytes, entry.end - entry.begin);
    return copy;
  }
  auto mapping = mapping_;
  return at::from_blob(
      const_cast<std::uint8_t*>(bytes), entry.shape, [mapping](void*) mutable { mapping.reset(); },
      at::TensorOptions().dtype(entry.type));
}

}  // namespace crosstalk::tensor
