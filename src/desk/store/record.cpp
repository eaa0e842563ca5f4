#include "store/record.hpp"

#include <array>

#include "base/text.hpp"

namespace crosstalk::store {
namespace {

enum class FieldType { text, texts, number, object, objects, claims };

bool is_all(const Json& list, bool (*is)(const Json&)) {
  return list.is_structured() && std::all_of(list.begin(), list.end(), is);
}

bool is_text(const Json& value) { return value.is_string(); }

/// Facts of one thing: the fields that are read as text are text.
bool is_described(const Json& value) {
  if (!value.is_object()) return false;
  for (const char* field : {"dataset", "sha256", "request", "file", "host", "torch", "isa", "crosstalk",
                            "arithmetic", "gpu", "packages"}) {
    if (value.contains(field) && !value[field].is_string()) return false;
  }
  return true;
}

bool is_claim(const Json& claim) {
  if (!claim.is_object()) return false;
  for (const char* field : {"sentence", "rule"}) {
    if (!claim.contains(field) || !claim[field].is_string()) return false;
  }
  if (claim.contains("recorded") && !claim["recorded"].is_string()) return false;
  for (const char* field : {"begun", "done", "runs"}) {
    if (claim.contains(field) && !claim[field].is_number_integer()) return false;
  }
  return true;
}

bool is(FieldType type, const Json& value) {
  switch (type) {
    case FieldType::text:
      return value.is_string();
    case FieldType::texts:
      return value.is_array() && is_all(value, is_text);
    case FieldType::number:
      return value.is_number();
    case FieldType::object:
      return value.is_object();
    case FieldType::objects:
      return is_all(value, is_described);
    case FieldType::claims:
      return value.is_array() && is_all(value, is_claim);
  }
  return false;
}

struct Field {
  const char* name;
  FieldType type;
};
constexpr std::array fields{Field{"name", FieldType::text},        Field{"title", FieldType::text},
                            Field{"scale", FieldType::text},       Field{"text", FieldType::text},
                            Field{"created", FieldType::text},     Field{"crosstalk", FieldType::text},
                            Field{"schema", FieldType::number},    Field{"swept", FieldType::texts},
                            Field{"options", FieldType::object},   Field{"data", FieldType::objects},
                            Field{"data_folder", FieldType::text}, Field{"claims", FieldType::claims}};

Json parsed(const Statement& record, int column, const Database& database, const char* what) {
  Json json = read_json(record.text(column));
  if (json.is_discarded())
    database.damaged("the " + std::string(what) + " of run " + cut(record.text(0)) + " cannot be read");
  return json;
}

}  // namespace

Json checked_study(Json study, const Database& database) {
  if (study.is_null()) return study;
  if (!study.is_object()) database.damaged("the study's own text is no record of a study");
  for (const Field& field : fields) {
    const auto value = study.find(field.name);
    if (value == study.end() || value->is_null() || is(field.type, *value)) continue;
    database.damaged(std::string("the study's ") + field.name + " is not what it should be");
  }
  // What is null is as if it were not there; a data folder alone is told apart.
  for (const Field& field : fields) {
    if (study.contains(field.name) && study[field.name].is_null() &&
        std::string_view(field.name) != "data_folder")
      study.erase(field.name);
  }
  return study;
}

RunRecord record_of(const Statement& record, const Database& database, Configurations& configurations) {
  const auto [shared, is_new] = configurations.try_emplace(std::string(record.text(3)));
  if (is_new) shared->second = parsed(record, 3, database, "configuration");
  RunRecord run{.run = std::string(record.text(0)),
                .experiment = std::string(record.text(1)),
                .seed = static_cast<std::uint64_t>(record.integer(2)),
                .configuration = shared->second,
                .status = static_cast<Status>(record.integer(4)),
                .named = record.integer(5) != 0,
                .message = std::string(record.text(6)),
                .machine = parsed(record, 7, database, "machine"),
                .seconds = record.number(8),
                .tries = static_cast<int>(record.integer(9)),
                .place = record.integer(10)};
  const bool sound = run.configuration->is_object() && run.status >= Status::pending &&
                     run.status <= Status::failed && (run.machine.is_null() || is_described(run.machine)) &&
                     is_readable(run.run) && is_readable(run.experiment) && is_readable(run.message);
  if (!sound) database.damaged("the record of run " + cut(run.run) + " is not what it should be");
  return run;
}

std::string damage_of_record(const Statement& record, bool keeps_contents) {
  try {
    if (record.is_null(record_stated)) return keeps_contents ? "there is no digest of its contents" : "";
    const std::optional<Stated> stated = stated_from(record.text(record_stated));
    if (!stated) return "the digest of its contents cannot be read";
    return stated->record == digest_of_record(record) ? "" : "its record is not what was stored";
  } catch (const Error&) {
    return "its record cannot be read";
  }
}

}  // namespace crosstalk::store
