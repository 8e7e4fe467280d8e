"""Chapter 05, the ReLU network and its kinks: what is asked (S4)."""

EXERCISES = """
relu relu_prime one_sided dzk_dW1 relu_err_and_grads kink_mask dead_units
""".split()
