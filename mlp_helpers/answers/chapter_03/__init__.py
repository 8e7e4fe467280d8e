"""Chapter 03, the tanh homework network: what is asked (S0)."""

EXERCISES = """
predict_logits predict_class risk_and_grads momentum_step train_momentum
""".split()
