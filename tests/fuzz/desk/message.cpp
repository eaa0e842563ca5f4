// What a worker sends: frames, as the command reads them off its pipe. What is taken of rows and arrays is
// stored and read again.
#include "base/message.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "store_reading.hpp"

using namespace crosstalk;

namespace {

/// The same frames, read one by one from a descriptor, as a worker reads them.
void read_from_file(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  fuzz::is_taken([&] {
    while (read_frame(descriptor)) {
    }
  });
  ::close(descriptor);
}

void store_rows(store::Store& store, const Json& message) {
  const std::string run = "0123456789abcdef";
  const std::vector<Row> rows = rows_from_json(message.value("rows", Json::array()));
  const std::vector<Array> arrays = arrays_from_json(message.value("arrays", Json::array()));
  try {
    store.append(run, rows, arrays);
  } catch (const store::RowConflict& conflict) {
    fuzz::require_readable(conflict.what());
    return;
  }
  fuzz::require(store.rows_of(run).size() >= 2, "rows that were stored can be read");
  for (const std::string& name : store.array_names(run)) store.arrays(run, name);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::Scratch scratch;
  static store::Store store = fuzz::small_store(scratch.path("study.sqlite"));
  read_from_file(scratch.file("frames", fuzz::text_of(data, size)));
  std::string buffer(fuzz::text_of(data, size));
  std::vector<Json> messages;
  if (!fuzz::is_taken([&] { messages = take_frames(buffer); })) return 0;
  for (const Json& message : messages) {
    try {
      store_rows(store, message);
    } catch (const Json::exception&) {  // "the worker is not understood"
    } catch (const Error& error) {
      fuzz::require(error.kind() == ErrorKind::environment,
                    "the store takes and gives back what was understood");
    }
  }
  store.roll_back();
  return 0;
}
