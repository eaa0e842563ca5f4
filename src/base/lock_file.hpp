#pragma once

#include <filesystem>
#include <optional>
#include <string>

/// DIR/.lock, which who works on a folder holds (work/lock.hpp). "PID HOST" stands in it, who that is;
/// nothing once they have ended as they should.
namespace crosstalk {

inline constexpr const char* lock_file = ".lock";

/// This computer's name.
std::string host();

/// What stands in the open file.
std::string holder(int descriptor);
/// The machine that it names; empty where it names none.
std::string host_of(const std::string& holder);
/// The same, for people: "process 123 on host".
std::string in_words(const std::string& holder);

/// Whom the folder's lock file names, in words, where that is a process of another machine and nobody holds
/// the lock as seen from here. It was killed, or it is at work and the file system locks for each machine
/// alone.
std::optional<std::string> perhaps_at_work_elsewhere(const std::filesystem::path& folder);

}  // namespace crosstalk
