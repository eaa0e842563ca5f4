#include "base/plain_file.hpp"

#include <sys/stat.h>

namespace crosstalk {

std::string no_plain_file(const std::filesystem::path& path) {
  struct stat about{}, kernel{};
  if (::stat(path.c_str(), &about) != 0) return "";
  if (S_ISDIR(about.st_mode)) return "a folder";
  if (S_ISFIFO(about.st_mode)) return "a pipe";
  if (S_ISSOCK(about.st_mode)) return "a socket";
  if (!S_ISREG(about.st_mode)) return "a device";
  // Where these are mounted their first inode is 1; where they are not, they are folders of the disk.
  for (const char* folder : {"/proc", "/sys"}) {
    if (::stat(folder, &kernel) == 0 && kernel.st_dev == about.st_dev && kernel.st_ino == 1)
      return "a file of the kernel's";
  }
  return "";
}

}  // namespace crosstalk
