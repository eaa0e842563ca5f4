#include "study/reading.hpp"

#include <algorithm>
#include <set>

#include "base/error.hpp"
#include "study/datasets.hpp"
#include "study/identity.hpp"
#include "study/layer.hpp"
#include "study/nearest.hpp"
#include "study/own_class.hpp"
#include "study/toml_limits.hpp"
#include "study/words.hpp"

namespace crosstalk::study {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_of_a_path = 150;  // in a message

/// A file with those it includes at its scale.
struct Tree {
  std::string path;  // relative to the study file's folder
  std::string shown;
  std::string scale;  // as chosen, or the outermost default; empty: none
  File file;
  std::vector<Tree> included;
};

class TreeReader {
 public:
  TreeReader(fs::path shown_folder, const Reader& reader, Problems& problems)
      : shown_folder_(std::move(shown_folder)), reader_(reader), problems_(problems) {}

  Tree read(const std::string& path, const std::string& scale, const Place& asked) {
    Tree tree{
        path, cut((shown_folder_ / path).lexically_normal().generic_string(), most_of_a_path), scale, {}, {}};
    std::string text;
    if (++read_ > most_files) {
      problems_.add(asked, "include joins more than " + with_commas(most_files) + " files; join fewer");
      tree.file.broken = true;
      return tree;
    }
    try {
      text = reader_(path);
    } catch (const Error& error) {
      problems_.add(asked.said() ? asked : Place{tree.shown},
                    asked.said() ? "include: " + tree.shown + ": " + error.what() : error.what());
      tree.file.broken = true;
      return tree;
    }
    if (std::none_of(texts_.begin(), texts_.end(),
                     [&](const SourceFile& known) { return known.path == path; }))
      texts_.push_back({path, text});
    bytes_ += text.size();
    if (bytes_ > most_bytes) {
      problems_.add({tree.shown}, "this study's files have more than " + with_commas(most_bytes) +
                                      " bytes together, each counted as often as it is joined");
      tree.file.broken = true;
      return tree;
    }
    tree.file = parse_file(text, tree.shown, problems_);
    rebase_own_files(tree);
    if (tree.scale.empty()) tree.scale = tree.file.default_scale.value_or("");
    if (const IncludeList* joined = tree.file.joined_at(tree.scale)) read_joined(tree, *joined);
    return tree;
  }

  std::vector<SourceFile> texts() { return std::move(texts_); }

 private:
  void read_joined(Tree& tree, const IncludeList& joined) {
    open_.push_back(tree.path);
    for (const Include& include : joined.files) {
      const std::string next =
          (fs::path(tree.path).parent_path() / include.path).lexically_normal().generic_string();
      if (std::find(open_.begin(), open_.end(), next) != open_.end())
        problems_.add(include.place,
                      "include of " + cut(include.path) + " goes round in a circle: " + circle(next));
      else
        tree.included.push_back(read(next, tree.scale, include.place));
    }
    open_.pop_back();
  }

  std::string circle(const std::string& back_to) const {
    std::string text;
    for (const std::string& path : open_) text += path + " -> ";
    return cut(text + back_to, most_of_a_path);
  }

  /// Own data, trajectories, and an environment's class, stand beside the file that names them; from the
  /// study's folder on, that is another path. Trajectories that the study makes stand beside its results.
  static void rebase_own_files(Tree& tree) {
    const fs::path folder = fs::path(tree.path).parent_path();
    if (folder.empty()) return;
    const auto moved_to = [&](const std::string& path) {
      return (folder / path).lexically_normal().generic_string();
    };
    const auto makes = [](const Layer& layer) { return layer.settings.contains("trajectories.transitions"); };
    const bool made =
        makes(tree.file.base) || std::any_of(tree.file.scales.begin(), tree.file.scales.end(),
                                             [&](const auto& scale) { return makes(scale.second); });
    const auto rebase = [&](Layer& layer) {
      if (const auto named = layer.settings.find("task.environment"); named != layer.settings.end())
        for (Json& value : named->second.values)
          if (auto own = own_class(value.get<std::string>()); own && !fs::path(own->path).is_absolute())
            value = OwnClass{moved_to(own->path), own->name}.environment();
      if (const auto named = layer.settings.find("task.trajectories"); !made && named != layer.settings.end())
        for (Json& value : named->second.values)
          if (const std::string path = value.get<std::string>(); !fs::path(path).is_absolute())
            value = moved_to(path);
      const auto found = layer.settings.find("task.dataset");
      if (found == layer.settings.end()) return;
      for (Json& value : found->second.values) {
        const std::string text = value.get<std::string>();
        if (!is_own(family_of(text)) || fs::path(text).is_absolute()) continue;
        const std::string moved = moved_to(text);
        value = moved.find('/') == std::string::npos ? "./" + moved : moved;  // a folder keeps its /
      }
    };
    rebase(tree.file.base);
    for (auto& [name, layer] : tree.file.scales) rebase(layer);
  }

