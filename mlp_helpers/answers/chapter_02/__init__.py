"""Chapter 02, two-layer sigmoid regression: what is asked (S2, S0 5)."""

EXERCISES = """
regression_forward grad_A_entry regression_backward regression_loss_and_grads gd_step
fit_regression
""".split()
