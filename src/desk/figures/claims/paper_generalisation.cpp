// Bengio, Pineau and Precup (2020), sentence by sentence: sections 1 to 4. docs/claims.md says of each rule
// why it is this one.
#include "figures/claims/paper.hpp"

namespace crosstalk::figures {
namespace {

// ---- Abstract, 1 Introduction
constexpr PaperClaim introduction[] = {
    {"td-low-interference", "abstract",
     "TD learning leads to low interference (here: gradients of the function that are less alike than in "
     "classification of the same data).",
     "mean(function_stiffness where panel = value-based) < mean(function_stiffness where kind = classify)"},
    {"td-under-generalises", "abstract",
     "TD learning leads to under-generalising parameters (here: the gap of an agent's first guess is larger "
     "than that of a classifier's accuracy on the same data, whatever their training fit; a run that fits "
     "less "
     "has less to lose).",
     "mean(gap_first_guess where panel = value-based) > mean(accuracy train - accuracy test where kind = "
     "classify)"},
    {"targets-incoherent", "abstract", "Bootstrapping lowers the local coherence of targets.",
     "mean(target_roughness train where learner.lambda = 0) > mean(target_roughness train where "
     "learner.lambda = 1) where algorithm = td-lambda for each configuration"},
    {"early-stopping", "section 1",
     "In supervised learning that is stopped early, low interference goes with a small generalisation gap.",
     "r(log interference at best, gap at best pooled over examples) > 0 where panel = supervised"},
    {"early-stopping-td", "section 1",
     "In TD learning lower interference goes with a larger gap (here: read at the same moment as in "
     "supervised learning).",
     "r(log interference at best, gap at best pooled over examples) < 0 where panel = value-based"},
    {"least-beside-end", "footnote 2",
     "Interference of the loss should be smallest just before overfitting: smaller at the best test error "
     "than at the end of training.",
     "median(loss_interference at best - loss_interference at last) < 0 where kind = classify and overfits"},
    {"least-beside-start", "footnote 2",
     "Interference of the loss should be smallest just before overfitting: smaller at the best test error "
     "than at the start of training.",
     "median(loss_interference at best - loss_interference at first) < 0 where kind = classify and overfits"},
    {"weights-grow", "footnote 2", "Once a network overfits, its weights grow (known, says the paper).",
     "mean(log norm.weights at last - log norm.weights at best) > 0 where kind = classify and overfits"},
    {"gradients-grow", "footnote 2", "Once a network overfits, its gradients grow with its weights.",
     "mean(log norm.gradient.single test at last - log norm.gradient.single test at best) > 0 where kind = "
     "classify and overfits"},
    {"stiffness-drops", "footnote 2", "Stiffness falls once a model overfits (after Fort et al., 2019).",
     "mean(stiffness at last - stiffness at best) < 0 where kind = classify and overfits"},
    {"stiffness-stays-positive", "footnote 2",
     "Once a model overfits, stiffness nevertheless stays positive (after Fort et al., 2019).",
     "mean(stiffness at last) > 0 where kind = classify and overfits"},
};

// ---- 2.1 Computing interference quantities
constexpr PaperClaim quantities[] = {
    {"function-stable", "section 2.1",
     "Function interference stays stable during training where loss interference does not.",
     "median(log variation loss_interference - log variation function_interference) > 0"},
    {"settles", "footnote 3", "At convergence the function's gradients hardly change any more.",
     "mean(|log interference at last - log interference at 75%|) < 0.22 where converged"},
    {"gradients-stay", "footnote 3",
     "At convergence gradients need not be 0; the parameters then move about a minimum.",
     "mean(log norm.gradient.single train at last - log norm.gradient.single train at first) > -2.3 where "
     "converged"},
    {"maximum-is-enough", "footnote 4",
     "Taking the largest output in place of the whole Jacobian shows the same trends.",
     "mean(ntk.maximum) > 0.5"},
};

// ---- 4, Fig. 1: r by the number of examples
constexpr PaperClaim by_examples[] = {
    {"td-negative", "section 4, Fig. 1",
     "Given enough data, TD methods tend to have a strong negative correlation of interference and gap.",
     "r(log interference, gap pooled over examples) < -0.3 where panel = value-based and examples >= 500"},
    {"classification-positive", "section 4, Fig. 1",
     "Given enough data, classification methods tend to have a positive correlation.",
     "r(log interference, gap pooled over examples) > 0 where kind = classify and examples >= 500"},
    {"regression-positive", "section 4, Fig. 1",
     "Given enough data, regression shows results similar to classification's.",
     "r(log interference, gap pooled over examples) > 0 where kind = regress and examples >= 500"},
    {"regression-less-consistent", "section 4, Fig. 1",
     "The results of regression are less consistent than those of classification.",
     "needs the spread of r over numbers of examples, for regressions beside classifiers"},
    {"sarcos-high", "section 4, Fig. 1",
     "SARCOS has a high correlation where there begins to be enough data (here: 500 to 5,000 examples).",
     "r(log interference, gap) > 0.5 where dataset = sarcos and examples >= 500 and examples <= 5000 for "
     "some examples"},
    {"sarcos-rises", "section 4, Fig. 1",
     "SARCOS' correlation peaks where there begins to be enough data: it is higher there than at fewer "
     "examples.",
     "r(log interference, gap pooled over examples where examples >= 500 and examples <= 5000) > r(log "
     "interference, gap pooled over examples where examples < 500) where dataset = sarcos"},
    {"sarcos-falls", "section 4, Fig. 1",
     "SARCOS' correlation peaks where there begins to be enough data: it is higher there than at more "
     "examples.",
     "r(log interference, gap pooled over examples where examples >= 500 and examples <= 5000) > r(log "
     "interference, gap pooled over examples where examples > 5000) where dataset = sarcos"},
    {"sarcos-all-no-r", "section 4, Fig. 1",
     "SARCOS has no correlation with all of its 44 thousand training examples.",
     "|r(log interference, gap)| < 0.3 where dataset = sarcos and examples >= 44000"},
    {"sarcos-all-no-gap", "section 4",
     "With all of SARCOS the generalisation gap is almost 0 for all hyperparameters (here: on average over "
     "them less than a tenth of the error, in either direction; on the official files, whose test rows "
     "mostly "
     "stand among the training rows too).",
     "mean(|log test error - log train error|) < 0.1 where dataset = sarcos and examples >= 44000"},
    {"california-most", "section 4, Fig. 1",
     "California has a positive correlation with most or all of the data (here: above 0.3).",
     "r(log interference, gap) > 0.3 where dataset = california and examples >= 10000 for each examples"},
    {"california-less", "section 4, Fig. 1",
     "California has no positive correlation with less than half of the data (here: below 0.3).",
     "r(log interference, gap) < 0.3 where dataset = california and examples < 10000 for each examples"},
    {"pg-weak", "section 4, Fig. 1",
     "Policy gradient shows no strong correlation (|r| < 0.3), with other than 100 training seeds.",
     "|r(log interference, gap)| < 0.3 where panel = \"policy gradient\" and examples != 100 for each "
     "examples"},
    {"pg-weak-100", "section 4, Fig. 1",
     "Policy gradient shows no strong correlation with 100 training seeds on other data than CIFAR-10.",
     "|r(log interference, gap)| < 0.3 where panel = \"policy gradient\" and dataset != cifar10 and examples "
     "= 100"},
    {"pg-cifar-100", "section 4, Fig. 1",
     "Policy gradient on CIFAR-10 with 100 training seeds is the exception, with r = -0.60.",
     "r(log interference, gap) < -0.3 where panel = \"policy gradient\" and dataset = cifar10 and examples = "
     "100"},
    {"td-differs-from-classification", "Fig. 1",
     "On the same data, value-based learning and classification have a clearly different effect: r is lower "
     "in the former.",
     "r(log interference, gap pooled over examples where panel = value-based) < r(log interference, gap "
     "pooled over examples where kind = classify) where examples >= 500"},
    {"td-differs-from-pg", "Fig. 1",
     "Value-based learning shows another trend than policy gradient: its r is lower.",
     "r(log interference, gap pooled over examples where panel = value-based) < r(log interference, gap "
     "pooled over examples where panel = \"policy gradient\") where examples >= 500"},
    {"td-differs-from-regression", "Fig. 1", "Value-based learning shows another trend than regression does.",
     "needs value-based learning and regression on the same data"},
};

// ---- 4, Figs. 2 and 9: r over all numbers of examples and capacities
constexpr PaperClaim over_all[] = {
    {"classification-over-all", "section 4, Fig. 2",
     "Over all sizes, interference and gap correlate strongly in classification (r > 0.9).",
     "r(log interference, gap) > 0.9 across 20 to 50000 examples where kind = classify"},
    {"pg-over-all", "section 4, Fig. 2",
     "Over all sizes, interference and gap correlate positively in policy gradient too.",
     "r(log interference, gap) > 0 across 20 to 50000 examples where panel = \"policy gradient\""},
    {"pg-lesser", "section 4, Fig. 2",
     "Over all sizes they correlate less in policy gradient than in classification.",
     "r(log interference, gap where panel = \"policy gradient\") < r(log interference, gap where kind = "
     "classify) across 20 to 50000 examples"},
    {"regression-over-all", "section 4, Fig. 2", "Over all sizes the correlation is negative in regression.",
     "r(log interference, gap) < 0 across 20 to 19608 examples where kind = regress"},
    {"td-over-all", "section 4, Fig. 2",
     "Over all sizes the correlation is negative in value-based learning.",
     "r(log interference, gap) < 0 across 20 to 19608 examples where panel = value-based"},
    {"no-clear-trend", "section 4, Fig. 2",
     "Over all sizes the correlation is too low for a clear trend in regression and in value-based learning.",
     "|r(log interference, gap)| < 0.5 across 20 to 19608 examples where kind != classify and panel != "
     "\"policy gradient\""},
    {"td-like-regression", "section 4, Fig. 2",
     "Over all runs value-based learning seems to behave as regression does.",
     "needs value-based learning and regression on the same data"},
    {"gap-by-examples", "section 4, Fig. 9",
     "The gap is almost wholly driven by the size of the training set (r < -0.91), policy gradient aside.",
     "r(log examples, gap) < -0.91 across 20 to 19608 examples where panel != \"policy gradient\""},
    {"gap-by-examples-pg", "section 4, Fig. 9",
     "In policy gradient the gap follows the size of the training set slightly less closely (r slightly "
     "above -0.91).",
     "-0.91 < r(log examples, gap) < -0.8 across 20 to 50000 examples where panel = \"policy gradient\""},
    {"classification-low-generalises", "section 4",
     "In classification, solutions of low interference tend to generalise (here: at equal size of the "
     "training set and of the network).",
     "r(log interference, gap given examples, network) > 0 where kind = classify"},
    {"td-low-memorises", "section 4",
     "In TD learning, solutions of low interference often memorise (here: at equal sizes).",
     "r(log interference, gap given examples, network) < 0 where panel = value-based"},
    {"regression-low-generalises", "section 4",
     "In regression, solutions of low interference tend to generalise for a fixed quantity of data.",
     "r(log interference, gap given examples) > 0 where kind = regress"},
    {"regression-only-then", "section 4",
     "In regression they do so only for a fixed quantity of data: over all sizes together less (the sentence "
     "holds where this row and regression-over-all do).",
     "r(log interference, gap given examples) > r(log interference, gap) across 20 to 19608 examples where "
     "kind = regress"},
};

}  // namespace

std::vector<std::span<const PaperClaim>> claims_on_generalisation() {
  return {introduction, quantities, by_examples, over_all};
}

}  // namespace crosstalk::figures
