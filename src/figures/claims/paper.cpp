// Bengio, Pineau and Precup (2020), sentence by sentence. docs/claims.md says of each rule why it is this
// one.
#include "figures/claims/paper.hpp"

namespace crosstalk::figures {

const std::vector<PaperClaim>& paper_claims() {
  static const std::vector<PaperClaim> claims{
      // ---- 1 Introduction
      {"early-stopping", "section 1",
       "In supervised learning that is stopped early, low interference goes with a small generalisation gap.",
       "r(log interference at best, gap at best) > 0 where panel = supervised for each examples"},
      {"early-stopping-td", "section 1",
       "In TD learning lower interference goes with a larger gap, whatever the size of the training set.",
       "r(log interference, gap given log examples) < 0 where panel = value-based"},
      {"least-before-overfitting", "footnote 2",
       "Interference should be smallest just before overfitting begins: smaller at the best test error than "
       "at the "
       "end of training.",
       "mean(log interference at best - log interference) < 0 where kind = classify"},
      {"stiffness-drops", "footnote 2", "Stiffness falls once a model overfits (after Fort et al., 2019).",
       "mean(stiffness - stiffness at best) < 0 where kind = classify"},
      {"stiffness-stays-positive", "footnote 2",
       "Once a model overfits, stiffness nevertheless stays positive (after Fort et al., 2019).",
       "mean(stiffness) > 0 where kind = classify"},

      // ---- 2.1 Computing interference quantities
      {"function-stable", "section 2.1",
       "Function interference stays stable during training where loss interference does not.",
       "mean(log variation loss_interference - log variation function_interference) > 0"},
      {"settles", "footnote 3", "At convergence the function's gradients hardly change any more.",
       "|mean(log interference - log interference at 75%)| < 0.22"},
      {"maximum-is-enough", "footnote 4",
       "Taking the largest output in place of the whole Jacobian shows the same trends (here: in place of "
       "the mean "
       "of the outputs).",
       "|r(log interference, gap where probe.function = max) - r(log interference, gap where probe.function "
       "= mean)| "
       "< 0.3 for each examples"},

      // ---- 4, Fig. 1: r by the number of examples
      {"td-negative", "section 4, Fig. 1",
       "Given enough data, TD methods tend to have a strong negative correlation of interference and gap.",
       "r(log interference, gap) < -0.3 where panel = value-based and examples >= 500 for each examples"},
      {"classification-positive", "section 4, Fig. 1",
       "Given enough data, classification methods tend to have a positive correlation.",
       "r(log interference, gap) > 0 where kind = classify and examples >= 500 for each examples"},
      {"sarcos-peak", "section 4, Fig. 1",
       "SARCOS has a high correlation where there begins to be enough data.",
       "r(log interference, gap) > 0.5 where dataset = sarcos for some examples"},
      {"sarcos-all-no-r", "section 4, Fig. 1",
       "SARCOS has no correlation with all of its 44 thousand training examples.",
       "|r(log interference, gap)| < 0.3 where dataset = sarcos and examples >= 44000"},
      {"sarcos-all-no-gap", "section 4", "With all of SARCOS the generalisation gap is almost 0.",
       "mean(log test error - log train error) < 0.1 where dataset = sarcos and examples >= 44000"},
      {"california-most", "section 4, Fig. 1",
       "California has a positive correlation with most or all of the data.",
       "r(log interference, gap) > 0 where dataset = california and examples >= 10000 for each examples"},
      {"california-less", "section 4, Fig. 1",
       "California has no positive correlation with less than half of the data.",
       "r(log interference, gap) < 0.3 where dataset = california and examples < 10000 for each examples"},
      {"pg-weak", "section 4, Fig. 1",
       "Policy gradient shows no strong correlation (|r| < 0.3), with other than 100 training seeds.",
       "|r(log interference, gap)| < 0.3 where panel = \"policy gradient\" and examples != 100 for each "
       "examples"},
      {"pg-weak-100", "section 4, Fig. 1",
       "Policy gradient shows no strong correlation with 100 training seeds on other data than CIFAR-10.",
       "|r(log interference, gap)| < 0.3 where panel = \"policy gradient\" and dataset != cifar10 and "
       "examples = 100"},
      {"pg-cifar-100", "section 4, Fig. 1",
       "Policy gradient on CIFAR-10 with 100 training seeds is the exception, with r = -0.60.",
       "r(log interference, gap) < -0.3 where panel = \"policy gradient\" and dataset = cifar10 and examples "
       "= 100"},
      {"td-differs-from-classification", "Fig. 1",
       "On the same data, value-based learning and classification have a clearly different effect: r is "
       "lower in the "
       "former.",
       "r(log interference, gap where panel = value-based) < r(log interference, gap where kind = classify) "
       "where examples >= 500 for each examples"},
      {"td-differs-from-pg", "Fig. 1",
       "Value-based learning shows another trend than policy gradient: its r is lower.",
       "r(log interference, gap where panel = value-based) < "
       "r(log interference, gap where panel = \"policy gradient\") where examples >= 500 for each examples"},

      // ---- 4, Fig. 2: r over all numbers of examples and capacities
      {"classification-over-all", "section 4, Fig. 2",
       "Over all sizes, interference and gap correlate strongly in classification (r > 0.9).",
       "r(log interference, gap) > 0.9 where kind = classify"},
      {"pg-over-all", "section 4, Fig. 2",
       "Over all sizes, interference and gap correlate positively in policy gradient too.",
       "r(log interference, gap) > 0 where panel = \"policy gradient\""},
      {"pg-lesser", "section 4, Fig. 2",
       "Over all sizes they correlate less in policy gradient than in classification.",
       "r(log interference, gap where panel = \"policy gradient\") < r(log interference, gap where kind = "
       "classify)"},
      {"regression-over-all", "section 4, Fig. 2",
       "Over all sizes the correlation is negative in regression.",
       "r(log interference, gap) < 0 where kind = regress"},
      {"td-over-all", "section 4, Fig. 2",
       "Over all sizes the correlation is negative in value-based learning.",
       "r(log interference, gap) < 0 where panel = value-based"},
      {"no-clear-trend", "section 4, Fig. 2",
       "Over all sizes the correlation is too low for a clear trend in regression and in value-based "
       "learning.",
       "|r(log interference, gap)| < 0.5 where kind != classify and panel != \"policy gradient\""},
      {"gap-by-examples", "section 4, Fig. 9",
       "The gap is almost wholly driven by the size of the training set (r < -0.91), policy gradient aside.",
       "r(log examples, gap) < -0.91 where panel != \"policy gradient\""},
      {"gap-by-examples-pg", "section 4, Fig. 9",
       "In policy gradient the gap follows the size of the training set slightly less closely (r above "
       "-0.91).",
       "r(log examples, gap) > -0.91 where panel = \"policy gradient\""},
      {"classification-low-generalises", "section 4",
       "In classification, solutions of low interference tend to generalise (here: at equal size of the "
       "training set "
       "and of the network).",
       "r(log interference, gap given log examples, log capacity) > 0 where kind = classify"},
      {"td-low-memorises", "section 4",
       "In TD learning, solutions of low interference often memorise (here: at equal sizes).",
       "r(log interference, gap given log examples, log capacity) < 0 where panel = value-based"},
      {"regression-low-generalises", "section 4",
       "In regression, solutions of low interference tend to generalise only for a fixed quantity of data.",
       "r(log interference, gap given log examples) > 0 where kind = regress"},

      // ---- 5 Atari, Figs. 3 and 4, D.1 and D.2
      {"regression-gain", "section 5, Fig. 3",
       "In regression to the expert's values an update lowers the TD loss of states up to 10 steps away.",
       "needs the loss difference by temporal offset in a replay of Atari, after supervised updates"},
      {"targets-overlap", "section 5, Fig. 3",
       "The curves of regression to the expert's values and to its one-step targets mostly overlap.",
       "needs the loss difference by temporal offset for both targets"},
      {"rates-scale", "section 5",
       "The learning rate affects the size of the loss difference by offset, not the shape of its curve.",
       "needs the loss difference by temporal offset for several learning rates"},
      {"td-gain-smaller", "section 5, Fig. 4",
       "In Q-learning the loss difference is more than ten times smaller than in regression.",
       "needs the loss difference by temporal offset for Q-learning beside regression"},
      {"td-gain-narrower", "section 5, Fig. 4",
       "In Q-learning the loss difference falls off even faster with the offset than in regression.",
       "needs the loss difference by temporal offset for Q-learning beside regression"},
      {"rmsprop-negative", "section 5, Fig. 4",
       "In Q-learning with RMSProp and SGD the loss difference is slightly negative.",
       "needs the loss difference by temporal offset for Q-learning with RMSProp and with SGD"},
      {"control-above-evaluation", "section 5, Fig. 4",
       "Q-learning has a larger gain in control than in policy evaluation.",
       "needs the loss difference by temporal offset for control beside policy evaluation"},
      {"spectrum-wider", "section 5, Fig. D.1",
       "After 100 thousand steps the singular values of the last hidden layer spread more in policy "
       "evaluation than "
       "in control.",
       "needs singular values of the last hidden layer in control and in policy evaluation"},
      {"spectrum-converges", "section 5, Fig. D.1",
       "The spread of singular values in control and in policy evaluation draws level as training goes on.",
       "needs singular values of the last hidden layer at several steps"},
      {"first-steps-suffice", "section 5",
       "The first 500 thousand of 10 million steps of control give loss differences of much the same size.",
       "needs the loss difference by temporal offset early and late in control"},
      {"constant-after-start", "section 5, Fig. D.2",
       "After a few epochs function interference remains constant in value-based control (here: within a "
       "factor of 2 "
       "over the second half of training).",
       "|mean(log interference - log interference at 50%)| < 0.69 where panel = value-based"},

      // ---- 5.1 and 5.2: lambda, sign variance
      {"lambda-coherence", "section 5.1, Fig. 5",
       "The closer lambda is to 1, the more alike are the gradients of neighbouring states.",
       "needs the cosine of gradients by temporal offset for several lambda"},
      {"lambda-gain", "section 5.1, Fig. 6",
       "The closer lambda is to 1, the larger is the loss difference at neighbouring states.",
       "needs the loss difference by temporal offset for several lambda"},
      {"lambda-above-q", "section 5.1, Fig. 6",
       "For lambda high enough the loss difference is larger than in Q-learning.",
       "needs the loss difference by temporal offset for TD(lambda) beside Q-learning"},
      {"sign-variance-reward", "section 5.2, Fig. 7",
       "Agents with both large interference and large variance of the TD error's sign earn much less.",
       "needs the sign variance of TD errors along trajectories, and the reward"},
      {"sign-variance-interference", "section 5.2, Fig. 7",
       "Interference and sign variance go together (r = 0.71).",
       "needs the sign variance of TD errors along trajectories"},
      {"small-rate", "section 5.2, Fig. 7",
       "A much smaller learning rate lessens the effect of sign variance, and costs more updates for a "
       "similar reward.",
       "needs the sign variance of TD errors along trajectories for several learning rates"},

      // ---- 6 Understanding the evolution of interference
      {"capacity-td", "section 6, Fig. 10",
       "In TD learning, networks of higher capacity have smaller interference.",
       "r(log capacity, log interference given log examples) < 0 where panel = value-based"},
      {"capacity-classification", "section 6, Fig. 10",
       "In classification, networks of higher capacity have larger interference.",
       "r(log capacity, log interference given log examples) > 0 where kind = classify"},
      {"capacity-contrast", "section 7, Fig. 10",
       "Interference changes otherwise with capacity in TD learning than in supervised learning on the same "
       "data.",
       "r(log capacity, log interference given log examples where panel = value-based) < "
       "r(log capacity, log interference given log examples where kind = classify)"},
      {"same-class-stiff", "section 6",
       "Stiffness is mostly positive only between examples of one class (after Fort et al., 2019).",
       "needs stiffness within and between classes apart"},
      {"derivative-negative", "section 6",
       "For random networks the median of interference's derivative is close to 0 and negative, its mean "
       "more "
       "negative still.",
       "needs the derivative of interference along an update"},
      {"terms-regression", "section 6, Fig. 8",
       "In regression the first two terms of interference's derivative are positive much more often than "
       "negative.",
       "needs the three terms of interference's derivative for a regression"},
      {"terms-td", "section 6, Fig. 8",
       "In TD learning the share of negative samples is much larger, above all for the second term.",
       "needs the three terms of interference's derivative for DQN, Double DQN and Q-learning"},
      {"third-term", "section 6, Fig. 8",
       "In TD learning the third term is smaller than the others, and negative on average.",
       "needs the three terms of interference's derivative for DQN, Double DQN and Q-learning"},
      {"momentum", "section 6.1", "Momentum dampens the evolution of interference.",
       "needs one TD study with and without momentum, and the derivative of interference"},

      // ---- 7 Discussion
      {"td-generalises-worse", "section 7",
       "Q-learning generalises poorly: with the same data and the same final targets it does worse than "
       "supervised "
       "learning.",
       "needs TD learning and regression to the true values on the same trajectories"},
      {"lambda-generalises", "section 7", "TD(lambda) improves generalisation.",
       "needs TD(lambda) with training and test trajectories"},
      {"adam-differs", "section 7", "Adam and RMSProp differ in their effect on interference in TD learning.",
       "needs one TD study with both optimisers on the same trajectories"},
  };
  return claims;
}

}  // namespace crosstalk::figures
