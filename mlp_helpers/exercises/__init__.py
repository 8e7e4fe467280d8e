"""The exercises of all chapters: what is asked, data and not machinery.

One module per chapter (``chapter_01``) holds the exercises; ``bank/chapter_01`` holds known wrong
and right implementations.
"""

from functools import cache
from importlib import import_module

from ..checking.exercise import Exercise


class UnknownExercise(ValueError):
    """No exercise has this name; the message lists near ones. Its traceback is one line."""

    def _render_traceback_(self):
        return [f"UnknownExercise: {self}"]


class Catalogue(dict):
    """Exercises by id; printed, one line each."""

    def __repr__(self):
        return "\n".join(f"{e.chapter}  {e.id:<28}{e.points:>6g} points {e.minutes:>4} minutes"
                         for e in self.values())


# Which chapter holds an exercise, so that finding one loads one chapter; a test compares.
CHAPTERS = {
    "00": "central_difference numerical_gradient numerical_jacobian relative_error gradient_check "
          "sigmoid sigmoid_prime tanh_prime chain_rule quotient_rule",
    "01": "softmax softmax_rows softmax_jacobian softmax_jacobian_batch softmax_vjp one_hot "
          "log_likelihood logsumexp_rows nll nll_grad_probs nll_grad_logits",
    "02": "regression_forward grad_A_entry regression_backward regression_loss_and_grads gd_step "
          "fit_regression",
    "03": "predict_logits predict_class risk_and_grads momentum_step train_momentum",
    "04": "check_shapes mlp_forward layer_grads backward_step mlp_backprop flatten_params "
          "forward_macs",
    "05": "relu relu_prime dzk_dW1 relu_err_and_grads one_sided kink_mask dead_units",
    "06": "topological_order linear_bprop softmax_nll_bprop boxes_needing_bprop fprop_bprop",
    "07": "sgd_update minibatches minibatch_grad momentum_accum accum_to_ema learning_rate "
          "robbins_monro_ok taylor2 newton_step permute_hidden",
    "08": "regularised_risk penalty_grad prox_l1 prior_to_lambda init_diagnosis glorot_uniform "
          "bias2_variance split zero_one_error early_stopping grid_configs random_configs "
          "select_best",
}
NAMES = {name: chapter for chapter, names in CHAPTERS.items() for name in names.split()}


@cache
def _chapter(chapter) -> dict:
    """The exercises of one chapter by their ids."""
    module = import_module(f"{__name__}.chapter_{chapter}")
    return {exercise.id: exercise for exercise in module.EXERCISES}


def exercises() -> dict[str, Exercise]:
    """Return every exercise of the course by its id, in the order of the chapters."""
    return Catalogue({name: find(name) for name in NAMES})


def find(name: str) -> Exercise:
    """Find an exercise by the name of its function.

    Raises
    ------
    UnknownExercise
        If there is none; the message names similar ones.
    """
    if name in NAMES:
        return _chapter(NAMES[name])[name]
    raise UnknownExercise(f"there is no exercise named {name!r}. {did_you_mean(name, NAMES)}")


def did_you_mean(name, names):
    """A sentence that gives the names nearest to `name`, or says how to list all exercises."""
    from difflib import get_close_matches

    near = get_close_matches(str(name), names, n=3)
    return (f"Did you mean {' or '.join(near)}?" if near else
            "exercises() lists them all (from mlp_helpers import exercises).")
