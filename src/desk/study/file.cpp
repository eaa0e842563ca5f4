#include "study/file.hpp"

#include <algorithm>

#include "study/claim.hpp"
#include "study/layer.hpp"
#include "study/nearest.hpp"
#include "study/toml.hpp"
#include "study/words.hpp"

namespace crosstalk::study {
namespace {

bool contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// Walks the entries of one layer (the file's top, or a scale's table).
class LayerReader {
 public:
  LayerReader(std::string file, std::string scale, Layer& layer, Problems& problems)
      : file_(std::move(file)), scale_(std::move(scale)), layer_(layer), problems_(problems) {}

  Place at(int line) const { return {file_, line, scale_}; }

  /// Reads an entry that may stand in any layer.
  void read(const TomlEntry& entry) {
    if (entry.name == "seeds" && !entry.is_table)
      return add_seeds(layer_, entry.value, at(entry.line), problems_);
    if (entry.name == "sweep") {
      if (entry.is_table) return read_keys(entry, "", true);
      return problems_.add(at(entry.line),
                           "sweep is a table of lists: [sweep], then \"network.hidden\" = [8, 16]");
    }
    const std::string table = entry.name.substr(0, entry.name.find('.'));
    if (entry.is_table ? contains(tables(), entry.name) : contains(tables(), table) && table != entry.name)
      return entry.is_table ? read_keys(entry, entry.name + ".", false) : read_key(entry, entry.name, false);
    unknown(entry);
  }

 private:
  void read_keys(const TomlEntry& table, const std::string& prefix, bool sweep) {
    for (const TomlEntry& entry : table.entries) {
      const std::string name = prefix + entry.name;
      if (sweep && name == "seeds")
        problems_.add(at(entry.line),
                      "seeds stands at the top of the file, not under [sweep]; every configuration "
                      "runs with each of them");
      else if (!entry.is_table)
        read_key(entry, name, sweep);
      else if (const Key* key = find_key(name))
        problems_.add(at(entry.line), name + " is a table, where " + expectation(*key) + " is expected");
      else if (sweep && contains(tables(), name))
        read_keys(entry, name + ".", sweep);
      else
        problems_.add(at(entry.line), unknown_key(name));
    }
  }

  void read_key(const TomlEntry& entry, const std::string& name, bool sweep) {
    const Key* key = find_key(name);
    if (key == nullptr) return problems_.add(at(entry.line), unknown_key(name));
    if (sweep)
      add_axis(layer_, *key, entry.value, at(entry.line), problems_);
    else
      add_value(layer_, *key, entry.value, at(entry.line), problems_);
  }

  void unknown(const TomlEntry& entry) {
    if (!scale_.empty() && contains({"title", "description", "default-scale", "scale", "claim"}, entry.name))
      return problems_.add(at(entry.line), entry.name + " belongs to the top of the file, not into a scale");
    if (!entry.is_table) {
      if (contains(tables(), entry.name))
        return problems_.add(at(entry.line), entry.name + " is a table: [" + entry.name + "], then its keys");
      const std::string near = nearest(entry.name, top_words());
      return problems_.add(at(entry.line),
                           near.empty() ? unknown_key(entry.name)
                                        : cut(entry.name) + " is not a key; did you mean " + near + "?");
    }
    std::vector<std::string> names = tables();
    names.push_back("sweep");
    if (scale_.empty()) names.push_back("scale");
    std::string near = nearest(entry.name, names);
    std::string list;
    for (const std::string& name : names)
      list += (list.empty() ? "[" : ", [") + name + (name == "scale" ? ".NAME]" : "]");
    problems_.add(at(entry.line),
                  "[" + std::string(scale_.empty() ? "" : "scale." + scale_ + ".") + cut(entry.name) +
                      "] is not a table of a study" +
                      (near.empty() ? "; there are " + list : "; did you mean [" + near + "]?"));
  }

  std::vector<std::string> top_words() const {
    if (!scale_.empty()) return {"seeds", "include"};
    return {"seeds", "title", "description", "include", "default-scale"};
  }

