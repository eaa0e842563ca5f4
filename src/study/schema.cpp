#include "study/schema.hpp"

#include <algorithm>

namespace crosstalk::study {
namespace {

struct KnownMeasure {
  const char* name;
  std::string_view only;  // the kind of task that alone it fits, or empty
};
constexpr KnownMeasure known_measures[] = {
#define MEASURE(name, kind) {#name, kind},
#include "base/measures.def"
#undef MEASURE
};

std::vector<std::string> all_measures() {
  std::vector<std::string> names;
  for (const KnownMeasure& measure : known_measures) names.emplace_back(measure.name);
  return names;
}

Json measures_for(std::string_view kind) {
  Json names = Json::array();
  for (const KnownMeasure& measure : known_measures) {
    if (measure.only.empty() || measure.only == kind) names.push_back(measure.name);
  }
  return names;
}

struct KnownDataset {
  std::string_view name, kind;
  bool images;
};
/// One line a data set that is known by name; python/crosstalk/data/sets reads it.
constexpr KnownDataset known_datasets[] = {
    {"digits", "classify", true},
    {"california", "regress", false},
    {"sarcos", "regress", false},
    {"cifar10", "classify", true},
    {"svhn", "classify", true},
};

std::map<std::string, Json> kinds() {
  std::map<std::string, Json> by_family = {{"own-table", "regress"}};
  for (const KnownDataset& known : known_datasets)
    if (known.kind == "regress") by_family.emplace(known.name, known.kind);
  return by_family;
}

std::vector<Key> task_keys() {
  return {
      {.name = "task.dataset",
       .type = Type::dataset,
       .help = "The data: digits, california, sarcos, cifar10, svhn, or a path of your own: FILE.csv, "
               "FILE.npz or "
               "./FOLDER with train/CLASS/*.png and test/CLASS/*.png.",
       .fallback = nullptr},
      {.name = "task.kind",
       .type = Type::text,
       .help = "Whether to predict a class or numbers; only a .csv or .npz leaves the choice.",
       .fallback = "classify",
       .by_family = kinds(),
       .allowed = {"classify", "regress"}},
      {.name = "task.examples",
       .type = Type::count_or_all,
       .help = "How many training rows to learn from (nT), or \"all\".",
       .fallback = "all",
       .least = 1,
       .most = 1e9},
      {.name = "task.subset",
       .type = Type::text,
       .help = "Which training rows: the first, as published, or a draw at random for each seed.",
       .fallback = "first",
       .allowed = {"first", "random"}},
      {.name = "task.source",
       .type = Type::text,
       .help = "sarcos only: \"test-file\" splits the official test file where the training file is missing.",
       .fallback = "files",
       .allowed = {"files", "test-file"}},
      {.name = "task.train-rows",
       .type = Type::integer,
       .help = "With task.source = \"test-file\": the first so many rows train, the rest test.",
       .fallback = 3560,
       .least = 1,
       .most = 4448},
      {.name = "task.target",
       .type = Type::text,
       .help = "The column of a .csv that is to be predicted.",
       .fallback = ""},
      {.name = "task.test-share",
       .type = Type::number,
       .help = "The share of your own data that becomes the test set where it has none.",
       .fallback = 0.2,
       .least = 0,
       .most = 1,
       .least_excluded = true,
       .most_excluded = true},
      {.name = "task.normalise",
       .type = Type::text,
       .help =
           "\"global\": one minimum and maximum over all training inputs, one over the targets, to [0, 1]; "
           "\"per-feature\": mean and deviation of the training rows.",
       .fallback = "none",
       .by_family = {{"california", "global"}, {"own-table", "per-feature"}},
       .allowed = {"none", "global", "per-feature"}},
  };
}

std::vector<Key> network_keys() {
  return {
      {.name = "network.hidden",
       .type = Type::integer,
       .help = "Capacity (nh): units of a hidden layer; channels of the first convolution.",
       .fallback = 16,
       .by_family = {{"sarcos", 64}, {"california", 64}, {"own-table", 64}},
       .least = 1,
       .most = 65536},
      {.name = "network.depth",
       .type = Type::integer,
       .help = "Extra layers (nl): convolutions for images, linear ones otherwise.",
       .fallback = 1,
       .by_family = {{"california", 2}},
       .least = 0,
       .most = 1000},
      {.name = "network.head",
       .type = Type::integer,
       .help = "Images: the layer before the output has head x hidden units.",
       .fallback = 1,
       .by_family = {{"digits", 4}, {"svhn", 4}, {"own-images", 4}},
       .allowed_counts = {1, 4}},
      {.name = "network.layers",
       .type = Type::texts,
       .help =
           "Layers one by one, as [\"conv 16 5 stride 2\", \"tanh\", \"flatten\", \"linear out\"]; [] is the "
           "paper's shape by hidden, depth and head.",
       .fallback = Json::array()},
      {.name = "network.initialisation",
       .type = Type::text,
       .help = "Glorot's uniform for linear layers (convolutions as PyTorch has them), for all layers, or "
               "PyTorch's "
               "own.",
       .fallback = "linear-glorot",
       .allowed = {"linear-glorot", "glorot", "pytorch"}},
  };
}

std::vector<Key> learner_keys() {
  return {
      {.name = "learner.loss",
       .type = Type::text,
       .help = "Cross-entropy for classes, squared error (mean over the outputs) for numbers.",
       .fallback = "cross-entropy",
       .by_family = {{"regress", "squared-error"}},
       .allowed = {"cross-entropy", "squared-error"}},
      {.name = "learner.reduction",
       .type = Type::text,
       .help = "How the loss goes over the batch.",
       .fallback = "mean",
       .by_family = {{"sarcos", "sum"}},
       .allowed = {"mean", "sum"}},
      {.name = "learner.targets",
       .type = Type::text,
       .help = "\"broadcast\" repeats a published mistake: predictions (n, 1) minus targets (n) give n x n "
               "errors.",
       .fallback = "separate",
       .allowed = {"separate", "broadcast"}},
      {.name = "learner.updates",
       .type = Type::integer,
       .help = "How many updates a run makes.",
       .fallback = 1000,
       .by_family = {{"sarcos", 5000}},
       .least = 1,
       .most = 1e9},
      {.name = "learner.batch",
       .type = Type::integer,
       .help = "Rows of a minibatch, drawn with replacement.",
       .fallback = 32,
       .least = 1,
       .most = 1e6},
      {.name = "learner.optimizer",
       .type = Type::text,
       .help = "The rule of an update, with PyTorch's definitions.",
       .fallback = "adam",
       .allowed = {"adam", "sgd", "momentum", "rmsprop"}},
      {.name = "learner.rate",
       .type = Type::number,
       .help = "The learning rate.",
       .fallback = 1e-3,
       .least = 0,
       .most = 1e6,
       .least_excluded = true},
      {.name = "learner.momentum",
       .type = Type::number,
       .help = "Of the optimizer \"momentum\".",
       .fallback = 0.99,
       .least = 0,
       .most = 1,
       .most_excluded = true},
      {.name = "learner.weight-decay",
       .type = Type::number,
       .help = "Times theta, added to the gradient.",
       .fallback = 0.0,
       .least = 0,
       .most = 1e6},
      {.name = "learner.beta1",
       .type = Type::number,
       .help = "Adam's decay of the mean gradient.",
       .fallback = 0.9,
       .least = 0,
       .most = 1,
       .most_excluded = true},
      {.name = "learner.beta2",
       .type = Type::number,
       .help = "Adam's decay of the squared gradient.",
       .fallback = 0.999,
       .least = 0,
       .most = 1,
       .most_excluded = true},
      {.name = "learner.alpha",
       .type = Type::number,
       .help = "RMSProp's decay of the squared gradient.",
       .fallback = 0.99,
       .least = 0,
       .most = 1,
       .most_excluded = true},
      {.name = "learner.epsilon",
       .type = Type::number,
       .help = "Added to the root in Adam and RMSProp.",
       .fallback = 1e-8,
       .least = 0,
       .most = 1e6,
       .least_excluded = true},
  };
}

std::vector<Key> probe_keys() {
  return {
      {.name = "probe.every",
       .type = Type::integer,
       .help = "Measure before the updates 0, every, 2 x every, ...",
       .fallback = 50,
       .by_family = {{"cifar10", 20}, {"sarcos", 250}, {"california", 5}},
       .least = 1,
       .most = 1e9},
      {.name = "probe.samples",
       .type = Type::integer,
       .help = "Pairs are formed among the first so many training and test rows.",
       .fallback = 96,
       .by_family = {{"sarcos", 128}, {"california", 200}, {"own-table", 128}, {"own-images", 128}},
       .least = 2,
       .most = 100000},
      {.name = "probe.function",
       .type = Type::text,
       .help = "The function whose gradients interfere: the largest output, the mean of the outputs, or the "
               "largest "
               "class probability.",
       .fallback = "max",
       .by_family = {{"regress", "mean"}},
       .allowed = {"max", "mean", "confidence"}},
      {.name = "probe.measures",
       .type = Type::texts,
       .help = "What to measure; by default all that fit the task's kind.",
       .fallback = measures_for("classify"),
       .by_family = {{"regress", measures_for("regress")}},
       .allowed = all_measures()},
  };
}

std::vector<Key> runtime_keys() {
  return {
      {.name = "runtime.threads",
       .type = Type::integer,
       .help = "Threads of one run; another number may change the last bits of a result.",
       .fallback = 1,
       .least = 1,
       .most = 1024},
      {.name = "runtime.precision",
       .type = Type::text,
       .help = "Of the parameters and all arithmetic.",
       .fallback = "single",
       .allowed = {"single", "double"}},
      {.name = "runtime.device",
       .type = Type::text,
       .help = "Where tensors live.",
       .fallback = "cpu",
       .allowed = {"cpu", "cuda"}},
  };
}

std::vector<Key> all_keys() {
  std::vector<Key> all;
  for (auto part : {task_keys(), network_keys(), learner_keys(), probe_keys(), runtime_keys()})
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace

const std::vector<Key>& keys() {
  static const std::vector<Key> table = all_keys();
  return table;
}

const Key* find_key(const std::string& name) {
  const auto found =
      std::find_if(keys().begin(), keys().end(), [&](const Key& key) { return key.name == name; });
  return found == keys().end() ? nullptr : &*found;
}

const std::vector<std::string>& tables() {
  static const std::vector<std::string> names = {"task", "network", "learner", "probe", "runtime"};
  return names;
}

std::string family_of(const std::string& dataset) {
  for (const KnownDataset& known : known_datasets)
    if (dataset == known.name) return dataset;
  if (dataset.ends_with(".csv") || dataset.ends_with(".npz")) return "own-table";
  if (dataset.find('/') != std::string::npos) return "own-images";
  return "";
}

std::vector<std::string> known_dataset_names() {
  std::vector<std::string> names;
  for (const KnownDataset& known : known_datasets) names.emplace_back(known.name);
  return names;
}

bool is_own(const std::string& family) { return family.starts_with("own-"); }

bool is_images(const std::string& family) {
  for (const KnownDataset& known : known_datasets)
    if (family == known.name) return known.images;
  return family == "own-images";
}

Json default_of(const Key& key, const std::string& dataset, const std::string& kind) {
  for (const std::string& condition : {family_of(dataset), kind}) {
    const auto found = key.by_family.find(condition);
    if (found != key.by_family.end()) return found->second;
  }
  return key.fallback;
}

}  // namespace crosstalk::study
