#pragma once

#include "base/json.hpp"

namespace crosstalk::study {

/// What a training loop outside of crosstalk has measured (work/watched.hpp): task.kind of its runs, and
/// "kind" in the record of their study. No study file may say it.
inline constexpr const char* watched = "watched";

inline bool is_watched(const Json& record) {
  return record.is_object() && record.contains("kind") && record["kind"] == watched;
}

inline bool is_watched_run(const Json& configuration) {
  return configuration.contains("task.kind") && configuration["task.kind"] == watched;
}

}  // namespace crosstalk::study
