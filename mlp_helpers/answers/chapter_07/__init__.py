"""Chapter 07, optimisation: what is asked (S3, S1 section 1, S0 section 5)."""

EXERCISES = """
sgd_update minibatches minibatch_grad momentum_accum accum_to_ema learning_rate robbins_monro_ok
taylor2 newton_step permute_hidden
""".split()
