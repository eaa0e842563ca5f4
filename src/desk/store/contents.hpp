#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "base/rows.hpp"

namespace crosstalk::store {

/// How many things there are, and the sum of their digests (XXH3 in 128 bits, as two numbers): the same in
/// whatever order they come, and kept up to date without reading them again. It finds accidents, not malice.
struct Tally {
  std::int64_t count = 0;
  std::uint64_t low = 0, high = 0;

  void add(std::string_view bytes);
  void remove(std::string_view bytes);
  bool operator==(const Tally&) const = default;
};

/// What a run has stored. It stands in `meta` under "contents of RUN", with the digest of the run's record,
/// and follows every change within the same transaction: rows that are not those have been damaged since.
struct Contents {
  Tally rows;
  std::map<std::string, Tally> arrays;  // by name

  void add(const Row& row);
  void add(const Array& array);
  void remove(const Row& row);
  void remove(const Array& array);
};

/// {"rows": [COUNT, DIGEST], "arrays": {NAME: [COUNT, DIGEST]}, "record": DIGEST}
std::string to_text(const Contents& contents, std::string_view record);
struct Stated {
  Contents contents;
  std::string record;
};
std::optional<Stated> stated_from(std::string_view text);  // nothing where it is not of this form

/// 32 hexadecimal digits.
std::string digest(std::string_view bytes);

/// What a tally says where another is expected: "has 480 of its 500 rows", "its rows are not those that were
/// stored"; empty where they are the same. `what`: "rows".
std::string difference(const Tally& expected, const Tally& found, std::string_view what);

}  // namespace crosstalk::store
