#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The words that a study file says and the engine obeys. Each stands here once: the desk refuses what is not
/// here, the engine reads what each means.
namespace crosstalk {

template <class Meaning>
struct Word {
  std::string_view word;
  Meaning means;
};
template <class Meaning, std::size_t n>
using Vocabulary = std::array<Word<Meaning>, n>;

/// What a word means in a table; nothing where it is not there.
template <class Meaning, std::size_t n>
std::optional<Meaning> meaning(const Vocabulary<Meaning, n>& table, std::string_view word) {
  for (const auto& entry : table)
    if (entry.word == word) return entry.means;
  return std::nullopt;
}

/// All words of a table, in its order.
template <class Table>
std::vector<std::string> words_of(const Table& table) {
  std::vector<std::string> words;
  for (const auto& entry : table) words.emplace_back(entry.word);
  return words;
}

/// The word for a meaning; the first of those that mean the same.
template <class Meaning, std::size_t n>
constexpr std::string_view word_for(const Vocabulary<Meaning, n>& table, Meaning means) {
  return std::find_if(table.begin(), table.end(), [&](const auto& entry) { return entry.means == means; })
      ->word;
}

/// The words of a list with blanks between them, as tables have them: "classify windowed".
inline std::vector<std::string> words_in(std::string_view list) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at < list.size();) {
    const std::size_t end = std::min(list.find(' ', at), list.size());
    if (end > at) words.emplace_back(list.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

inline bool lists(std::string_view list, std::string_view word) {
  for (const std::string& each : words_in(list))
    if (each == word) return true;
  return false;
}

/// task.kind: rows with classes or numbers; an agent that finds the class of an image; an agent that learns
/// to act; the values of a policy that stays as it is.
enum class TaskKind { classify, regress, windowed, control, evaluate };
inline constexpr Vocabulary<TaskKind, 5> task_kinds{{{"classify", TaskKind::classify},
                                                     {"regress", TaskKind::regress},
                                                     {"windowed", TaskKind::windowed},
                                                     {"control", TaskKind::control},
                                                     {"evaluate", TaskKind::evaluate}}};

/// learner.loss, of one sample: log sum_k exp f_k - f_y; the mean over outputs of (f - y)^2 (of a TD error:
/// d^2); the published min(d^2, |d|); Huber's d^2 / 2 up to 1, |d| - 1/2 beyond; REINFORCE's.
enum class LossKind { cross_entropy, squared_error, smooth_l1, huber, policy_gradient };
inline constexpr Vocabulary<LossKind, 5> losses{{{"cross-entropy", LossKind::cross_entropy},
                                                 {"squared-error", LossKind::squared_error},
                                                 {"smooth-l1", LossKind::smooth_l1},
                                                 {"huber", LossKind::huber},
                                                 {"policy-gradient", LossKind::policy_gradient}}};

/// learner.reduction: how the loss goes over a batch.
enum class Reduction { mean, sum };
inline constexpr Vocabulary<Reduction, 2> reductions{{{"mean", Reduction::mean}, {"sum", Reduction::sum}}};

/// learner.targets. separate: each prediction meets its own target. broadcast: the published California
/// script's mistake, predictions (n, 1) minus targets (n) give n x n errors.
enum class Targets { separate, broadcast };
inline constexpr Vocabulary<Targets, 2> target_forms{
    {{"separate", Targets::separate}, {"broadcast", Targets::broadcast}}};

/// learner.optimizer, with PyTorch's definitions.
enum class OptimizerKind { adam, sgd, momentum, rmsprop };
inline constexpr Vocabulary<OptimizerKind, 4> optimizers{{{"adam", OptimizerKind::adam},
                                                          {"sgd", OptimizerKind::sgd},
                                                          {"momentum", OptimizerKind::momentum},
                                                          {"rmsprop", OptimizerKind::rmsprop}}};

/// learner.target of double-dqn: who chooses the next action that the target network values.
enum class Choice { online, target };
inline constexpr Vocabulary<Choice, 2> target_choices{{{"double", Choice::online}, {"max", Choice::target}}};

/// learner.sampling: every step that is kept with the same chance, or by what its TD error was.
enum class Sampling { uniform, prioritised };
inline constexpr Vocabulary<Sampling, 2> samplings{
    {{"uniform", Sampling::uniform}, {"prioritised", Sampling::prioritised}}};

/// learner.return: the undiscounted rewards from a step on, or those of its whole episode.
enum class Return { to_go, episode };
inline constexpr Vocabulary<Return, 2> return_kinds{{{"to-go", Return::to_go}, {"episode", Return::episode}}};

/// learner.view of TD(lambda): forward, after each episode its lambda-returns and then its updates in order;
/// backward, an update at each step along an eligibility trace.
enum class View { forward, backward };
inline constexpr Vocabulary<View, 2> views{{{"forward", View::forward}, {"backward", View::backward}}};

/// learner.source: steps that a policy takes, or every transition of an exact environment at once, each with
/// the weight d(s) pi(a|s) P(s'|s, a).
enum class SourceKind { sampled, expected };
inline constexpr Vocabulary<SourceKind, 2> sources{
    {{"sampled", SourceKind::sampled}, {"expected", SourceKind::expected}}};

/// learner.approximation: network.*; f = w . x(s) without a bias; one number for each state.
enum class Approximation { network, linear, tabular };
inline constexpr Vocabulary<Approximation, 3> approximations{{{"network", Approximation::network},
                                                              {"linear", Approximation::linear},
                                                              {"tabular", Approximation::tabular}}};

/// task.subset: which training rows.
enum class Subset { first, random };
inline constexpr Vocabulary<Subset, 2> subsets{{{"first", Subset::first}, {"random", Subset::random}}};

/// task.normalise (data/scaling.hpp has the formulas).
enum class Normalisation { none, global, per_feature };
inline constexpr Vocabulary<Normalisation, 3> normalisations{{{"none", Normalisation::none},
                                                              {"global", Normalisation::global},
                                                              {"per-feature", Normalisation::per_feature}}};

/// network.initialisation. U is uniform; k = sqrt(6 / (fan_in + fan_out)), fan = channels * kh * kw for
/// convolutions.
enum class Initialisation {
  linear_glorot,  // linear layers U(-k, k), biases 0; convolutions as PyTorch
  glorot,         // all layers U(-k, k), biases 0
  pytorch,        // weights and biases U(-1 / sqrt(fan_in), 1 / sqrt(fan_in))
};
inline constexpr Vocabulary<Initialisation, 3> initialisations{
    {{"linear-glorot", Initialisation::linear_glorot},
     {"glorot", Initialisation::glorot},
     {"pytorch", Initialisation::pytorch}}};

/// task.observation: what of a step is learned from. aliased: the published mistake, s' in place of s.
/// shifted: that of stored trajectories, s' in place of s and what follows s' in place of s'.
enum class Observation { paper, aliased, shifted };
inline constexpr Vocabulary<Observation, 3> observations{
    {{"paper", Observation::paper}, {"aliased", Observation::aliased}, {"shifted", Observation::shifted}}};

/// task.behaviour: whose steps an agent learns from. own: its own, as it acts; those of another agent that
/// has lived before: its whole life in order, or drawn from all at once, or steps of the policy that it ended
/// with.
enum class Behaviour { own, life, shuffled, last_policy };
inline constexpr Vocabulary<Behaviour, 4> behaviours{{{"own", Behaviour::own},
                                                      {"life", Behaviour::life},
                                                      {"shuffled", Behaviour::shuffled},
                                                      {"final", Behaviour::last_policy}}};

/// learner.episode-end of what learns from stored trajectories. leaking: the published mistake of Monte
/// Carlo, a return begins anew one step after its episode. underweighted: that of TD(lambda), the longest
/// return weighs lambda^(T-t+1) where it should weigh lambda^(T-t-1).
enum class EpisodeEnd { paper, leaking, underweighted };
inline constexpr Vocabulary<EpisodeEnd, 3> episode_ends{{{"paper", EpisodeEnd::paper},
                                                         {"leaking", EpisodeEnd::leaking},
                                                         {"underweighted", EpisodeEnd::underweighted}}};

/// probe.losses: of which loss the change by an update is measured, whatever is learned by. own: what is
/// learned by; td: the one-step TD error; td_star: that against the values of who played the trajectories;
/// mc: against returns; lambda: against lambda-returns; reg: all values against those of who played.
enum class LossMeasured { own, td, td_star, mc, lambda, reg };
inline constexpr Vocabulary<LossMeasured, 6> losses_measured{{{"own", LossMeasured::own},
                                                              {"td", LossMeasured::td},
                                                              {"td-star", LossMeasured::td_star},
                                                              {"mc", LossMeasured::mc},
                                                              {"lambda", LossMeasured::lambda},
                                                              {"reg", LossMeasured::reg}}};

/// learner.terminals: whether the last step of an episode is drawn like any other. left-out: the published
/// mistake, one that ended by its environment's rules never is.
enum class Terminals { drawn, left_out };
inline constexpr Vocabulary<Terminals, 2> terminal_forms{
    {{"drawn", Terminals::drawn}, {"left-out", Terminals::left_out}}};

/// learner.output: which output is led to a return, that of the action taken, or the largest.
enum class Output { taken, max };
inline constexpr Vocabulary<Output, 2> outputs_learned{{{"taken", Output::taken}, {"max", Output::max}}};

/// task.timeout: whether an episode that is cut ends for the target too.
enum class Timeout { terminal, truncate };
inline constexpr Vocabulary<Timeout, 2> timeouts{
    {{"terminal", Timeout::terminal}, {"truncate", Timeout::truncate}}};

/// task.policy of task.kind = "evaluate": all actions equally likely, or Baird's target policy (always the
/// solid action; its behaviour is dashed in 6 of 7 steps).
enum class PolicyKind { uniform, solid };
inline constexpr Vocabulary<PolicyKind, 2> policies{
    {{"uniform", PolicyKind::uniform}, {"solid", PolicyKind::solid}}};

/// task.actions of an Atari game: those that it heeds, or all that a console has.
enum class ActionSet { minimal, all };
inline constexpr Vocabulary<ActionSet, 2> action_sets{
    {{"minimal", ActionSet::minimal}, {"all", ActionSet::all}}};

/// task.maximum: when the larger of each pixel of the last two screens is taken.
enum class Maximum { after_resizing, before_resizing };
inline constexpr Vocabulary<Maximum, 2> maxima{
    {{"after-resizing", Maximum::after_resizing}, {"before-resizing", Maximum::before_resizing}}};

/// probe.unit: what probe.every counts, and the step of every row.
enum class Unit { steps, updates, episodes };
inline constexpr Vocabulary<Unit, 3> units{
    {{"steps", Unit::steps}, {"updates", Unit::updates}, {"episodes", Unit::episodes}}};

/// probe.keep: the measurements of which parameters and samples are written to files.
enum class Keep { none, last, all };
inline constexpr Vocabulary<Keep, 3> keeps{{{"none", Keep::none}, {"last", Keep::last}, {"all", Keep::all}}};

/// runtime.precision and runtime.device.
enum class Precision { single_precision, double_precision };
inline constexpr Vocabulary<Precision, 2> precisions{
    {{"single", Precision::single_precision}, {"double", Precision::double_precision}}};
enum class DeviceKind { cpu, cuda };
inline constexpr Vocabulary<DeviceKind, 2> devices{{{"cpu", DeviceKind::cpu}, {"cuda", DeviceKind::cuda}}};

/// probe.function: the scalar of a sample's outputs whose gradient interferes.
enum class Function {
  max,         // the largest output; which one it is, is held fixed. Of equal ones the first
  mean,        // the mean of the outputs
  confidence,  // the softmax probability of the largest output, which one held fixed
  taken,       // the outputs of the actions taken, summed over heads
};
inline constexpr Vocabulary<Function, 4> functions{{{"max", Function::max},
                                                    {"mean", Function::mean},
                                                    {"confidence", Function::confidence},
                                                    {"taken", Function::taken}}};

}  // namespace crosstalk
