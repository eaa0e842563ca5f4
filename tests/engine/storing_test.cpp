// How sets of trajectories come onto the disk: in segments, whole whenever it ends, and with the same bytes
// however often it was interrupted.
#include "replay/storing.hpp"

#include <signal.h>
#include <sys/resource.h>

#include "replay/stored.hpp"
#include "small_set.hpp"

namespace crosstalk::replay {
namespace {

/// The folder of an interrupted collecting, gone on with to its end.
void go_on(const std::filesystem::path& folder) {
  Storing storing(folder, small_recipe(), /*scores=*/true, small_segment);
  store_rest(storing, storing.collector().is_null() ? 0 : storing.collector().at("episode").get<int>());
}

TEST(Storing, makes_the_same_bytes_wherever_it_was_interrupted) {
  const Folder folder;
  store_small_set(folder.path() / "whole");
  const auto whole = contents_of_folder(folder.path() / "whole");
  ASSERT_GT(whole.size(), 4u);
  for (const bool kept : {false, true}) {
    for (int interrupted = 0; interrupted <= small_episodes; ++interrupted) {
      const std::filesystem::path there = folder.path() / (std::to_string(interrupted) + (kept ? "k" : ""));
      {
        Storing storing(there, small_recipe(), /*scores=*/true, small_segment);
        for (int episode = 0; episode < interrupted; ++episode) {
          storing.add(small_episode(storing.form(), episode), {{"episode", episode + 1}});
          if (kept) storing.keep();
        }
      }
      if (kept && interrupted > 0) {
        Storing storing(there, small_recipe(), /*scores=*/true, small_segment);
        EXPECT_EQ(storing.episodes(), interrupted);
        EXPECT_EQ(storing.collector().at("episode"), interrupted);
      }
      // What a kill while a file was being written would leave.
      std::ofstream(there / "000002.safetensors.partial") << "half";
      std::ofstream(there / "gathered-99.safetensors.partial") << "half";
      go_on(there);
      EXPECT_TRUE(contents_of_folder(there) == whole) << interrupted;
    }
  }
}

TEST(Storing, goes_on_with_nothing_where_the_set_is_complete) {
  const Folder folder;
  store_small_set(folder.path());
  Storing storing(folder.path(), small_recipe(), /*scores=*/true, small_segment);
  EXPECT_TRUE(storing.complete());
  EXPECT_EQ(storing.episodes(), small_episodes);
}

TEST(Storing, says_the_mean_and_the_spread_of_its_episodes) {
  const Folder folder;
  store_small_set(folder.path());
  std::vector<double> returns;
  for (int episode = 0; episode < small_episodes; ++episode) {
    double sum = 0;
    for (int at = 0; at < length_of(episode); ++at) sum += outcome_of(episode, at).reward;
    returns.push_back(sum);
  }
  const at::Tensor all = at::tensor(returns, at::kDouble);
  const Json said = about_of(folder.path()).at("returns");
  EXPECT_NEAR(said.at("mean"), all.mean().item<double>(), 1e-9);
  EXPECT_NEAR(said.at("deviation"), all.std().item<double>(), 1e-9);
  EXPECT_EQ(said.at("least"), all.min().item<double>());
  EXPECT_EQ(said.at("most"), all.max().item<double>());
}

TEST(Storing, refuses_a_folder_of_trajectories_made_otherwise_and_names_what_differs) {
  const Folder folder;
  store_small_set(folder.path());
  const auto before = contents_of_folder(folder.path());
  Json other = small_recipe();
  other["seed"] = 2;
  other["task"]["task.sticky"] = 0.25;
  try {
    Storing storing(folder.path(), other, /*scores=*/true, small_segment);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::config);
    const std::string text = error.what();
    EXPECT_NE(text.find("seed is 2, and was 1"), text.npos) << text;
    EXPECT_NE(text.find("task.sticky is 0.25, and was null"), text.npos) << text;
    EXPECT_EQ(text.find("actions"), text.npos) << text;
  }
  EXPECT_TRUE(contents_of_folder(folder.path()) == before);
}

TEST(Storing, refuses_to_end_without_an_episode) {
  const Folder folder;
  Storing storing(folder.path(), small_recipe(), /*scores=*/true, small_segment);
  EXPECT_THROW(storing.finish(), Error);
  EXPECT_TRUE(contents_of_folder(folder.path()).empty());
}

/// While it lives, no file of this process grows beyond so many bytes, as on a full disk.
class SmallFiles {
 public:
  explicit SmallFiles(rlim_t bytes) {
    former_signal_ = ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &former_);
    const rlimit small{bytes, former_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
  }
  ~SmallFiles() {
    ::setrlimit(RLIMIT_FSIZE, &former_);
    ::signal(SIGXFSZ, former_signal_);
  }

 private:
  rlimit former_{};
  void (*former_signal_)(int);
};

TEST(Storing, leaves_what_was_whole_where_the_disk_is_full_and_goes_on_once_there_is_room) {
  const Folder folder;
  store_small_set(folder.path() / "whole");
  const std::filesystem::path there = folder.path() / "there";
  Storing storing(there, small_recipe(), /*scores=*/true, small_segment);
  for (int episode = 0; episode < 6; ++episode)
    storing.add(small_episode(storing.form(), episode), {{"episode", episode + 1}});
  const auto before = contents_of_folder(there);
  {
    const SmallFiles full(1000);
    try {
      store_rest(storing, 6);
      FAIL();
    } catch (const Unwritten& error) {
      const std::string text = error.what();
      EXPECT_NE(text.find(there.string()), text.npos) << text;
      EXPECT_NE(text.find("Make room and run the same command again."), text.npos) << text;
    }
  }
  EXPECT_TRUE(contents_of_folder(there) == before);
  go_on(there);
  EXPECT_TRUE(contents_of_folder(there) == contents_of_folder(folder.path() / "whole"));
}

}  // namespace
}  // namespace crosstalk::replay
