// A store and another one: a copy of its file, and a run that another store has computed.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/error.hpp"
#include "base/text.hpp"
#include "store/connection.hpp"

namespace crosstalk::store {
namespace {

/// On the disk before its new name is: a node that dies leaves the former copy or the new one.
void put_in_place(const std::filesystem::path& draft, const std::filesystem::path& file) {
  const int descriptor = ::open(draft.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = descriptor >= 0 && ::fsync(descriptor) == 0;
  const int code = errno;
  if (descriptor >= 0) ::close(descriptor);
  if (synced && ::rename(draft.c_str(), file.c_str()) == 0) return;
  const std::string why = std::strerror(synced ? errno : code);
  std::error_code ignored;
  std::filesystem::remove(draft, ignored);
  throw Error(ErrorKind::store, file.string() + " cannot be written: " + why +
                                    ". Make room there, or see to the permission to write.");
}

}  // namespace

std::string Store::contents_of(const std::string& run) const {
  const auto stated = connection_->stated(run);
  return stated ? to_text(stated->contents, "") : "";
}

void Store::copy_to(const std::filesystem::path& file) const {
  const std::filesystem::path draft = file.string() + ".new";
  std::error_code ignored;
  std::filesystem::remove(draft, ignored);
  // A connection of its own: this one may have rows that are not committed.
  Database source(connection_->database.file(), SQLITE_OPEN_READWRITE);
  source.set_patience(0);
  Statement copy(source, "VACUUM INTO ?");
  copy.bind(1, std::string_view(draft.native())).run();
  put_in_place(draft, file);
}

void Store::take_over(const RunRecord& record, const std::vector<Row>& rows,
                      const std::vector<Array>& arrays) {
  Database& database = connection_->database;
  database.begin();
  forget_rows(record.run);
  Statement update(database,
                   "UPDATE runs SET status = ?, message = ?, machine = ?, seconds = ?, tries = ? WHERE "
                   "number = ?");
  update.bind(1, static_cast<std::int64_t>(record.status)).bind(2, std::string_view(record.message));
  update.bind(3, std::string_view(record.machine.dump())).bind_double(4, record.seconds);
  update.bind(5, static_cast<std::int64_t>(record.tries)).bind(6, number_of(record.run)).run();
  connection_->changing(record.run);
  append(record.run, rows, arrays);
}

}  // namespace crosstalk::store
