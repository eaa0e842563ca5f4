#include "learn/labels.hpp"

#include "base/error.hpp"

namespace crosstalk::learn {

void Labels::aims(const data::Rows& rows, Passes&, Aims& aims) const {
  if (!rows.table->beside("label", rows.ids, aims.targets))
    throw Error(ErrorKind::config, "supervised learning needs labels, and was given rows without any");
}

void Labels::pull(const at::Tensor& output, const Aims& aims, Over over, const at::Tensor&, Pull& pull) const {
  if (over == Over::batch) {
    pull.loss = loss_.of_batch(output, aims.targets, pull.cotangent);
  } else {
    pull.losses = loss_.sample_losses(output, aims.targets);
    pull.cotangent = loss_.sample_cotangents(output, aims.targets);
  }
}

}  // namespace crosstalk::learn
