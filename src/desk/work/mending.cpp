#include "work/mending.hpp"

#include <filesystem>

#include "base/contents.hpp"
#include "base/error.hpp"
#include "work/checkpoint.hpp"

namespace crosstalk::work {
namespace {

constexpr int most_often = 3;

std::string file_of_data(const Assignment& assignment) {
  const auto data = assignment.fields.find("data");
  return data == assignment.fields.end() ? "" : data->value("file", "");
}

}  // namespace

bool Mending::mend(Assignment& assignment, const std::string& unusable, const std::string& wrong) {
  const bool data = unusable == "data";
  if ((data && !data_) || ++mended_[{assignment.run, unusable}] > most_often) return false;
  const std::string file = data ? file_of_data(assignment) : assignment.fields.value("checkpoint", "");
  std::error_code error;
  if (data) {
    remark_("run " + assignment.run + ": its data " + file + " " + wrong + "; made again");
    const Json again = data_(assignment.run);
    if (!again.is_null()) assignment.fields["data"] = again;
    return true;
  }
  remove_checkpoint(file, error);
  if (error) {
    throw Error(ErrorKind::store, file + " " + wrong + ", and cannot be removed: " + error.message() +
                                      ". Remove it to begin this run anew.");
  }
  remark_("run " + assignment.run + ": its checkpoint " + file + " " + wrong + "; begun anew");
  return true;
}

bool Mending::mended(Assignment& assignment, const Json& end, std::string& message) {
  const std::string unusable = end.value("unusable", "");
  try {
    return !unusable.empty() && mend(assignment, unusable, end.value("wrong", ""));
  } catch (const Error& error) {
    message = error.what();
    return false;
  }
}

bool Mending::mended_after_death(Assignment& assignment, std::string& message) {
  const std::string file = file_of_data(assignment);
  if (file.empty() || has_its_contents(std::filesystem::path(file))) return false;
  return mended(assignment, {{"unusable", "data"}, {"wrong", "is gone or damaged"}}, message);
}

}  // namespace crosstalk::work
