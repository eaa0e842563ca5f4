#include "work/machine.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "folder.hpp"

namespace crosstalk::work {
namespace {

Json machine() {
  return {{"host", "n1"},         {"torch", "2.13.0"},    {"isa", "AVX2"},
          {"arithmetic", "00aa"}, {"gpu", "NVIDIA H200"}, {"packages", "ale-py 0.12.1 + numpy 2.4.6"},
          {"crosstalk", "1"}};
}

Json with(const char* part, const char* value) {
  Json other = machine();
  other[part] = value;
  return other;
}

TEST(Machine, gives_the_same_bits_where_all_that_decides_them_is_equal) {
  EXPECT_TRUE(give_same_bits(machine(), machine()));
  EXPECT_TRUE(give_same_bits(machine(), with("host", "n2")));
  for (const char* part : {"torch", "isa", "arithmetic", "gpu", "packages", "crosstalk"}) {
    EXPECT_FALSE(give_same_bits(machine(), with(part, "other"))) << part;
    Json without = machine();
    without.erase(part);
    EXPECT_FALSE(give_same_bits(machine(), without)) << part;
    EXPECT_TRUE(give_same_bits(without, without)) << part;
  }
}

TEST(Machine, of_a_run_on_the_processor_has_no_gpu) {
  const Json on_cpu = machine_for(machine(), {{"runtime.device", "cpu"}});
  EXPECT_FALSE(on_cpu.contains("gpu"));
  EXPECT_TRUE(give_same_bits(on_cpu, machine_for(with("gpu", "NVIDIA A100"), {{"runtime.device", "cpu"}})));
  EXPECT_EQ(machine_for(machine(), {{"runtime.device", "cuda"}}), machine());
}

TEST(Machine, is_told_in_words_and_so_is_what_has_changed) {
  EXPECT_EQ(bits_in_words(machine()),
            "torch 2.13.0, instruction set AVX2, arithmetic 00aa, GPU NVIDIA H200, packages ale-py 0.12.1 + "
            "numpy 2.4.6, crosstalk 1");
  EXPECT_EQ(bits_in_words({{"torch", "2.13.0"}}), "torch 2.13.0") << "what an older record lacks";
  EXPECT_TRUE(changes_of_bits(machine(), machine()).empty());
  EXPECT_EQ(changes_of_bits(machine(), with("torch", "2.14.1")),
            std::vector<std::string>{"torch was 2.13.0, is 2.14.1"});
  EXPECT_TRUE(changes_of_bits({{"torch", "2.13.0"}}, machine()).empty()) << "it is not known what there was";
}

TEST(Machine, names_each_model_of_gpu_that_the_driver_names) {
  const Folder folder;
  EXPECT_EQ(gpu_models(folder.path()), "") << "no driver";
  const auto place = [&](const char* bus, const std::string& text) {
    std::filesystem::create_directories(folder.path() / "gpus" / bus);
    std::ofstream(folder.path() / "gpus" / bus / "information") << text;
  };
  place("0000:19:00.0", "Model: \t\t NVIDIA H200\nIRQ:   \t\t 510\nBus Type: \t PCIe\n");
  place("0000:3b:00.0", "Model: \t\t NVIDIA H200\nIRQ:   \t\t 511\n");
  EXPECT_EQ(gpu_models(folder.path()), "NVIDIA H200");
  place("0000:4c:00.0", "Model: NVIDIA A100-SXM4-80GB\n");
  place("0000:5d:00.0", "Model:\nModel");
  EXPECT_EQ(gpu_models(folder.path()), "NVIDIA A100-SXM4-80GB, NVIDIA H200");
}

}  // namespace
}  // namespace crosstalk::work
