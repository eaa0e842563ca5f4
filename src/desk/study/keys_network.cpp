#include "base/layer_line.hpp"
#include "base/observation_layers.hpp"
#include "base/vocabulary.hpp"
#include "study/datasets.hpp"
#include "study/keys.hpp"

namespace crosstalk::study {
namespace {

std::string layer_in_one_form(const std::string& text) {
  return text == by_observation ? text : to_string(read_layer_line(text));
}

/// Images, and tables of your own, which may hold some.
Condition for_images() {
  std::vector<std::string> families = image_families();
  families.push_back("own-table");
  return {"task.dataset", families, "for images"};
}

}  // namespace

std::vector<Key> network_keys() {
  const Condition network{"learner.approximation", {"network"}};
  const Json usual = {std::string(by_observation)};
  const Condition no_layers{"network.layers", {"[]"}, "without network.layers, which says every layer"};
  return {
      {.name = "network.hidden",
       .type = Type::integer,
       .help = "Capacity (nh): units of a hidden layer, or channels of the first convolution.",
       .fallback = 16,
       .by_condition = {{"sarcos", 64}, {"california", 64}, {"own-table", 64}},
       .counts = {network, no_layers},
       .least = 1,
       .most = 65536},
      {.name = "network.depth",
       .type = Type::integer,
       .help = "Extra layers (nl): convolutions for images, linear ones otherwise.",
       .fallback = 1,
       .by_condition = {{"california", 2}},
       .counts = {network, no_layers},
       .least = 0,
       .most = 1000},
      {.name = "network.head",
       .type = Type::integer,
       .help = "The layer before the output has head x hidden units.",
       .fallback = 1,
       .by_condition = {{"windowed", 4}, {"digits", 4}, {"svhn", 4}, {"own-images", 4}},
       .counts = {for_images(), no_layers},
       .allowed_counts = {1, 4}},
      {.name = "network.layers",
       .type = Type::texts,
       .help =
           "The layers one by one, as in [\"conv 16 5 stride 2\", \"tanh\", \"flatten\", \"linear out\"]. "
           "\"dueling\" in place of \"linear\" is two streams, \"noisy 0.1\" behind either noise of that "
           "spread. "
           "[]: the paper's network from hidden, depth and head. [\"by-observation\"]: a default "
           "network for vectors, for images of 10 x 10 and for images of 84 x 84; for rainbow with noisy "
           "dueling streams, for pqn with layer norms.",
       .fallback = Json::array(),
       .by_condition = {{"gym:", usual},
                        {"minatar:", usual},
                        {"atari:", usual},
                        {"rainbow", usual},
                        {"pqn", usual},
                        {"stored", usual}},
       .counts = {network},
       .one_form = layer_in_one_form},
      {.name = "network.initialisation",
       .type = Type::text,
       .help = "Glorot's uniform distribution for linear layers (and PyTorch's default for "
               "convolutions), Glorot's for all layers, or PyTorch's default for all.",
       .fallback = "linear-glorot",
       .by_condition = {{"windowed", "glorot"}, {"stored", "glorot"}},
       .counts = {network},
       .allowed = words_of(initialisations)},
  };
}

}  // namespace crosstalk::study
