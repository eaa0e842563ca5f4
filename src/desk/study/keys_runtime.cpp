#include "base/vocabulary.hpp"
#include "study/keys.hpp"

namespace crosstalk::study {

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
       .allowed = words_of(precisions)},
      {.name = "runtime.device",
       .type = Type::text,
       .help = "Where tensors live.",
       .fallback = "cpu",
       .allowed = words_of(devices)},
  };
}

}  // namespace crosstalk::study
