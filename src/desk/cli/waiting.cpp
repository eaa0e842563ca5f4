#include "cli/waiting.hpp"

#include "cli/console.hpp"
#include "store/store.hpp"

namespace crosstalk::cli {
namespace {
constexpr double silent_seconds = 5;
}

Waiting::Waiting(std::function<bool()> goes_on) {
  store::set_wait_call([goes_on = std::move(goes_on), said = false](const std::filesystem::path& file,
                                                                    double seconds) mutable {
    if (seconds >= silent_seconds && !said) {
      remark("waiting: another program holds " + file.string());
      said = true;
    }
    return goes_on();
  });
}

Waiting::~Waiting() { store::set_wait_call(nullptr); }

}  // namespace crosstalk::cli
