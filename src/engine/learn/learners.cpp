#include "learn/learners.hpp"

#include "base/error.hpp"
#include "learn/draws.hpp"
#include "learn/picked.hpp"
#include "learn/relived.hpp"
#include "learn/seen.hpp"

namespace crosstalk::learn {

// Each learner's file defines a function of its name.
#define ALGORITHM(identifier, ...) AgentParts identifier(const Ground&);
#include "base/algorithms.def"
#undef ALGORITHM

/// Rows with labels are no agent's: run/supervised_task.cpp.
AgentParts supervised(const Ground&) {
  throw Error(ErrorKind::config,
              "learner.algorithm is \"supervised\" where an agent learns: give \"double-dqn\" or "
              "\"reinforce\"");
}

AgentParts agent_parts(const Ground& ground) {
  using Maker = AgentParts (*)(const Ground&);
  static constexpr auto makers = std::to_array<Word<Maker>>({
#define ALGORITHM(identifier, word, ...) {word, identifier},
#include "base/algorithms.def"
#undef ALGORITHM
  });
  return ground.settings.word("learner.algorithm", makers)(ground);
}

namespace {

/// Whether the line of learner.algorithm in the table says that it `has` this.
bool has(const Settings& settings, std::string_view what) {
  static constexpr auto all = std::to_array<Word<std::string_view>>({
#define ALGORITHM(identifier, word, kinds, losses, has) {word, has},
#include "base/algorithms.def"
#undef ALGORITHM
  });
  return lists(settings.word("learner.algorithm", all), what);
}

std::unique_ptr<const Policy> over_values(const Ground& ground, std::unique_ptr<const Policy> policy) {
  if (!ground.values.atoms) return policy;
  return std::make_unique<ByMeans>(*ground.values.atoms, std::move(policy));
}

}  // namespace

Values values_of_actions(const Settings& settings, std::int64_t actions) {
  Values values{.heads = {actions}};
  if (!has(settings, "distributes")) return values;
  values.atoms = Atoms{settings.count("learner.atoms"), settings.number("learner.value-least"),
                       settings.number("learner.value-most")};
  if (values.atoms->least >= values.atoms->most)
    throw Error(ErrorKind::config, "learner.value-least is " + Json(values.atoms->least).dump() +
                                       " where learner.value-most is " + Json(values.atoms->most).dump() +
                                       ": the atoms need a least value below the most");
  return values;
}

Exploration exploration(const Ground& ground) {
  const Settings& settings = ground.settings;
  constexpr const char* after = "learner.explore-after";  // which parameters kept by older runs do not say
  return {settings.number("learner.explore-from"), settings.number("learner.explore-to"),
          settings.count("learner.explore-steps"), settings.is_said(after) ? settings.count(after) : 0};
}

std::unique_ptr<const Policy> epsilon_greedy(const Ground& ground) {
  if (ground.lessons != nullptr) return nullptr;
  return over_values(ground, std::make_unique<EpsilonGreedy>(ground.values.heads, exploration(ground)));
}

std::unique_ptr<const Policy> greedy(const Ground& ground) {
  if (ground.kind == TaskKind::windowed) return std::make_unique<Greedy>(ground.values.heads);
  if (ground.lessons != nullptr) return nullptr;
  const double epsilon = ground.settings.number("probe.explore");
  return over_values(ground,
                     std::make_unique<EpsilonGreedy>(ground.values.heads, Exploration{epsilon, epsilon, 1}));
}

namespace {

Seen when_due(const Ground& ground, Seen seen) {
  return
      [start = ground.settings.count("learner.start"), every = ground.settings.count("learner.update-every"),
       seen = std::move(seen)](const replay::Trajectories& steps, const Objective& objective) {
        return std::make_unique<Due>(steps, start, every, seen(steps, objective));
      };
}

/// The lessons' rows, or those of them that may be drawn.
std::vector<data::Id> drawn_rows(const Ground& ground, const replay::Trajectories& steps) {
  std::vector<data::Id> rows = ground.lessons->rows;
  if (ground.settings.word("learner.terminals", terminal_forms) == Terminals::drawn) return rows;
  std::erase_if(rows, [&](data::Id row) { return steps[row].terminated; });
  if (rows.empty())
    throw Error(ErrorKind::config,
                "learner.terminals = \"left-out\" leaves no step to learn from: each of these episodes has "
                "one step. Give \"drawn\"");
  return rows;
}

Seen stored(const Ground& ground, std::string_view stream = "batches") {
  return [ground, stream](const replay::Trajectories& steps, const Objective&) {
    return std::make_unique<Picked>(steps, drawn_rows(ground, steps), ground.settings.count("learner.batch"),
                                    ground.seed, stream);
  };
}

Seen uniform(const Ground& ground, std::string_view stream = "batches") {
  return [batch = ground.settings.count("learner.batch"), seed = ground.seed, stream](
             const replay::Trajectories& steps, const Objective& objective) {
    return std::make_unique<Uniform>(steps, objective, batch, seed, stream);
  };
}

/// The steps of another agent, in the order in which it made them, or drawn from all of them.
Seen relived(const Ground& ground) {
  return [drawing = Relived::Settings::read(ground.settings), life = ground.lessons->life,
          seed = ground.seed](const replay::Trajectories&, const Objective&) {
    return std::make_unique<Relived>(*life, drawing, seed);
  };
}

}  // namespace

const Lessons& known_lessons(const Ground& ground) {
  const std::string word = "learner.algorithm = \"" + ground.settings.text("learner.algorithm") + '"';
  if (ground.lessons == nullptr)
    throw Error(ErrorKind::config, word + " learns from stored trajectories: give task.trajectories");
  if (!ground.lessons->known)
    throw Error(ErrorKind::config, word +
                                       " learns from the values of who played the trajectories, and these "
                                       "hold none: give some that an expert has played (`crosstalk "
                                       "trajectories collect --expert FILE`), or another algorithm");
  return *ground.lessons;
}

Seen replayed(const Ground& ground) {
  if (ground.lessons != nullptr) return ground.lessons->life == nullptr ? stored(ground) : relived(ground);
  return when_due(ground, uniform(ground));
}

Seen drawn_beside(const Ground& ground) {
  constexpr std::string_view stream = "batches/reference";
  return ground.lessons == nullptr ? uniform(ground, stream) : stored(ground, stream);
}

Seen replayed_by_sampling(const Ground& ground) {
  const Settings& settings = ground.settings;
  if (ground.kind != TaskKind::control || settings.word("learner.sampling", samplings) == Sampling::uniform)
    return replayed(ground);
  const Prioritised::Settings drawing{.batch = settings.count("learner.batch"),
                                      .exponent = settings.number("learner.priority-exponent"),
                                      .weight = settings.number("learner.priority-weight"),
                                      .steps = settings.count("learner.steps"),
                                      .capacity = settings.count("learner.replay"),
                                      .like = ground.like};
  return when_due(
      ground, [drawing, seed = ground.seed](const replay::Trajectories& steps, const Objective& objective) {
        return std::make_unique<Prioritised>(steps, objective, drawing, seed);
      });
}

std::int64_t ahead(const Ground& ground) {
  return ground.kind == TaskKind::control ? ground.settings.count("learner.n-step") : 1;
}

replay::Keeping ring(const Ground& ground) {
  if (ground.lessons != nullptr) return {};
  const bool aliased = ground.kind == TaskKind::windowed &&
                       ground.settings.word("task.observation", observations) == Observation::aliased;
  return {.capacity = ground.settings.count("learner.replay"), .aliased = aliased};
}

Seen step_by_step() {
  return [](const replay::Trajectories& steps, const Objective&) { return std::make_unique<Newest>(steps); };
}

replay::Keeping newest(const Ground& ground) {
  return {.capacity = std::max<std::int64_t>(2, ground.settings.count("probe.samples"))};
}

Follow copied(const Ground& ground) {
  const auto every = ground.settings.count_or("learner.target-every", "never");
  return every ? Follow{Follow::How::every, *every} : Follow{Follow::How::never};
}

std::int64_t copies_that_stay(const Ground& ground) {
  constexpr const char* copies = "learner.target-copies";  // which parameters kept by older runs do not say
  return ground.settings.is_said(copies) ? ground.settings.count(copies) : 1;
}

Follow followed(const Ground& ground) {
  return {Follow::How::polyak, 1, ground.settings.number("learner.tau")};
}

}  // namespace crosstalk::learn
