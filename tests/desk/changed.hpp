#pragma once

#include <string>
#include <utility>

#include "store/store.hpp"

namespace crosstalk {

/// Another value for a key of a record's configuration, which its like may share.
inline void change(store::RunRecord& record, const std::string& key, Json value) {
  Json changed = *record.configuration;
  changed[key] = std::move(value);
  record.configuration = std::move(changed);
}

}  // namespace crosstalk
