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
       .help = "MiB for the Gram matrices of a measurement and for computing them. If one pass over all "
               "samples needs more, they are computed in blocks, and the last bits may differ.",
       .fallback = 1024,
       .least = 64,
       .most = 1 << 20},
      {.name = "runtime.precision",
       .type = Type::text,
       .help = "The precision of the parameters and of all arithmetic.",
       .fallback = "single",
       .allowed = words_of(precisions)},
      {.name = "runtime.device",
       .type = Type::text,
       .help = "The device of all tensors.",
       .fallback = "cpu",
       .allowed = words_of(devices)},
  };
}

}  // namespace crosstalk::study
