"""Chapter 01, the softmax Jacobian: what is asked (S1 section 2, S0 4.1, S3 output layer)."""

EXERCISES = """
softmax softmax_rows softmax_jacobian softmax_jacobian_batch softmax_vjp one_hot log_likelihood
logsumexp_rows nll nll_grad_probs nll_grad_logits
""".split()
