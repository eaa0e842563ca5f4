#include "env/foreign.hpp"

#include "base/environments.hpp"

namespace crosstalk::env {
namespace {

Opener& known_opener() {
  static Opener opener;
  return opener;
}

Versions& known_versions() {
  static Versions versions;
  return versions;
}

}  // namespace

void set_opener(Opener opener, Versions versions) {
  known_opener() = std::move(opener);
  known_versions() = std::move(versions);
}

std::map<std::string, std::string> versions_of(const std::string& name) {
  return known_versions() && is_foreign(name) ? known_versions()(name) : std::map<std::string, std::string>();
}

std::unique_ptr<Player> open_player(const Foreign& foreign) {
  if (!known_opener())
    throw Error(ErrorKind::environment,
                "task.environment = \"" + foreign.name +
                    "\" is written in Python, and this worker has none: `crosstalk run` "
                    "starts workers that do");
  return known_opener()(foreign);
}

bool is_foreign(std::string_view name) { return is_family(world_of(name)); }

}  // namespace crosstalk::env
