#pragma once

#include "store/export.hpp"
#include "store/store.hpp"
#include "target.hpp"

namespace crosstalk::fuzz {

/// Everything that commands read of a store: each reading gives what is there, or an Error.
inline void read_all_of_store(const std::filesystem::path& file) {
  is_taken([&] { store::inspect(file); });
  is_taken([&] {
    const store::Store store = store::Store::open_to_read(file);
    is_taken([&] { store.study().dump(); });
    is_taken([&] { store.damage(); });
    is_taken([&] { store.array_forms(); });
    is_taken(
        [&] { static_cast<void>(store.count_rows() + store.count_arrays() + store.without_contents()); });
    is_taken([&] {
      for (const store::RunRecord& run : store.runs()) {
        static_cast<void>(run.configuration->dump() + run.machine.dump());
        is_taken([&] { store.rows_of(run.run); });
        is_taken([&] {
          for (const std::string& name : store.array_names(run.run)) store.arrays(run.run, name);
        });
      }
    });
    const auto nowhere = [](std::string_view) {};
    is_taken([&] { store::export_csv(store, {"network.hidden"}, nowhere); });
    is_taken([&] { store::export_arrays_csv(store, {"network.hidden"}, nowhere); });
    is_taken([&] { store::rows_columns(store, {"network.hidden"}); });
    is_taken([&] { store::arrays_columns(store, {"network.hidden"}); });
  });
}

/// A small store: two runs, with rows and an array each.
inline store::Store small_store(const std::filesystem::path& file) {
  store::Store store = store::Store::create(file, {{"name", "small"}, {"schema", 1}});
  std::vector<store::RunRecord> runs(2);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    runs[i].run = i == 0 ? "0123456789abcdef" : "fedcba9876543210";
    runs[i].experiment = "small";
    runs[i].seed = i;
    runs[i].configuration = {{"network.hidden", 8}};
    runs[i].place = static_cast<std::int64_t>(i);
  }
  store.name_runs(runs);
  for (const store::RunRecord& run : runs) {
    store.begin_try(run.run);
    store.append(run.run, {{0, "loss", "train", 0.5}, {5, "gap", "train-test", -1e-300}},
                 {{5, "gram", "train", {2, 2}, {1, 2, 2, 4}, {{"0", {{"name", "sample"}}}}}});
    store.vouch(run.run, 5);
    store.set_status(run.run, store::Status::done, "", {{"host", "here"}, {"torch", "2"}}, 1.5);
  }
  store.commit();
  return store;
}

}  // namespace crosstalk::fuzz
