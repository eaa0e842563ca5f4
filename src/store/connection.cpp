#include "store/connection.hpp"

#include "base/error.hpp"

namespace crosstalk::store {

void Store::Connection::check_format() {
  const std::int64_t whose = database.integer("PRAGMA application_id");
  const std::int64_t version = database.integer("PRAGMA user_version");
  const std::string file = database.file().string();
  if (whose != application) {
    throw Error(ErrorKind::store,
                file + " is not a store of crosstalk's. Give another --out, or move it away.");
  }
  if (version != format) {
    throw Error(ErrorKind::store, file + " was made by format " + std::to_string(version) +
                                      " of the store; this crosstalk has format " + std::to_string(format) +
                                      ". Give a new --out; `crosstalk doctor " +
                                      database.file().parent_path().string() + "` says what is in it.");
  }
}

void Store::Connection::forget() {
  numbers.clear();
  names.clear();
  runs.clear();
  Statement statement(database, "SELECT number, name FROM names");
  while (statement.step()) {
    numbers.emplace(std::string(statement.text(1)), statement.integer(0));
    names.emplace(statement.integer(0), std::string(statement.text(1)));
  }
}

const std::string& Store::Connection::name(std::int64_t number) {
  if (!names.contains(number)) forget();  // the one who writes has added it since
  const auto found = names.find(number);
  if (found == names.end()) {
    throw Error(ErrorKind::store, database.file().string() + " is damaged: it has no name " +
                                      std::to_string(number) +
                                      ". Put it back from a copy, or run the study anew in another --out.");
  }
  return found->second;
}

}  // namespace crosstalk::store
