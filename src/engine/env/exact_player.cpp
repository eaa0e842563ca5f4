#include "env/exact_player.hpp"

#include <cstring>

namespace crosstalk::env {

ExactPlayer::ExactPlayer(std::shared_ptr<const DecisionProcess> process)
    : process_(std::move(process)),
      exact_(process_, std::make_shared<StateDrawing>(*process_, at::kDouble, at::kCPU)),
      form_{.kept = ArrayForm::Kept::whole, .extents = {process_->features}} {}

void ExactPlayer::record(std::byte* to) const {
  const std::size_t bytes = form_.bytes();
  if (exact_.state() == Branch::end) {
    std::memset(to, 0, bytes);
    return;
  }
  const std::int64_t first = exact_.state() * process_->features;
  std::memcpy(to, process_->observations.data() + first, bytes);
}

}  // namespace crosstalk::env
