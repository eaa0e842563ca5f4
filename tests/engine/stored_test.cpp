// Sets of trajectories on disk as they are read: the same steps as those that were stored, and what is no
// such set, or is damaged, refused with its name.
#include "replay/stored.hpp"

#include "small_set.hpp"

namespace crosstalk::replay {
namespace {

class StoredSet : public testing::Test {
 protected:
  void SetUp() override { store_small_set(path()); }
  std::filesystem::path path() const { return folder_.path() / "set"; }

  /// That opening says all of this, and where.
  void expect_refused(const std::vector<std::string>& words) const {
    try {
      const Stored stored(path(), at::kFloat, at::kCPU);
      FAIL() << "opened, where this is expected: " << words.front();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::data);
      const std::string text = error.what();
      EXPECT_NE(text.find(path().string()), text.npos) << text;
      for (const std::string& word : words) EXPECT_NE(text.find(word), text.npos) << text;
    }
  }
  void expect_refused_about(const std::string& key, const Json& value,
                            const std::vector<std::string>& words) {
    const Json before = about_of(path());
    Json about = before;
    about[Json::json_pointer(key)] = value;
    set_about(path(), about);
    expect_refused(words);
    set_about(path(), before);
  }
  void expect_refused_column(const std::string& name, const at::Tensor& column,
                             const std::vector<std::string>& words) {
    const auto before = contents_of_folder(path());
    replace_column(path(), 1, name, column);
    expect_refused(words);
    for (const auto& [file, bytes] : before) std::ofstream(path() / file, std::ios::binary) << bytes;
  }
  at::Tensor column(const std::string& name) const { return column_of(path(), 1, name); }

 private:
  Folder folder_;
};

/// The same episodes as an environment plays them.
class Replayed final : public env::Environment {
 public:
  explicit Replayed(std::shared_ptr<const env::Drawing> drawing) : drawing_(std::move(drawing)) {}
  const env::Spaces& spaces() const override { return spaces_; }
  std::shared_ptr<const env::Drawing> drawing() const override { return drawing_; }
  void reset(std::uint64_t seed) override { episode_ = static_cast<int>(seed), at_ = 0; }
  env::Outcome step(std::span<const std::int64_t>) override { return outcome_of(episode_, at_++); }
  void record(std::byte* to) const override {
    const Moment moment(episode_, at_);
    std::memcpy(to, moment.record.data(), sizeof moment.record);
  }
  void save(tensor::State&) const override {}
  bool load(const tensor::State&) override { return true; }

