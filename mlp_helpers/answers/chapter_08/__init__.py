"""Chapter 08, generalisation, initialisation and model selection: what is asked (S3)."""

EXERCISES = """
regularised_risk penalty_grad prox_l1 prior_to_lambda init_diagnosis glorot_uniform
bias2_variance split zero_one_error early_stopping grid_configs random_configs select_best
""".split()
