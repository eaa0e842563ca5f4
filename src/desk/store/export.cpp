#include "store/export.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "store/axes.hpp"

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

/// A decimal number, of either sign: "-0.5", "+1e-3".
bool is_number(std::string_view text) {
  if (text.find_first_not_of("0123456789.eE+-") != std::string_view::npos) return false;
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  double value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  return read.ec != std::errc::invalid_argument && read.ptr == text.data() + text.size();
}

/// Whether a spreadsheet would compute the text, or whether it looks like one that was kept from being
/// computed: reading back must be able to tell. The last four are the signs that East Asian keyboards have.
bool is_formula(std::string_view text) {
  const std::size_t first = text.find_first_not_of('\'');
  if (first == std::string_view::npos || is_number(text)) return false;
  const std::string_view rest = text.substr(first);
  if (std::string_view("=+-@\t\r\n").find(rest.front()) != std::string_view::npos) return true;
  return rest.starts_with("\uFF1D") || rest.starts_with("\uFF0B") || rest.starts_with("\uFF0D") ||
         rest.starts_with("\uFF20");
}

}  // namespace

std::string csv_field(std::string_view text, Texts texts) {
  const std::string guard = texts == Texts::guarded && is_formula(text) ? "'" : "";
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return guard + std::string(text);
  std::string quoted = '"' + guard;
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

namespace {

/// What stands in each row of a run before the step and behind the value.
struct Ends {
  std::string before, after;
};

std::map<std::string, Ends> ends_of(const Store& store, const std::vector<std::string>& swept, Texts texts) {
  std::map<std::string, Ends> ends;
  for (const RunRecord& record : store.runs()) {
    Ends& end = ends[record.run];
    end.before = csv_field(record.run, texts) + ',' + csv_field(record.experiment, texts) + ',';
    add_number(end.before, record.seed);
    end.before += ',';
    for (const std::string& key : swept) {
      const auto value = record.configuration->find(key);
      end.after += ',';
      if (value != record.configuration->end()) end.after += csv_field(csv_value(*value), texts);
    }
    end.after += '\n';
  }
  return ends;
}

std::string heading(std::string columns, const std::vector<std::string>& swept, Texts texts) {
  for (const std::string& key : swept) columns += ',' + csv_field(key, texts);
  return columns + '\n';
}

/// Hands on what has come together, once it is enough.
void hand_on(std::string& out, const std::function<void(std::string_view)>& write) {
  if (out.size() < piece) return;
  write(out);
  out.clear();
}

/// The cells of an array's axes at the place that is the `at`-th value, row-major.
std::string cells_at(const std::vector<Axis>& axes, const Array& array, std::int64_t at, std::size_t most,
                     Texts texts) {
  std::vector<std::string> cells(most);
  for (std::size_t i = axes.size(); i-- > 0; at /= array.shape[i])
    cells[i] = csv_field(csv_value(label_at(axes[i], at % array.shape[i])), texts);
  std::string text;
  for (const std::string& cell : cells) text += cell + ',';
  return text;
}

std::size_t most_axes(const Store& store) {
  std::size_t most = 0;
  for (const ArrayForm& form : store.array_forms()) most = std::max(most, form.shape.size());
  return most;
}

/// Each run with each name that its arrays have.
std::set<std::pair<std::string, std::string>> arrays_of(const Store& store) {
  std::set<std::pair<std::string, std::string>> arrays;
  for (const ArrayForm& form : store.array_forms()) arrays.emplace(form.run, form.name);
  return arrays;
}

/// The narrowest type that all values seen so far are of.
class Narrowest {
 public:
  void add(const Json& value) {
    if (value.is_null()) return;
    integers_ = integers_ && value.is_number_integer();
    numbers_ = numbers_ && value.is_number();
  }
  const char* name() const { return integers_ ? "integer" : numbers_ ? "number" : "text"; }

 private:
  bool integers_ = true, numbers_ = true;
};

Json column(const std::string& name, const char* type) { return Json::array({name, type}); }

Json first_columns(const char* what) {
  return Json::array({column("run", "text"), column("experiment", "text"), column("seed", "integer"),
                      column("step", "integer"), column(what, "text"), column("split", "text")});
}

void add_swept(const Store& store, const std::vector<std::string>& swept, Json& columns) {
  const std::vector<RunRecord> runs = store.runs();
  for (const std::string& key : swept) {
    Narrowest type;
    for (const RunRecord& record : runs) type.add(record.configuration->value(key, Json()));
    columns.push_back(column(key, type.name()));
  }
}

}  // namespace

Json rows_columns(const Store& store, const std::vector<std::string>& swept) {
  Json columns = first_columns("measure");
  columns.push_back(column("value", "number"));
  add_swept(store, swept, columns);
  return columns;
}

Json arrays_columns(const Store& store, const std::vector<std::string>& swept) {
  std::vector<Narrowest> types(most_axes(store));
  for (const auto& [run, name] : arrays_of(store)) {
    for (const Array& array : store.arrays(run, name)) {
      const std::vector<Axis> axes = axes_of(array);
      for (std::size_t i = 0; i < axes.size(); ++i)
        for (const Json& label : axes[i].labels) types[i].add(label);
    }
  }
  Json columns = first_columns("array");
  for (std::size_t i = 0; i < types.size(); ++i)
    columns.push_back(column("axis_" + std::to_string(i), types[i].name()));
  columns.push_back(column("value", "number"));
  add_swept(store, swept, columns);
  return columns;
}

void export_csv(const Store& store, const std::vector<std::string>& swept,
                const std::function<void(std::string_view)>& write, Texts texts) {
  std::string out = heading("run,experiment,seed,step,measure,split,value", swept, texts);
  const std::map<std::string, Ends> ends = ends_of(store, swept, texts);
  store.rows([&](const StoredRow& stored) {
    const Ends& end = ends.at(stored.run);
    out += end.before;
    add_number(out, stored.row.step);
    out += ',' + csv_field(stored.row.measure, texts) + ',' + csv_field(stored.row.split, texts) + ',';
    add_value(out, stored.row.value);
    out += end.after;
    hand_on(out, write);
  });
  write(out);
}

void export_arrays_csv(const Store& store, const std::vector<std::string>& swept,
                       const std::function<void(std::string_view)>& write, Texts texts) {
  const std::size_t most = most_axes(store);
  std::string columns = "run,experiment,seed,step,array,split";
  for (std::size_t i = 0; i < most; ++i) columns += ",axis_" + std::to_string(i);
  std::string out = heading(columns + ",value", swept, texts);
  const std::map<std::string, Ends> ends = ends_of(store, swept, texts);
  for (const auto& [run, name] : arrays_of(store)) {
    const Ends& end = ends.at(run);
    for (const Array& array : store.arrays(run, name)) {
      const std::vector<Axis> axes = axes_of(array);
      std::string before = end.before;
      add_number(before, array.step);
      before += ',' + csv_field(array.name, texts) + ',' + csv_field(array.split, texts) + ',';
      for (std::int64_t at = 0; at < std::ssize(array.values); ++at) {
        out += before + cells_at(axes, array, at, most, texts);
        add_value(out, array.values[static_cast<std::size_t>(at)]);
        out += end.after;
        hand_on(out, write);
      }
    }
  }
  write(out);
}

}  // namespace crosstalk::store
