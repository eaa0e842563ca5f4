#include "tensor/safetensors.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <fstream>

#include "base/json.hpp"
#include "folder.hpp"

namespace crosstalk::tensor {
namespace {

class Safetensors : public ::testing::Test {
 protected:
  Folder folder;
  std::filesystem::path file = folder.path() / "a.safetensors";

  void write(const std::string& header, std::size_t data) {
    std::ofstream out(file, std::ios::binary);
    const std::uint64_t length = header.size();
    out.write(reinterpret_cast<const char*>(&length), 8);
    out << header << std::string(data, '\1');
  }

  std::string refusal() {
    try {
      SafetensorsFile opened(file, "Make it anew.");
      for (const std::string& name : opened.names()) opened.tensor(name);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::data);
      EXPECT_NE(std::string(error.what()).find(file.string()), std::string::npos) << error.what();
      EXPECT_NE(std::string(error.what()).find("Make it anew."), std::string::npos) << error.what();
      return error.what();
    }
    return "";
  }
};

TEST_F(Safetensors, come_back_as_they_were_written) {
  const std::map<std::string, at::Tensor> tensors = {{"bytes", at::arange(5, at::kByte)},
                                                     {"counts", at::arange(-3, 3, at::kLong).view({2, 3})},
                                                     {"empty", at::empty({0, 4}, at::kFloat)},
                                                     {"numbers", at::linspace(0, 1, 7, at::kFloat)},
                                                     {"one", at::scalar_tensor(0.1, at::kDouble)}};
  write_safetensors(file, tensors, {{"who", "a \"test\""}});
  const SafetensorsFile read(file);
  EXPECT_EQ(read.metadata().at("who"), "a \"test\"");
  for (const auto& [name, tensor] : tensors) {
    EXPECT_EQ(read.tensor(name).scalar_type(), tensor.scalar_type());
    EXPECT_TRUE(at::equal(read.tensor(name), tensor)) << name;
  }
  EXPECT_FALSE(std::filesystem::exists(file.string() + ".partial"));
}

TEST_F(Safetensors, are_refused_when_any_bit_is_flipped) {
  write_safetensors(file, {{"x", at::arange(6, at::kFloat)}, {"y", at::ones({2}, at::kLong)}},
                    {{"who", "a"}});
  SafetensorsFile(file).check_contents();
  std::ifstream in(file, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(in), {}};
  for (std::size_t bit = 0; bit < 8 * bytes.size(); bit += 7) {
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
    std::filesystem::remove(file);
    std::ofstream(file, std::ios::binary) << bytes;
    EXPECT_THROW(SafetensorsFile(file).check_contents(), FileError) << bit;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
  }
}

TEST_F(Safetensors, without_a_digest_are_refused_where_their_contents_are_asked_for) {
  write(R"({"x":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}})", 3);
  EXPECT_THROW(SafetensorsFile(file).check_contents(), FileError);
}

TEST_F(Safetensors, that_are_altered_while_they_are_mapped_are_noticed_and_those_removed_are_not_missed) {
  write_safetensors(file, {{"x", at::arange(6, at::kFloat)}}, {});
  const Unaltered first(file);
  first.check();
  const auto longer = file.string() + "2";
  std::filesystem::rename(file, longer);
  first.check();  // what is mapped stays
  write_safetensors(file, {{"x", at::zeros({9}, at::kFloat)}}, {});
  first.check();
  const Unaltered second(file);
  std::filesystem::permissions(file,
                               std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  second.check();
  std::fstream(file, std::ios::binary | std::ios::in | std::ios::out).seekp(-1, std::ios::end).put('\1');
  EXPECT_THROW(second.check(), FileError);
}

TEST_F(Safetensors, keep_a_tensor_alive_after_the_file_object_is_gone) {
  write_safetensors(file, {{"x", at::ones({1000}, at::kFloat)}}, {});
  const at::Tensor x = SafetensorsFile(file).tensor("x");
  EXPECT_EQ(x.sum().item<double>(), 1000);
}

TEST_F(Safetensors, that_are_not_aligned_are_copied) {
  write(
      R"({"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"x":{"dtype":"F32","shape":[2],"data_offsets":[3,11]}})",
      11);
  EXPECT_EQ(SafetensorsFile(file).tensor("x").numel(), 2);
}

