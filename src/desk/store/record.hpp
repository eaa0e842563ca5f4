#pragma once

#include <string>
#include <unordered_map>

#include "store/connection.hpp"

namespace crosstalk::store {

/// The study's record as it is, once each field that the commands read has its kind; an Error(store) of the
/// file otherwise. A field may be missing. Null is the study of a store without one.
Json checked_study(Json study, const Database& database);

/// Configurations that were read, by their text: runs that differ in their seed share one.
using Configurations = std::unordered_map<std::string, SharedJson>;

/// A run's record from a row of `record_columns`; the same.
RunRecord record_of(const Statement& record, const Database& database, Configurations& configurations);

/// How that record differs from what was stored; empty where it does not.
std::string damage_of_record(const Statement& record, bool keeps_contents);

}  // namespace crosstalk::store
