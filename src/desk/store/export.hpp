#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "store/store.hpp"

namespace crosstalk::store {

/// How texts stand in a CSV: so that no spreadsheet computes them (csv_field), or as they are, quoted where
/// they must be, for a reader that is told each column's type.
enum class Texts { guarded, plain };

/// The study's rows as one long table in CSV (RFC 4180, lines end in "\n"):
///     run,experiment,seed,step,measure,split,value  and one column for each key of `swept`, under its full
///     name
/// Sorted by run, step, measure, split: the same on every machine and in every order of running. Numbers are
/// the shortest that read back to the same bits; not-a-number and infinities are nan, inf and -inf. `write`
/// gets it piece by piece.
void export_csv(const Store& store, const std::vector<std::string>& swept,
                const std::function<void(std::string_view)>& write, Texts texts = Texts::guarded);

/// The study's arrays in the same form, a row a value:
///     run,experiment,seed,step,array,split,axis_0,axis_1,...,value  and the keys of `swept`
/// with as many axes as any array has; a cell of an axis is its label there, or the place counted from 0.
/// Sorted by run, array, step, split and place.
void export_arrays_csv(const Store& store, const std::vector<std::string>& swept,
                       const std::function<void(std::string_view)>& write, Texts texts = Texts::guarded);

/// What the columns of either hold, in their order: [name, "text" | "integer" | "number"] each. A swept key
/// is of the narrowest of these that all runs' values are, and so is an axis; what a run does not have is an
/// empty cell.
Json rows_columns(const Store& store, const std::vector<std::string>& swept);
Json arrays_columns(const Store& store, const std::vector<std::string>& swept);

/// A CSV field: quoted where it holds a comma, a quote or a line's end. A text that a spreadsheet would take
/// for a formula, for it begins with = + - @, a tab or a line's end, gets an apostrophe before it, and so
/// does one that begins so behind apostrophes of its own; numbers do not. The twin of this rule:
/// python/crosstalk/report/cells.py.
std::string csv_field(std::string_view text, Texts texts = Texts::guarded);
/// A key's value as a field shows it: a text bare, a number the shortest, a list as JSON.
std::string csv_value(const Json& value);

}  // namespace crosstalk::store