TEST_F(Safetensors, are_refused_when_cut_at_any_byte) {
  write_safetensors(file, {{"x", at::ones({4}, at::kFloat)}, {"y", at::ones({2}, at::kLong)}}, {{"k", "v"}});
  const auto size = std::filesystem::file_size(file);
  for (std::uintmax_t cut = size; cut-- > 0;) {
    std::filesystem::resize_file(file, cut);
    EXPECT_NE(refusal(), "") << cut;
  }
}

TEST_F(Safetensors, are_refused_with_a_hostile_header) {
  const char* entries[] = {
      R"({"x":{"dtype":"F32","shape":[4],"data_offsets":[0,15]}})",
      R"({"x":{"dtype":"F32","shape":[4],"data_offsets":[16,0]}})",
      R"({"x":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,16]}})",
      R"({"x":{"dtype":"F32","shape":[0,281474976710656,281474976710656],"data_offsets":[0,0]},"y":{"dtype":"U8","shape":[16],"data_offsets":[0,16]}})",
      R"({"x":{"dtype":"F32","shape":[-4],"data_offsets":[0,16]}})",
      R"({"x":{"dtype":"F32","shape":[4.0],"data_offsets":[0,16]}})",
      R"({"x":{"dtype":"F32","shape":[4],"data_offsets":[0,18446744073709551616]}})",
      R"({"x":{"dtype":"F32","shape":[4],"data_offsets":[0,1000000]}})",
      R"({"x":{"dtype":"Q7","shape":[4],"data_offsets":[0,16]}})",
      R"({"x":{"dtype":7,"shape":[4],"data_offsets":[0,16]}})",
      R"({"x":[]})",
      R"([1,2])",
      R"({"x":)",
      R"({"__metadata__":{"k":1}})",
      R"({"__metadata__":[]})",
      R"({"x":{"dtype":"U8","shape":[16],"data_offsets":[0,16]},"y":{"dtype":"U8","shape":[8],"data_offsets":[8,16]}})",
      R"({"x":{"dtype":"U8","shape":[8],"data_offsets":[8,16]}})",
      R"({"x":{"dtype":"U8","shape":[8],"data_offsets":[0,8]}})"};
  for (const char* header : entries) {
    write(header, 16);
    EXPECT_NE(refusal(), "") << header;
  }
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');  // a level a stack frame?
  for (const std::string& header :
       {deep, deep.substr(0, 150'000), R"({"x":)" + deep + "}", R"({"__metadata__":)" + deep + "}",
        R"({"__metadata__":{"k":)" + deep + "}}",
        R"({"x":{"dtype":)" + deep + R"(,"shape":[4],"data_offsets":[0,16]}})",
        R"({"x":{"dtype":"F32","shape":)" + deep + R"(,"data_offsets":[0,16]}})",
        R"({"x":{"dtype":"F32","shape":[4],"data_offsets":)" + deep + "}}"}) {
    write(header, 16);
    EXPECT_NE(refusal(), "") << header.substr(0, 60);
  }
  std::ofstream(file, std::ios::binary) << std::string(64, '\xff');
  EXPECT_NE(refusal(), "");
  std::filesystem::remove(file);
  EXPECT_NE(refusal(), "");
}

TEST_F(Safetensors, that_do_not_fit_on_the_disk_leave_no_file_and_keep_the_old_one) {
  write_safetensors(file, {{"x", at::ones({4}, at::kFloat)}}, {});
  rlimit former{};
  getrlimit(RLIMIT_FSIZE, &former);
  const rlimit small{4096, former.rlim_max};
  const auto handler = signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &small);
  try {
    write_safetensors(file, {{"x", at::ones({1 << 20}, at::kFloat)}}, {});
    ADD_FAILURE() << "it was written";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::store);
    EXPECT_NE(std::string(error.what()).find("Make room"), std::string::npos) << error.what();
  }
  setrlimit(RLIMIT_FSIZE, &former);
  signal(SIGXFSZ, handler);
  EXPECT_FALSE(std::filesystem::exists(file.string() + ".partial"));
  EXPECT_EQ(SafetensorsFile(file).tensor("x").numel(), 4);
}

TEST_F(Safetensors, in_a_folder_that_is_not_there_are_an_error_of_the_store) {
  EXPECT_THROW(write_safetensors(folder.path() / "none" / "a", {{"x", at::ones({4})}}, {}), Error);
}

}  // namespace
}  // namespace crosstalk::tensor