  std::string file_, scale_;
  Layer& layer_;
  Problems& problems_;
};

constexpr std::size_t most_of_a_name = 64;

bool is_plain_name(const std::string& name) {
  return !name.empty() && name.size() <= most_of_a_name &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                  c == '_';
         });
}

void read_includes(const TomlEntry& entry, const Place& place, File& file, Problems& problems) {
  IncludeList& list = file.includes[place.scale];
  list.place = place;
  const bool sound = entry.value.is_array() && !entry.value.empty() &&
                     std::all_of(entry.value.begin(), entry.value.end(), [](const Json& item) {
                       if (!item.is_string()) return false;
                       const auto& path = item.get_ref<const std::string&>();
                       return !path.empty() && path.find('\0') == std::string::npos;
                     });
  if (!sound)
    return problems.add(place, "include is a list of study files: include = [\"a.toml\", \"b.toml\"]");
  if (entry.value.size() > most_files)
    return problems.add(place, "include joins " + with_commas(entry.value.size()) + " files, where at most " +
                                   with_commas(most_files) + " are expected");
  for (const Json& item : entry.value) list.files.push_back({place, item.get<std::string>()});
}

void read_scales(const TomlEntry& entry, const std::string& name, File& file, Problems& problems) {
  if (!entry.is_table)
    return problems.add({name, entry.line},
                        "scale is a table of tables: [scale.reduced], then what differs there; "
                        "which one is the default, default-scale says");
  for (const TomlEntry& scale : entry.entries) {
    if (!scale.is_table) {
      const std::string shown = "scale." + cut(scale.name);
      problems.add({name, scale.line},
                   shown + " is a table: [" + shown + "], then [" + shown + ".learner] and so on");
      continue;
    }
    if (!is_plain_name(scale.name)) {
      problems.add({name, scale.line}, "a scale's name has letters, digits, - and _ only, at most " +
                                           std::to_string(most_of_a_name) + " of them, not \"" +
                                           cut(scale.name) + "\": it becomes part of a folder's name");
      continue;
    }
    LayerReader reader(name, scale.name, file.scales[scale.name], problems);
    for (const TomlEntry& inner : scale.entries) {
      if (inner.name == "include" && !inner.is_table)
        read_includes(inner, reader.at(inner.line), file, problems);
      else
        reader.read(inner);
    }
  }
}

void read_text(const TomlEntry& entry, const std::string& name, std::string& text, Problems& problems) {
  if (entry.value.is_string())
    text = entry.value.get<std::string>();
  else
    problems.add({name, entry.line}, entry.name + " is a text in quotes");
}

}  // namespace

const IncludeList* File::joined_at(const std::string& scale) const {
  auto found = includes.find(scale);
  if (found == includes.end()) found = includes.find("");
  return found == includes.end() ? nullptr : &found->second;
}

File parse_file(const std::string& text, const std::string& name, Problems& problems) {
  File file;
  const TomlDocument document = parse_toml(text);
  if (document.fault) {
    file.broken = true;
    const int column = document.fault->column;
    problems.add({name, document.fault->line},
                 (column > 0 ? "column " + std::to_string(column) + ": " : "") + document.fault->message);
    return file;
  }
  LayerReader reader(name, "", file.base, problems);
  for (const TomlEntry& entry : document.entries) {
    if (entry.name == "title") {
      read_text(entry, name, file.title, problems);
    } else if (entry.name == "description") {
      read_text(entry, name, file.description, problems);
    } else if (entry.name == "default-scale") {
      file.default_scale_place = {name, entry.line};
      read_text(entry, name, file.default_scale.emplace(), problems);
    } else if (entry.name == "include") {
      read_includes(entry, {name, entry.line}, file, problems);
    } else if (entry.name == "claim") {
      read_claims(entry, name, file.claims, problems);
    } else if (entry.name == "scale") {
      read_scales(entry, name, file, problems);
    } else {
      reader.read(entry);
    }
  }
  return file;
}

}  // namespace crosstalk::study
