// A study as a store and a report hold it: JSON with the texts of its files. What is taken is stored as it
// was.
#include "study/load.hpp"
#include "target.hpp"

using namespace crosstalk;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Json record = read_json(fuzz::text_of(data, size));
  study::Study study;
  if (fuzz::is_taken([&] { study = study::study_from_json(record); }))
    fuzz::require(study::to_json(study).at("files") == record.at("files"),
                  "no file of a stored study is lost");
  fuzz::is_taken([&] { study::study_anew(record); });
  return 0;
}
