#include "base/temporary_folder.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <optional>

#include "folder.hpp"

namespace crosstalk {
namespace {

class Temporary : public testing::Test {
 protected:
  Temporary() { setenv("TMPDIR", parent.path().c_str(), 1); }
  ~Temporary() override { unsetenv("TMPDIR"); }
  int folders() const {
    int count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(parent.path())) ++count;
    return count;
  }

  Folder parent;
};

TEST_F(Temporary, folders_are_gone_with_their_owner) {
  std::optional<TemporaryFolder> folder(std::in_place);
  std::ofstream(folder->path() / "kept") << "x";
  const TemporaryFolder other;
  EXPECT_EQ(folders(), 2);
  folder.reset();
  EXPECT_EQ(folders(), 1);
}

TEST_F(Temporary, folders_of_a_killed_process_are_removed_by_the_next_one) {
  const pid_t child = fork();
  if (child == 0) {
    TemporaryFolder folder;
    std::ofstream(folder.path() / "kept") << "x";
    kill(getpid(), SIGKILL);
  }
  waitpid(child, nullptr, 0);
  EXPECT_EQ(folders(), 1);
  const TemporaryFolder mine;
  EXPECT_EQ(folders(), 1);
  EXPECT_TRUE(std::filesystem::exists(mine.path()));
}

TEST_F(Temporary, folders_of_others_stay_whatever_their_name) {
  std::filesystem::create_directories(parent.path() / "crosstalk-backup");
  std::ofstream(parent.path() / "crosstalk-backup" / "precious") << "x";
  {
    const TemporaryFolder mine;
  }
  EXPECT_TRUE(std::filesystem::exists(parent.path() / "crosstalk-backup" / "precious"));
}

}  // namespace
}  // namespace crosstalk
