#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "env/arrays.hpp"

/// Environments that are written elsewhere, in Python: the engine knows what they can do and not how.
namespace crosstalk::env {

/// How a game of Atari is played and shown (env/atari.hpp, docs/atari.md).
struct AtariRules {
  std::int64_t frame_skip = 4;  // frames of the emulator in a step
  double sticky = 0.25;         // the chance, at each frame, that the last action is done again
  bool all_actions = false;     // all 18 to choose from, not only those that the game heeds
  bool maximum_first = false;   // of the last two screens, which are then resized; not of both once resized
};

/// What a run acts in, and where a class of the user's own lies.
struct Foreign {
  std::string name;          // task.environment: "gym:CartPole-v1", "gym:./room.py:Room"
  std::string file, sha256;  // of the class's file; empty where it has none
  AtariRules atari = {};     // of "atari:NAME"
};

/// Plays episodes by seeds and shows what is seen. One choice at each step.
class Player {
 public:
  virtual ~Player() = default;
  virtual std::int64_t actions() const = 0;  // how many there are to choose from
  virtual const ArrayForm& form() const = 0;
  /// Steps after which its own rules cut an episode; whoever plays it sees to that. 0: they cut none so.
  virtual std::int64_t most_steps() const { return 0; }
  /// Error(environment) where it fails, shows what it did not declare, or a number that is not finite.
  virtual void reset(std::uint64_t seed) = 0;
  virtual Outcome step(std::int64_t action) = 0;
  /// What it shows now, form().bytes().
  virtual void record(std::byte* to) const = 0;
  /// Of a console: what its memory holds, and the actions by which the frames of the last step were played.
  /// Empty where there is none.
  virtual std::vector<std::uint8_t> memory() const { return {}; }
  virtual std::vector<std::int64_t> executed() const { return {}; }
};

/// What opens it is not installed here: no other run of the study can be done either.
struct NotInstalled : Error {
  explicit NotInstalled(const std::string& message) : Error(ErrorKind::environment, message) {}
};

/// Error(config) where it is not there or not one that an agent can act in; NotInstalled.
using Opener = std::function<std::unique_ptr<Player>(const Foreign&)>;

/// The versions of the packages that play it, by their names; of an exact environment none.
using Versions = std::function<std::map<std::string, std::string>(const std::string& name)>;

/// Makes it known who opens them: the Python module, when it is loaded.
void set_opener(Opener opener, Versions versions = {});
/// Error(environment) where nobody can: the worker is a plain executable, which has no Python.
std::unique_ptr<Player> open_player(const Foreign& foreign);

std::map<std::string, std::string> versions_of(const std::string& name);

/// Whether a name is one of theirs: that of a family in base/environments.def.
bool is_foreign(std::string_view name);

}  // namespace crosstalk::env
