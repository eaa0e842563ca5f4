#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/draft.hpp"
#include "base/error.hpp"
#include "base/json.hpp"
#include "tensor/file_state.hpp"

/// Tensors on disk (https://github.com/huggingface/safetensors): eight bytes of header length, a JSON header
/// with each tensor's type, shape and place, then the bytes. Here: U8, I64, F32, F64.
namespace crosstalk::tensor {

/// What every error about a file is: Error(data), and what is wrong apart from the file's name and the mend.
struct FileError : Error {
  FileError(const std::filesystem::path& file, const std::string& wrong, const std::string& mend,
            bool opened);
  std::string wrong;
  bool opened;  // it is there and may be read, but is not what it should be
};

/// A file mapped into memory, shared with every process that maps it. It is hostile until read: the header's
/// length, JSON, types, shapes, places, overlaps and the file's size are all checked before a tensor is made.
/// Every error is a FileError and names the file, what is wrong in it and `mend`.
class SafetensorsFile {
 public:
  /// `mend` is a sentence that says what to do about a broken file.
  explicit SafetensorsFile(std::filesystem::path path,
                           std::string mend = "Remove the file to have it made again.");

  const std::filesystem::path& path() const { return path_; }
  bool has(const std::string& name) const { return entries_.contains(name); }
  std::vector<std::string> names() const;
  /// The text of `__metadata__`, by key.
  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  /// The mapped bytes as a tensor, never to be written to; it keeps the mapping alive.
  at::Tensor tensor(const std::string& name) const;
  /// Error(data) about this file, for what a caller finds wrong in its contents.
  [[noreturn]] void refuse(const std::string& what) const;
  /// Refuses a file that does not have the digest that it states (base/contents.hpp), or states none. Reads
  /// all of it; a second time in this process only where the file was written to since.
  void check_contents() const;

 private:
  class Mapping;
  struct Entry {
    at::ScalarType type;
    std::vector<std::int64_t> shape;
    std::uint64_t begin, end;  // from the first byte after the header
  };
  void read_header();
  void read_metadata(const Json& metadata);
  Entry entry_of(const std::string& name, const Json& item) const;
  void check_that_tensors_fill_the_file() const;

  std::filesystem::path path_;
  std::string mend_;
  std::shared_ptr<const Mapping> mapping_;
  std::uint64_t data_ = 0;  // where the tensors' bytes begin
  std::map<std::string, Entry> entries_;
  std::map<std::string, std::string> metadata_;
};

/// A file that is read as long as this object lives: says whether it was written to meanwhile.
class Unaltered {
 public:
  explicit Unaltered(std::filesystem::path path);
  /// Refuses a file that was written to since and is no longer whole; costs one look at its times otherwise.
  /// One that was removed, or replaced by another, stays as it was for those who have mapped it.
  void check() const;

 private:
  std::filesystem::path path_;
  mutable std::optional<FileState> state_;
};

/// Writes the file, with the digest of its contents among the metadata, under another name beside `path`, to
/// the disk (fsync), and renames it: whoever looks sees the old file or the whole new one. Unwritten says
/// what went wrong (a full disk) and leaves no file behind.
void write_safetensors(const std::filesystem::path& path, const std::map<std::string, at::Tensor>& tensors,
                       const std::map<std::string, std::string>& metadata);

}  // namespace crosstalk::tensor
