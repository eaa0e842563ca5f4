#pragma once

#include "learn/td.hpp"

namespace crosstalk::learn {

/// (N, Z): the distribution of r + gamma z as one over the atoms again, of p (N, Z), what follows these
/// steps. Each probability goes to the two atoms beside where it comes to lie, to the nearer the more; beyond
/// an end to that end; where nothing follows all to the reward:
///     m_i = sum_j p_j max(0, 1 - |b_j - i|),   b_j = (clamp(r + gamma x_j) - x_0) / (x_1 - x_0)
at::Tensor projected(const Bootstrap& bootstrap, const at::Tensor& following, const Atoms& atoms);

/// Distributional Q-learning over atoms (C51, Bellemare, Dabney and Munos 2017), of actions of one choice.
/// The aim of a step is a distribution, held fixed: that of the best next action by `value`, behind n steps
/// of reward, projected onto the atoms. The action is best by the means of `select` (Double DQN: the online
/// network). The loss of a step is the cross-entropy
///     J = - sum_z m_z log p_z,   p the distribution of the action taken,   dJ / dy_z = p_z - m_z
/// which differs from Rainbow's Kullback-Leibler divergence by the entropy of the aim: the gradients are the
/// same. There are no scalar errors; what draws by priority takes the loss.
class Distributional final : public Objective {
 public:
  struct Settings {
    Values values;  // with atoms
    double gamma;
    std::int64_t steps = 1;
    Net value = Net::target, select = Net::online;
    bool timeout_ends = false;
  };
  explicit Distributional(Settings settings) : settings_(std::move(settings)) {}

  void aims(const data::Rows& rows, Passes& passes, Aims& aims) const override;
  void pull(const at::Tensor& output, const Aims& aims, Over over, const at::Tensor& weights,
            Pull& pull) const override;
  bool defined(const data::Table& table, data::Id row) const override {
    return sees_ahead(table, row, settings_.steps);
  }

 private:
  Settings settings_;
};

}  // namespace crosstalk::learn
