"""Chapter 00, gradient checking: what is asked (S3 gradient checking and activations, S2)."""

EXERCISES = """
central_difference numerical_gradient numerical_jacobian relative_error gradient_check sigmoid
sigmoid_prime tanh_prime chain_rule quotient_rule
""".split()
