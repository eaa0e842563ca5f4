#include "work/worker.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/error.hpp"
#include "base/message.hpp"

namespace crosstalk::work {
namespace {

constexpr std::size_t largest_frame = std::size_t{1} << 30;
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
  std::vector<Json> messages;
  std::size_t at = 0;
  while (buffer_.size() - at >= 4) {
    std::size_t length = 0;
    for (int i = 0; i < 4; ++i) length |= std::size_t{static_cast<unsigned char>(buffer_[at + i])} << (8 * i);
    if (length > largest_frame) throw Error(ErrorKind::environment, "it sent something that is no message");
    if (buffer_.size() - at - 4 < length) break;
    const auto begin = buffer_.begin() + static_cast<std::ptrdiff_t>(at + 4);
    Json message = Json::from_cbor(begin, begin + static_cast<std::ptrdiff_t>(length), true, false);
    if (!message.is_object()) throw Error(ErrorKind::environment, "it sent something that is no message");
    messages.push_back(std::move(message));
    at += 4 + length;
  }
  buffer_.erase(0, at);
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
