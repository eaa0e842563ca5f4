#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/json.hpp"
#include "study/configuration.hpp"
#include "work/child.hpp"
#include "work/signals.hpp"

namespace crosstalk::work {

/// Ended by the user while a child worked on data.
struct Interrupted {
  int signal = 0;
};

/// Error(config) about a path or an argument that is not UTF-8, which no message between processes can carry.
Error not_text(const std::string& name);

/// Asks a child (`python -m crosstalk.data COMMAND`, or the report's: one JSON request in, one JSON reply
/// out) and returns its reply. Each line that it prints goes to `say`. Error with the child's own kind and
/// message; when it dies, `undone` begins the sentence ("the report cannot be made"): Error(environment), and
/// Error(data) for a request that names a `dataset`. Error(config) for a request with a name that is not
/// UTF-8; throws Interrupted.
Json ask(const Command& command, const Json& request, const std::function<void(std::string_view)>& say,
         const Interrupts* interrupts = nullptr, const std::string& undone = "the data cannot be read");

/// The data sets that a study's runs name, converted: reply of `prepare` by the request's text (data_key).
using Datasets = std::map<std::string, Json>;

/// What a run asks of the data child, without the folders: the keys of its configuration that decide its
/// data; null for a run in an environment that needs none.
Json data_request(const study::Configuration& run);
std::string data_key(const study::Configuration&
                         run);  // the request as text, equal for runs that share their data; empty: none

/// The data set of a run; nullptr where it needs none, or where it is not among them.
const Json* data_of(const study::Configuration& run, const Datasets& datasets);

/// Prepares each distinct data set once. `extra` is added to each request ("data" and "base" folders).
Datasets prepare_data(const std::vector<study::Configuration>& runs, const Command& command,
                      const Json& extra, const std::function<void(std::string_view)>& say,
                      const Interrupts* interrupts);

/// The message's field `data` (base/message.hpp), of a reply of `prepare`.
Json data_field(const Json& dataset);

/// Error(config) naming every data set of which a run wants more training rows than there are.
void check_examples(const std::vector<study::Configuration>& runs, const Datasets& datasets);

/// Error(data) when a data set's checksum is another than in `stored` (a study record's "data"), naming both.
void check_checksums(const Datasets& datasets, const Json& stored);

}  // namespace crosstalk::work