  fs::path shown_folder_;
  const Reader& reader_;
  Problems& problems_;
  std::size_t read_ = 0, bytes_ = 0;
  std::vector<SourceFile> texts_;
  std::vector<std::string> open_;
};

void collect_scales(const Tree& tree, std::set<std::string>& names) {
  for (const auto& [name, layer] : tree.file.scales) names.insert(name);
  for (const Tree& inner : tree.included) collect_scales(inner, names);
}

std::string no_such_scale(const std::string& scale, const Tree& tree) {
  std::set<std::string> names;
  collect_scales(tree, names);
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  list = cut(list, most_of_a_path);
  const std::string near = nearest(scale, std::vector<std::string>(names.begin(), names.end()));
  return "there is no scale \"" + cut(scale) + "\"; " +
         (names.empty() ? "this study has none"
                        : "there " + std::string(names.size() > 1 ? "are " : "is ") + list) +
         (near.empty() ? "" : "; did you mean " + near + "?");
}

std::vector<std::string> experiments_below(const Tree& tree) {
  if (tree.included.empty()) return {fs::path(tree.path).stem().string()};
  std::vector<std::string> names;
  for (const Tree& inner : tree.included) {
    const std::vector<std::string> below = experiments_below(inner);
    names.insert(names.end(), below.begin(), below.end());
  }
  return names;
}

/// A file that is included twice says its claims once; a name that another file has taken gets the file's
/// before it.
void collect_claims(const Tree& tree, std::vector<Claim>& claims) {
  for (Claim claim : tree.file.claims) {
    bool known = false, taken = false;
    for (const Claim& other : claims) {
      known = known || (other.file == claim.file && other.line == claim.line);
      taken = taken || other.name == claim.name;
    }
    if (known) continue;
    if (taken) claim.name = fs::path(tree.path).stem().string() + "-" + claim.name;
    claim.experiments = experiments_below(tree);
    claims.push_back(std::move(claim));
  }
  for (const Tree& inner : tree.included) collect_claims(inner, claims);
}

bool has_scale(const Tree& tree, const std::string& scale) {
  std::set<std::string> names;
  collect_scales(tree, names);
  return names.count(scale) > 0;
}

/// The experiments below a file. Bases come before scales (a scale is always the change of a base), inner
/// files before those that include them, the options last.
class Assembly {
 public:
  Assembly(const Layer& options, std::int64_t seed_offset, Problems& problems)
      : options_(options), seed_offset_(seed_offset), problems_(problems) {}

  std::vector<Experiment> experiments(const Tree& root) {
    descend(root, {});
    return std::move(experiments_);
  }

 private:
  void descend(const Tree& tree, std::vector<const Tree*> above) {
    if (tree.file.default_scale && !has_scale(tree, *tree.file.default_scale))
      problems_.add(tree.file.default_scale_place,
                    "default-scale: " + no_such_scale(*tree.file.default_scale, tree));
    above.insert(above.begin(), &tree);
    if (tree.file.joined_at(tree.scale) != nullptr) {
      for (const Tree& inner : tree.included) descend(inner, above);
      return;
    }
    if (tree.file.broken) return;
    std::vector<const Layer*> layers;
    for (const Tree* each : above) layers.push_back(&each->file.base);
    for (const Tree* each : above)
      if (const auto found = each->file.scales.find(tree.scale); found != each->file.scales.end())
        layers.push_back(&found->second);
    layers.push_back(&options_);
    Experiment experiment = overlay(layers);
    experiment.name = fs::path(tree.path).stem().string();
    experiment.file = tree.shown;
    experiment.scale = tree.scale;
    experiment.title = tree.file.title;
    shift(experiment.seeds);
    name_once(experiment, above);
    experiments_.push_back(std::move(experiment));
  }

  void shift(Seeds& seeds) {
    constexpr auto most = static_cast<std::int64_t>(largest_seed);
    for (std::uint64_t& seed : seeds.values) {
      const auto before = static_cast<std::int64_t>(seed);
      if (seed_offset_ < -before || seed_offset_ > most - before)
        return problems_.add({"--seed-offset " + std::to_string(seed_offset_)},
                             "seed " + std::to_string(before) + " would leave the range of seeds, 0 to " +
                                 with_commas(largest_seed));
      seed = static_cast<std::uint64_t>(before + seed_offset_);
    }
  }

