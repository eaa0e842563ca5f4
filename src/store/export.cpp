#include "store/export.hpp"

#include <charconv>
#include <map>

namespace crosstalk::store {
namespace {

constexpr std::size_t piece = std::size_t{1} << 16;

template <typename Number>
void add_number(std::string& out, Number number) {
  char text[32];
  out.append(text, std::to_chars(text, text + sizeof text, number).ptr);
}

void add_value(std::string& out, double value) {
  if (value != value) {
    out += "nan";  // whatever its sign
  } else {
    add_number(out, value);
  }
}

}  // namespace

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string csv_value(const Json& value) {
  if (value.is_null()) return "";
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_number_float()) return value.dump();
  std::string text;
  add_value(text, value.get<double>());
  return text;
}

void export_csv(const Store& store, const std::vector<std::string>& swept,
                const std::function<void(std::string_view)>& write) {
  std::string out = "run,experiment,seed,step,measure,split,value";
  for (const std::string& key : swept) out += ',' + csv_field(key);
  out += '\n';

  struct Ends {
    std::string before, after;  // what stands in each row of the run before the step and behind the value
  };
  std::map<std::string, Ends> ends;
  for (const RunRecord& record : store.runs()) {
    Ends& end = ends[record.run];
    end.before = csv_field(record.run) + ',' + csv_field(record.experiment) + ',';
    add_number(end.before, record.seed);
    end.before += ',';
    for (const std::string& key : swept) {
      const auto value = record.configuration.find(key);
      end.after += ',';
      if (value != record.configuration.end()) end.after += csv_field(csv_value(*value));
    }
    end.after += '\n';
  }

  store.rows([&](const StoredRow& stored) {
    const Ends& end = ends.at(stored.run);
    out += end.before;
    add_number(out, stored.row.step);
    out += ',' + csv_field(stored.row.measure) + ',' + csv_field(stored.row.split) + ',';
    add_value(out, stored.row.value);
    out += end.after;
    if (out.size() < piece) return;
    write(out);
    out.clear();
  });
  write(out);
}

}  // namespace crosstalk::store
