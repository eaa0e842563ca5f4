// Bengio, Pineau and Precup (2020), sentence by sentence: sections 5 to 7. docs/claims.md says of each rule
// why it is this one.
#include "figures/claims/paper.hpp"

namespace crosstalk::figures {
namespace {

// ---- 5 Atari, Figs. 3 and 4, 11, D.1 and D.2
constexpr PaperClaim atari[] = {
    {"regression-gain", "section 5, Fig. 3",
     "In regression to the expert's values an update lowers the TD loss of states up to 10 steps away.",
     "mean(loss_difference.td-star ahead) > 0 where algorithm = reg for each configuration"},
    {"returns-gain", "section 5, Fig. 3",
     "In regression to Monte-Carlo returns an update lowers the TD loss of nearby states too.",
     "mean(loss_difference.td-star ahead) > 0 where algorithm = mc for each configuration"},
    {"targets-overlap", "section 5, Fig. 3",
     "The curves of regression to the expert's values and to its one-step targets mostly overlap.",
     "|mean(log loss_difference.td-star ahead where algorithm = reg) - mean(log loss_difference.td-star "
     "ahead where algorithm = td-star)| < 0.69 for each configuration"},
    {"expert-consistent", "section 5", "The expert's values are close to their own one-step targets.",
     "mean(td_error.expert.relative train) < 0.5 over all series where kind = evaluate"},
    {"rates-scale", "section 5",
     "The learning rate affects the size of the loss difference by offset, not the shape of its curve.",
     "|mean(log loss_difference.td-star ahead - log loss_difference.td-star batch where learner.rate = "
     "2.5e-4) "
     "- mean(log loss_difference.td-star ahead - log loss_difference.td-star batch where learner.rate = "
     "2.5e-5)| < 0.69 where algorithm in [mc, reg, td-star] for each configuration"},
    {"games-alike", "section 5", "The three games show loss differences of similar size and variance.",
     "|mean(log loss_difference.td-star batch where task.environment = \"atari:ms_pacman\") - mean(log "
     "loss_difference.td-star batch where task.environment in [\"atari:asterix\", \"atari:seaquest\"])| < "
     "0.69 "
     "where algorithm in [mc, reg, td-star] for each algorithm, learner.optimizer, learner.rate"},
    {"td-gain-smaller", "section 5, Fig. 4",
     "In Q-learning the loss difference is more than ten times smaller than in regression.",
     "mean(log loss_difference.td ahead where algorithm in [dqn, polyak, ql, double-dqn]) - mean(log "
     "loss_difference.td-star ahead where algorithm = reg) < -2.3 where learner.rate = 2.5e-4 for each "
     "learner.optimizer, task.environment"},
    {"td-gain-narrower", "section 5, Fig. 4",
     "In Q-learning the loss difference falls off even faster with the offset than in regression.",
     "mean(log loss_difference.td ahead - log loss_difference.td batch where algorithm in [dqn, polyak, ql, "
     "double-dqn]) < mean(log loss_difference.td-star ahead - log loss_difference.td-star batch where "
     "algorithm = reg) for each learner.optimizer, task.environment"},
    {"rmsprop-negative", "section 5, Fig. 4",
     "In Q-learning with RMSProp and SGD the loss difference is slightly negative.",
     "mean(loss_difference.td ahead) < 0 where algorithm in [dqn, polyak, ql, double-dqn] and "
     "learner.optimizer in [rmsprop, sgd] for each configuration"},
    {"momentum-gains", "section 5, Fig. 4",
     "In Q-learning with Adam and with momentum SGD the loss difference is not negative.",
     "mean(loss_difference.td ahead) > 0 where algorithm in [dqn, polyak, ql, double-dqn] and "
     "learner.optimizer in [adam, momentum] for each configuration"},
    {"offset-zero", "section 5, Figs. 4, 11",
     "The loss difference is much higher at the updated state itself than at its neighbours.",
     "mean(loss_difference.td batch - loss_difference.td ahead) > 0 where algorithm in [dqn, polyak, ql, "
     "double-dqn] for each configuration"},
    {"control-above-evaluation", "section 5, Fig. 4",
     "Q-learning has a larger gain in control than in policy evaluation.",
     "mean(loss_difference.td ahead where kind = control) > mean(loss_difference.td ahead where kind = "
     "evaluate) where algorithm = dqn for each learner.optimizer, task.environment"},
    {"spectrum-wider", "section 5, Fig. D.1",
     "After 100 thousand steps the singular values of the last hidden layer spread more in policy evaluation "
     "than in control.",
     "mean(singular_values.share train where kind = evaluate) < mean(singular_values.share seen where kind = "
     "control) where algorithm = dqn for each learner.optimizer, task.environment"},
    {"spectrum-converges", "section 5, Fig. D.1",
     "The spread of singular values in control and in policy evaluation draws level as training goes on.",
     "|mean(log singular_values.share train at last where kind = evaluate) - mean(log singular_values.share "
     "seen at last where kind = control)| < 0.22 where algorithm = dqn for each learner.optimizer, "
     "task.environment"},
    {"first-steps-suffice", "section 5",
     "The first 500 thousand of 10 million steps of control give loss differences of much the same size.",
     "|mean(log loss_difference.td ahead at 5%) - mean(log loss_difference.td ahead at last)| < 0.69 where "
     "kind = control and algorithm in [dqn, polyak, ql, double-dqn] for each configuration"},
    {"constant-after-start", "section 5, Fig. D.2",
     "After a few epochs function interference remains constant in value-based control (here: within a "
     "factor of 2 over the second half of training).",
     "mean(|log interference at last - log interference at 50%|) < 0.69 where panel = value-based"},
    {"batch-worse", "section 5",
     "Q-learning from another agent's lifetime of transitions does much worse than that agent (after Agarwal "
     "et al., 2019).",
     "mean(reward train where task.behaviour in [life, shuffled]) < mean(reward train where task.behaviour = "
     "own) where algorithm = double-dqn and learned in [true, false]"},
    {"order-matters", "section 5", "When bootstrapping, the order in which the data come may matter.",
     "mean(reward train where task.behaviour = life) != mean(reward train where task.behaviour = shuffled) "
     "where algorithm = double-dqn and learned in [true, false]"},
};

// ---- 5.1 and 5.2: lambda, sign variance
constexpr PaperClaim bootstrapping[] = {
    {"lambda-coherence", "section 5.1, Fig. 5",
     "The closer lambda is to 1, the more alike are the gradients of neighbouring states.",
     "mean(cosine.loss.ahead train where learner.lambda = 1) > mean(cosine.loss.ahead train where "
     "learner.lambda = 0) "
     "where algorithm = td-lambda for each configuration"},
    {"lambda-gain", "section 5.1, Fig. 6",
     "The closer lambda is to 1, the larger is the loss difference at neighbouring states.",
     "mean(loss_difference.td ahead where learner.lambda = 1) > mean(loss_difference.td ahead where "
     "learner.lambda = 0) where algorithm = td-lambda for each configuration"},
    {"lambda-above-q", "section 5.1, Fig. 6",
     "For lambda high enough the loss difference is larger than in Q-learning.",
     "mean(loss_difference.td ahead where algorithm = td-lambda and learner.lambda = 1) > "
     "mean(loss_difference.td ahead where algorithm = dqn and kind = evaluate) for each learner.optimizer, "
     "task.environment"},
    {"lambda-asymmetry", "section 5.1, Fig. 6",
     "The loss difference by offset is not symmetric around the updated state.",
     "mean(loss_difference.td ahead) != mean(loss_difference.td behind) where algorithm = td-lambda and "
     "learner.lambda > 0 for each configuration"},
    {"lambda-faster", "section 5.1", "With lambda high enough, models learn faster.",
     "mean(value_error states at 25% where learner.lambda >= 0.8) < mean(value_error states at 25% where "
     "learner.lambda = 0) where algorithm = td-lambda"},
    {"bootstrapping-small", "section 5.1",
     "Bootstrapping makes interference small (here: a discount above 0 beside regression to the reward).",
     "mean(function_stiffness where learner.gamma > 0) < mean(function_stiffness where learner.gamma = 0) "
     "where panel = value-based"},
    {"bootstrapping-unstable", "section 5.1",
     "Bootstrapping makes interference unstable (here: a discount above 0 beside regression to the reward).",
     "median(log variation interference where learner.gamma > 0) > median(log variation interference where "
     "learner.gamma = 0) where panel = value-based"},
    {"bootstrapping-memorises", "section 5.1",
     "Bootstrapping makes models memorise more (here: a larger gap of the first guess with a discount above "
     "0 than in regression to the reward, whatever their training fit; a run that fits less has less to "
     "lose).",
     "mean(gap_first_guess where learner.gamma > 0) > mean(gap_first_guess where learner.gamma = 0) where "
     "panel = value-based"},
    {"neighbours-positive", "section 5.2",
     "States that are near each other in the input space are likely to have positive function interference.",
     "mean(cosine.ahead train) > 0 for each configuration"},
    {"sign-variance-reward", "section 5.2, Fig. 7",
     "Agents with both large interference and large variance of the TD error's sign earn much less.",
     "r(sign_variance seen, return evaluation given log interference seen-seen) < 0 over all series where "
     "kind = control"},
    {"sign-variance-interference", "section 5.2, Fig. 7",
     "Interference and sign variance go together (r = 0.71).",
     "r(log interference seen-seen, sign_variance seen) > 0.3 over all series where kind = control"},
    {"small-rate", "section 5.2, Fig. 7",
     "A much smaller learning rate lessens the effect of sign variance, and costs more updates for a similar "
     "reward.",
     "slope(sign_variance seen, return evaluation where learner.rate = 2.5e-5) > slope(sign_variance seen, "
     "return evaluation where learner.rate = 2.5e-4) where kind = control"},
    {"small-rate-better", "section 5.2, Fig. 7",
     "A much smaller learning rate ends slightly better, and is ahead only towards the end of training.",
     "mean(return evaluation at last where learner.rate = 2.5e-5) > mean(return evaluation at last where "
     "learner.rate = 2.5e-4) where kind = control for each configuration"},
    {"normal-rate-plateau", "section 5.2, Fig. 7",
     "With a normal learning rate the reward stops rising halfway through training.",
     "|mean(log return evaluation at last) - mean(log return evaluation at 50%)| < 0.1 where kind = control "
     "and learner.rate = 2.5e-4 for each configuration"},
    {"smoothing-helps", "section 5.2",
     "A value function that is smoothed over time has less sign variance (after Thodoroff et al., 2018).",
     "mean(sign_variance train where learner.smoothing > 0) < mean(sign_variance train where "
     "learner.smoothing = 0) where algorithm = dqn and kind = evaluate for each configuration"},
    {"ensembles-help", "section 5.2",
     "Ensembles of value functions have less sign variance (after Anschel et al., 2017).",
     "mean(sign_variance train where learner.target-copies >= 5) < mean(sign_variance train where "
     "learner.target-copies = 1) where algorithm = dqn and kind = evaluate for each configuration"},
    {"sign-variance-lasts", "section 5.2",
     "The sign variance goes away in regression as it converges; in TD(0), above all with a frozen target, "
     "it grows with every update.",
     "mean(sign_variance train at last - sign_variance train at 25% where algorithm in [dqn, ql, polyak]) > "
     "mean(sign_variance train at last - sign_variance train at 25% where algorithm in [mc, reg, td-star]) "
     "for each configuration"},
};

// ---- 6 Understanding the evolution of interference, Figs. 8 and 10
constexpr PaperClaim evolution[] = {
    {"capacity-td", "section 6, Fig. 10",
     "In TD learning, networks of higher capacity have smaller interference.",
     "r(log capacity, log interference given examples) < 0 where panel = value-based"},
    {"capacity-classification", "section 6, Fig. 10",
     "In classification, networks of higher capacity have larger interference.",
     "r(log capacity, log interference given examples) > 0 where kind = classify"},
    {"capacity-contrast", "section 7, Fig. 10",
     "Interference changes otherwise with capacity in TD learning than in supervised learning on the same "
     "data.",
     "slope(log capacity, log interference given examples where panel = value-based) != slope(log capacity, "
     "log interference given examples where kind = classify)"},
    {"examples-contrast", "section 7",
     "Interference changes otherwise with the number of examples in TD learning than in supervised learning "
     "on the same data.",
     "slope(log examples, log interference given network where panel = value-based) != slope(log examples, "
     "log interference given network where kind = classify)"},
    {"same-class-stiff", "section 6",
     "Stiffness is mostly positive only between examples of one class (after Fort et al., 2019).",
     "mean(stiffness.between.sign - stiffness.within.sign) < 0 where kind = classify"},
    {"similar-grows", "section 6",
     "An update raises the interference of examples that are close in inputs and targets, and lowers that of "
     "others.",
     "mean(rho_prime.near - rho_prime.far) > 0 where kind = classify"},
    {"classes-decrease", "section 6",
     "Between examples of different classes the sign of the loss's derivative lowers interference.",
     "mean(rho_prime.between - rho_prime.within) < 0 where kind = classify"},
    {"derivative-negative", "section 6",
     "For random networks the median of interference's derivative is close to 0 and negative, its mean more "
     "negative still.",
     "mean(rho_prime at first - rho_prime.median at first) < 0 where task.dataset = normal for each "
     "configuration"},
    {"derivative-tail", "section 6",
     "The derivative's distribution has heavy tails, the negative one slightly heavier.",
     "mean(rho_prime.skewness at first) < 0 where task.dataset = normal for each configuration"},
    {"opposite-errors", "section 6", "Similar states whose TD errors have opposite signs lose interference.",
     "mean(rho_prime.near.disagree) < 0 where algorithm in [dqn, polyak, ql, double-dqn] for each "
     "configuration"},
    {"opposite-at-capacity", "section 6",
     "Similar states whose TD errors have opposite signs are likelier in networks of high capacity.",
     "r(log capacity, sign_variance seen given learner.rate) > 0 over all series where kind = control"},
    {"signs-flip", "section 6",
     "As both prediction and target move, there are many near states of which one error alone changes its "
     "sign.",
     "mean(sign_flips train where algorithm in [ql, polyak]) > mean(sign_flips train where algorithm in "
     "[mc, reg, td-star]) for each learner.optimizer, task.environment"},
    {"first-term", "section 6, Fig. 8",
     "In regression and in TD learning positive samples of the first term dominate.",
     "mean(rho_prime.r1) > 0 where algorithm in [dqn, polyak, ql] for each configuration"},
    {"terms-regression", "section 6, Fig. 8",
     "In regression the first two terms of interference's derivative are positive much more often than "
     "negative.",
     "mean(rho_prime.r2.positive - rho_prime.r2.negative) > 0.33 where algorithm = reg for each "
     "configuration"},
    {"terms-td", "section 6, Fig. 8",
     "In TD learning the share of negative samples is much larger, above all for the second term.",
     "mean(rho_prime.r2.negative where algorithm in [dqn, polyak, ql]) > mean(rho_prime.r2.negative where "
     "algorithm = reg) for each learner.optimizer, task.environment"},
    {"third-term", "section 6, Fig. 8",
     "In TD learning the third term is smaller than the others, and negative on average.",
     "mean(rho_prime.r3) < 0 where algorithm in [dqn, polyak, ql] for each configuration"},
    {"derivative-unstable", "section 6, Fig. 8", "TD learning has no stable evolution of interference.",
     "median(variation rho_prime where algorithm in [dqn, polyak, ql]) > median(variation rho_prime where "
     "algorithm = reg) for each learner.optimizer, task.environment"},
    {"momentum", "section 6.1", "Momentum dampens the evolution of interference.",
     "mean(log rho_prime.step.came.deviation where learner.momentum = 0.9) < mean(log "
     "rho_prime.step.came.deviation where learner.momentum = 0) on all cells over all series where "
     "algorithm in [dqn, polyak, ql] for each algorithm, task.environment"},
    {"momentum-mends", "section 6.1", "Momentum dampens the negative effects of interference in TD learning.",
     "mean(loss_difference.td ahead where learner.optimizer = momentum and learner.momentum = 0.9 and "
     "learner.rate = 2.5e-4) > mean(loss_difference.td ahead where learner.optimizer = sgd and learner.rate "
     "= 2.5e-3) where algorithm in [dqn, polyak, ql, double-dqn] for each algorithm, kind, task.environment"},
    {"momentum-term", "section 6.1",
     "With momentum, the term of the derivative that holds the mean gradient is the larger one.",
     "mean(log rho_prime.momentum.second.deviation - log rho_prime.momentum.first.deviation) > 0 where "
     "learner.momentum >= 0.9 for each configuration"},
    {"momentum-steady", "section 6.1",
     "The gradients' alignment with their moving mean is steadier than that of curvature and gradient.",
     "median(variation rho_prime.momentum.second - variation rho_prime.momentum.first) < 0 where "
     "learner.momentum >= 0.9"},
};

// ---- 7 Discussion
constexpr PaperClaim discussion[] = {
    {"td-generalises-worse", "section 7",
     "Q-learning generalises poorly: with the same data and the same final targets it does worse than "
     "supervised learning.",
     "mean(value_error test - value_error train where algorithm in [dqn, polyak, ql, double-dqn]) > "
     "mean(value_error test - value_error train where algorithm in [reg, td-star]) for each "
     "learner.optimizer, task.environment"},
    {"lambda-generalises", "section 7", "TD(lambda) improves generalisation.",
     "mean(value_error test - value_error train where learner.lambda >= 0.75) < mean(value_error test - "
     "value_error train where learner.lambda = 0) where algorithm = td-lambda for each configuration"},
    {"adam-differs", "section 7", "Adam and RMSProp differ in their effect on interference in TD learning.",
     "mean(function_stiffness where learner.optimizer = adam) != mean(function_stiffness where "
     "learner.optimizer = rmsprop) where panel = value-based"},
};

}  // namespace

std::vector<std::span<const PaperClaim>> claims_on_dynamics() {
  return {atari, bootstrapping, evolution, discussion};
}

}  // namespace crosstalk::figures
