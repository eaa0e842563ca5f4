#include "work/worker.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/error.hpp"
#include "base/message.hpp"

namespace crosstalk::work {
namespace {

constexpr std::size_t largest_complaint = 1500;

}  // namespace

Worker::Worker(const Command& command) : child_(command), errors_(command.errors) {
  ::fcntl(child_.output(), F_SETFL, ::fcntl(child_.output(), F_GETFL) | O_NONBLOCK);
  mark();
}

bool Worker::send(const Json& message) {
  try {
    write_frame(child_.input(), message);
    silent_seconds_ = 0;  // its time to answer begins here
    return true;
  } catch (const Error&) {
    return false;
  }
}

std::vector<Json> Worker::receive() {
  std::array<char, 1 << 16> block;
  for (;;) {
    const ssize_t came = ::read(child_.output(), block.data(), block.size());
    if (came > 0) {
      buffer_.append(block.data(), static_cast<std::size_t>(came));
      continue;
    }
    if (came < 0 && errno == EINTR) continue;
    if (came == 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) closed_ = true;
    break;
  }
  std::vector<Json> messages = take_frames(buffer_);
  if (!messages.empty()) silent_seconds_ = 0;
  return messages;
}

void Worker::mark() {
  std::error_code missing;
  const std::uintmax_t size = std::filesystem::file_size(errors_, missing);
  marked_ = missing ? 0 : size;
}

std::string Worker::complaint() const { return tail(errors_, marked_, largest_complaint); }

}  // namespace crosstalk::work