 private:
  env::Spaces spaces_{.observation = {4}, .choices = {3}};
  std::shared_ptr<const env::Drawing> drawing_;
  int episode_ = 0, at_ = 0;
};

TEST_F(StoredSet, holds_the_steps_that_an_agent_would_have_kept_of_the_same_episodes) {
  const Stored stored(path(), at::kFloat, at::kCPU);
  ASSERT_GT(stored.set().segments.size(), 3u);
  Replayed environment(stored.drawing());
  Trajectories played(stored.drawing(), {3}, at::kFloat);
  for (int episode = 0; episode < small_episodes; ++episode) {
    environment.reset(static_cast<std::uint64_t>(episode));
    played.begin(environment);
    for (int at = 0; at < length_of(episode); ++at) {
      const std::int64_t action = action_of(episode, at);
      played.add({&action, 1}, environment.step({&action, 1}), environment);
    }
  }
  const Trajectories& steps = stored.steps();
  ASSERT_EQ(steps.end(), played.end());
  EXPECT_EQ(steps.begun(), small_episodes);
  EXPECT_EQ(steps.unfinished(), steps.end());
  std::vector<Id> rows;
  for (Id row = 0; row < steps.end(); ++row) {
    rows.push_back(row);
    EXPECT_EQ(steps.neighbour(row, 1), played.neighbour(row, 1));
    EXPECT_EQ(steps.neighbour(row, -2), played.neighbour(row, -2));
  }
  const data::Columns expected = played.columns(rows);
  for (const auto& [name, column] : steps.columns(rows)) EXPECT_TRUE(column.equal(expected.at(name))) << name;
}

TEST_F(StoredSet, knows_beside_each_step_its_values_memory_frames_score_and_seed) {
  const Stored stored(path(), at::kDouble, at::kCPU);
  Id row = 0;
  for (int episode = 0; episode < small_episodes; ++episode) {
    for (int at = 0; at < length_of(episode); ++at, ++row) {
      const Moment before(episode, at), after(episode, at + 1);
      EXPECT_EQ(stored.values({&row, 1}, At::before)[0][0].item<float>(), before.values[0]);
      EXPECT_EQ(stored.values({&row, 1}, At::after)[0][0].item<float>(), after.values[0]);
      EXPECT_TRUE(std::ranges::equal(stored.ram(row, At::before), before.ram));
      EXPECT_TRUE(std::ranges::equal(stored.ram(row, At::after), after.ram));
      const bool last = at + 1 == length_of(episode);
      EXPECT_TRUE(
          std::ranges::equal(stored.executed(row), std::array<std::int64_t, 2>{at, last ? -1 : at + 1}));
      EXPECT_EQ(stored.score(row), outcome_of(episode, at).score);
      EXPECT_EQ(stored.seed(row), 1000u + static_cast<std::uint64_t>(episode));
    }
  }
}

TEST_F(StoredSet, has_a_digest_that_follows_what_it_holds_and_not_where_it_lies_or_who_made_it) {
  const std::string digest = Stored(path(), at::kFloat, at::kCPU).digest();
  const std::filesystem::path moved = path().parent_path() / "moved";
  std::filesystem::copy(path(), moved);
  Json about = about_of(moved);
  about["seed"] = 2, about["policy"] = {{"kind", "imported"}, {"from", "elsewhere"}};
  set_about(moved, about);
  EXPECT_EQ(Stored(moved, at::kFloat, at::kCPU).digest(), digest);
  replace_column(moved, 0, "rewards", column_of(moved, 0, "rewards") + 1);
  EXPECT_NE(Stored(moved, at::kFloat, at::kCPU).digest(), digest);
}

TEST_F(StoredSet, is_refused_where_a_file_is_gone_cut_short_damaged_or_another_sets) {
  const std::filesystem::path segment = path() / "000001.safetensors";
  const std::string whole = bytes_of_file(segment);
  std::ofstream(segment, std::ios::binary) << whole.substr(0, whole.size() - 40);
  expect_refused({segment.string(), "cut short"});
  std::string flipped = whole;
  flipped[flipped.size() - 9] ^= 1;
  std::ofstream(segment, std::ios::binary) << flipped;
  expect_refused({segment.string(), "damaged"});
  std::ofstream(segment, std::ios::binary) << whole << "tail";
  expect_refused({segment.string()});
  std::filesystem::remove(segment);
  expect_refused({segment.string(), "No such file"});
  std::filesystem::create_directory(segment);
  expect_refused({segment.string(), "a folder"});
  std::filesystem::remove(segment);
  std::ofstream(segment, std::ios::binary) << whole;
  const Json entry = about_of(path())["segments"][1];
  expect_refused_about("/segments/1/contents", std::string(32, 'a'), {segment.string(), "another set's"});
  expect_refused_about("/segments/1/bytes", entry["bytes"].get<int>() + 8, {segment.string(), "bytes long"});
}

TEST_F(StoredSet, is_refused_where_a_number_in_it_cannot_be) {
  const auto with = [&](const char* name, std::int64_t at, double value) {
    at::Tensor changed = column(name);
    changed.flatten()[at] = value;
    return changed;
  };
  const double nan = std::numeric_limits<double>::quiet_NaN();
  expect_refused_column("rewards", with("rewards", 2, nan), {"number 2", "\"rewards\"", "finite"});
  expect_refused_column("scores", with("scores", 0, HUGE_VAL), {"inf", "\"scores\"", "finite"});
  expect_refused_column("values", with("values", 1, nan), {"\"values\"", "finite"});
  expect_refused_column("observations", at::full_like(column("observations"), 0xff),
                        {"record 0", "cannot show"});
  expect_refused_column("actions", with("actions", 1, 3), {"holds 3", "\"actions\"", "0 to 2"});
  expect_refused_column("actions", with("actions", 1, -1), {"holds -1", "\"actions\""});
  expect_refused_column("truncations", with("truncations", 0, 2), {"\"truncations\"", "0 or 1"});
  expect_refused_column("seeds", with("seeds", 0, -5), {"-5", "\"seeds\""});
  expect_refused_column("executed", with("executed", 0, -2), {"-2", "\"executed\""});
}

TEST_F(StoredSet, is_refused_where_columns_lengths_and_ends_do_not_belong_together) {
  const auto shorter = [&](const char* name) { return column(name).slice(0, 0, -1).clone(); };
  for (const char* name : {"observations", "actions", "rewards", "scores", "terminations", "truncations",
                           "lengths", "seeds", "executed", "ram", "values"})
    expect_refused_column(name, shorter(name), {std::string("\"") + name + "\"", "is expected"});
  expect_refused_column("rewards", column("rewards").to(at::kFloat), {"Float", "Double", "is expected"});
  at::Tensor lengths = column("lengths");
  lengths[0] += 1;
  expect_refused_column("lengths", lengths, {"steps together"});
  lengths[0] = 0;
  expect_refused_column("lengths", lengths, {"an episode of 0 steps"});
  lengths[0] = std::numeric_limits<std::int64_t>::max();
  expect_refused_column("lengths", lengths, {"holds episodes"});
  expect_refused_column("terminations", at::zeros_like(column("terminations")), {"without an end"});
  const at::Tensor all = at::ones_like(column("terminations"));
  expect_refused_column("terminations", all, {"end before its last step"});
}

TEST_F(StoredSet, is_refused_where_trajectories_json_says_what_cannot_be) {
  for (const char* name : {"../set/000001.safetensors", "/etc/passwd", "", ".", "..", "a/b"})
    expect_refused_about("/segments/1/file", name, {"\"file\"", "in the same folder"});
  expect_refused_about("/segments/1/file", "000000.safetensors", {"twice"});
  expect_refused_about("/segments/1/steps", 1e300, {"\"steps\"", "a count"});
  expect_refused_about("/segments/1/steps", std::uint64_t{1} << 63, {"\"steps\"", "a count"});
  expect_refused_about("/segments/1/episodes", 0, {"\"episodes\""});
  expect_refused_about("/segments/1/sha256", "no digits", {"\"sha256\"", "64 hexadecimal digits"});
  expect_refused_about("/segments", Json::object(), {"\"segments\"", "a list"});
  expect_refused_about("/segments/0", 5, {"no JSON object"});
  expect_refused_about("/steps", 7, {"counts 7 steps"});
  expect_refused_about("/actions", 0, {"\"actions\""});
  expect_refused_about("/actions", -1, {"\"actions\""});
  expect_refused_about("/observation/extents", {1 << 20, 1 << 20}, {"\"observation\"", "extents"});
  expect_refused_about("/observation/extents", Json::array(), {"\"observation\"", "extents"});
  expect_refused_about("/observation/kept", "whatever", {"\"observation\"", "kept"});
  expect_refused_about("/observation/history", 1 << 30, {"\"observation\"", "history"});
  expect_refused_about("/observation/channels_last", true, {"\"observation\"", "channels_last"});
  expect_refused_about("/observation", 1, {"\"observation\"", "an object"});
  expect_refused_about("/what", "results", {"\"what\""});
  expect_refused_about("/format", 2, {"format 2"});
  expect_refused_about("/complete", false, {"is not complete"});
  expect_refused_about("/complete", "yes", {"\"complete\"", "true or false"});
  expect_refused_about("/ram", std::uint64_t{1} << 40, {"\"ram\""});
  const Json whole = about_of(path());
  for (const auto& [name, value] : whole.items()) {
    Json about = about_of(path());
    if (name == "lossy" || name == "policy" || name == "task" || name == "seed" || name == "versions" ||
        name == "requested" || name == "returns")
      continue;  // what is said of its origin alone
    const Json before = about;
    about.erase(name);
    set_about(path(), about);
    expect_refused({"\"" + name + "\""});
    set_about(path(), before);
  }
}

TEST_F(StoredSet, is_refused_where_trajectories_json_is_none) {
  const std::filesystem::path about = path() / TrajectorySet::about_name;
  for (const char* text : {"", "[]", "{", "null"}) {
    std::ofstream(about) << text;
    expect_refused({"no JSON object"});
  }
  std::ofstream(about) << std::string(100'000, '[');
  expect_refused({"no JSON object"});
  std::filesystem::remove(about);
  expect_refused({"holds no trajectories.json"});
  std::filesystem::remove_all(path());
  expect_refused({"is not there"});
  std::ofstream(path()) << "a file";
  expect_refused({"is no folder"});
}

TEST_F(StoredSet, is_refused_without_an_episode) {
  Json about = about_of(path());
  about["segments"] = Json::array(), about["steps"] = 0, about["episodes"] = 0;
  set_about(path(), about);
  expect_refused({"holds no episode"});
}

}  // namespace
}  // namespace crosstalk::replay
