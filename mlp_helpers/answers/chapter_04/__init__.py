"""Chapter 04, the general L-layer recursion: what is asked (S1 sections 1-2, S3)."""

EXERCISES = """
check_shapes mlp_forward layer_grads backward_step mlp_backprop flatten_params forward_macs
""".split()
