"""Chapter 06, the flow graph: what is asked (S3 flow graph, S2 computation graph)."""

EXERCISES = """
topological_order linear_bprop softmax_nll_bprop boxes_needing_bprop fprop_bprop
""".split()