  void name_once(const Experiment& experiment, const std::vector<const Tree*>& above) {
    for (const Experiment& other : experiments_)
      if (other.name == experiment.name)
        problems_.add(above.back()->file.joined_at(above.back()->scale)->place,
                      "include joins " + other.file + " and " + experiment.file + ", both named " +
                          experiment.name +
                          "; an experiment is known by its file's name, so rename one or leave it out");
  }

  const Layer& options_;
  std::int64_t seed_offset_;
  Problems& problems_;
  std::vector<Experiment> experiments_;
};

/// All of a seed before the next one, so that a study that is stopped has seen every configuration once.
void add_runs(const Experiment& experiment, std::map<std::string, std::string>& owners, Study& study,
              Problems& problems) {
  const std::vector<Values> all = configurations(experiment, problems);
  if (problems.any()) return;
  study.runs.reserve(study.runs.size() + all.size() * experiment.seeds.values.size());
  std::vector<KeyValues> keys;
  std::vector<Identity> identities;
  for (const Values& values : all) {
    KeyValues::Map plain;
    for (const auto& [name, value] : values)
      if (!value.value.is_null()) plain[name] = value.value;
    identities.emplace_back(plain);
    keys.emplace_back(std::move(plain));
  }
  for (const std::uint64_t seed : experiment.seeds.values) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      Configuration run{identities[i].run_id(seed), experiment.name, seed, keys[i]};
      const auto [owner, fresh] = owners.try_emplace(run.run, experiment.name);
      if (!fresh) {
        const std::string whose = "run " + run.run + " (seed " + std::to_string(seed) + ") ";
        problems.add({experiment.file},
                     owner->second == experiment.name
                         ? whose + "stands in its sweep twice, under two names of one value; leave one out"
                         : whose + "is also one of " + owner->second +
                               "'s; a joined study holds a run once, so narrow one of the two");
        return;
      }
      study.runs.push_back(std::move(run));
    }
  }
}

std::string common_scale(const std::vector<Experiment>& experiments) {
  for (const Experiment& experiment : experiments)
    if (experiment.scale != experiments.front().scale) return "";
  return experiments.empty() ? "" : experiments.front().scale;
}

std::string shown_text(const std::vector<SourceFile>& files) {
  std::string text;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (i > 0) text += "\n# ---- " + files[i].path + " ----\n";
    text += files[i].text;
  }
  return text;
}

}  // namespace

Reading read_study(const std::string& file, const fs::path& shown_folder, const Reader& reader,
                   const LoadOptions& options) {
  Problems problems;
  TreeReader trees(shown_folder, reader, problems);
  const Tree root = trees.read(file, options.scale, {});
  const Layer option_layer = parse_options(options, problems);
  if (!options.scale.empty() && !problems.any() && !has_scale(root, options.scale))
    problems.add({root.shown}, no_such_scale(options.scale, root));
  Reading reading;
  reading.experiments = Assembly(option_layer, options.seed_offset, problems).experiments(root);
  std::set<std::string> scales;
  collect_scales(root, scales);
  reading.scales.assign(scales.begin(), scales.end());
  Study& study = reading.study;
  std::map<std::string, std::string> owners;
  std::set<std::string> swept;
  std::size_t runs = 0;
  for (const Experiment& experiment : reading.experiments)
    if (!are_few_enough(experiment, runs, problems)) problems.throw_if_any();
  const bool parsed = !problems.any();
  for (const Experiment& experiment : reading.experiments) {
    if (parsed)
      add_runs(experiment, owners, study, problems);
    else
      configurations(experiment, problems);  // contradictions are told together with what else is wrong
    for (const std::string& name : axes(experiment)) swept.insert(name);
  }
  problems.throw_if_any();
  study.name = fs::path(file).stem().string();
  if (study.name.empty() || study.name == "." || study.name == "..")
    throw Error(ErrorKind::config, root.shown + ": a study has its file's name without its ending, and \"" +
                                       study.name + "\" can be no folder's; rename the file");
  study.title = root.file.title;
  study.description = root.file.description;
  study.scale = options.scale.empty() ? common_scale(reading.experiments) : options.scale;
  collect_claims(root, study.claims);
  study.files = trees.texts();
  study.text = shown_text(study.files);
  study.swept.assign(swept.begin(), swept.end());
  study.options = options;
  return reading;
}

}  // namespace crosstalk::study
