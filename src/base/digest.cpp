#include "base/digest.hpp"

#include <sha2.h>
#include <sys/types.h>

#include <array>
#include <fstream>

#include "base/error.hpp"

namespace crosstalk {
namespace {

class Digest {
 public:
  Digest() { SHA256Init(&state_); }
  void add(std::string_view bytes) {
    SHA256Update(&state_, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  }
  std::string hex() {
    std::array<char, SHA256_DIGEST_STRING_LENGTH> text{};
    SHA256End(&state_, text.data());
    return text.data();
  }

 private:
  SHA2_CTX state_;
};

}  // namespace

std::string sha256(std::string_view bytes) {
  Digest digest;
  digest.add(bytes);
  return digest.hex();
}

std::string sha256_of_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::array<char, 1 << 16> block{};
  Digest digest;
  while (file.read(block.data(), block.size()) || file.gcount() > 0) {
    digest.add({block.data(), static_cast<std::size_t>(file.gcount())});
  }
  if (!file.eof()) throw Error(ErrorKind::data, path.string() + " cannot be read");
  return digest.hex();
}

}  // namespace crosstalk
