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
      {.name = "runtime.memory",
       .type = Type::integer,
       .help = "MiB that a measurement may take for its Gram matrices and what they are made from; where one "
               "pass over all samples takes more, they are made in blocks, and the last bits may differ.",
       .fallback = 1024,
       .least = 64,
       .most = 1 << 20},
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
