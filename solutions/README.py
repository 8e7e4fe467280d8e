# ---
# jupyter:
#   jupytext:
#     cell_markers: '"""'
#     cell_metadata_filter: nbgrader,tags,course,-all
#     notebook_metadata_filter: kernelspec,jupytext,-all
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
r"""
# The multilayer perceptron from its derivatives up

In this course you derive every gradient of a neural network by hand, write it in a few lines of
NumPy, and check it to the last digit. Nine notebooks take you from the slope of one function to an
honest error on handwritten digits. NumPy does the arithmetic; the rest you write yourself.

This page is the map. Run it from top to bottom (menu *Run*, *Run All Cells*) to see the figure, the
sizes of the chapters, and how far you are.
"""

# %% [markdown]
r"""
## The chapters

| Chapter | After it you can | Needs |
|---|---|---|
| [00 Gradient checking](00_gradient_checking/00_gradient_checking.ipynb) | find out numerically whether a derivative is right | |
| [01 The softmax Jacobian](01_softmax_jacobian/01_softmax_jacobian.ipynb) | derive and compute softmax, its Jacobian, and the gradient of the log-likelihood | 00 |
| [02 Two-layer sigmoid regression](02_sigmoid_regression/02_sigmoid_regression.ipynb) | derive a network's gradient entry by entry, then as matrices, and fit a curve | 00 |
| [03 The tanh homework network](03_tanh_homework/03_tanh_homework.ipynb) | train a classifier with momentum, on real digits | 01, 02 |
| [04 The general L-layer recursion](04_layer_recursion/04_layer_recursion.ipynb) | write backpropagation for any depth, and say what it costs | 03 |
| [05 The ReLU network and its kinks](05_relu_kinks/05_relu_kinks.ipynb) | handle the points where there is no derivative | 03 |
| [06 The flow graph](06_flow_graph/06_flow_graph.ipynb) | build a small reverse-mode engine | 03 |
| [07 Optimisation](07_optimisation/07_optimisation.ipynb) | compare gradient descent, momentum and Newton steps | 03 |
| [08 Generalisation](08_generalisation/08_generalisation.ipynb) | choose a model by validation and report an honest error | 04, 07 |

If you know what a central difference is, begin with chapter 01; if you can also derive the gradient
of the loss through a softmax, begin with 02. Each chapter opens with five questions that tell you whether you are ready. Chapters 05 and 06
lead nowhere else: take them whenever you like after 03.
"""

# %%
from IPython.display import Markdown, display

from mlp_helpers import exercises, plots, progress

needs = {"00": [], "01": ["00"], "02": ["00"], "03": ["01", "02"], "04": ["03"], "05": ["03"],
         "06": ["03"], "07": ["03"], "08": ["04", "07"]}
title = {"00": "gradient\nchecking", "01": "softmax\nJacobian", "02": "sigmoid\nregression",
         "03": "tanh\nnetwork", "04": "L layers", "05": "ReLU and\nkinks", "06": "flow\ngraph",
         "07": "optimisation", "08": "generalisation"}
fig, ax = plots.flow_graph(
    [(chapter, "", before) for chapter, before in needs.items() if before], title,
    title="Two chapters lead to the network of chapter 03, and everything else starts there",
    alt="Nine chapters as boxes from left to right, with arrows to what needs them. 00 leads to 01 "
        "and to 02, both lead to 03, and 03 leads to 04, 05, 06 and 07. From 04 and 07 arrows lead to "
        "08.",
)
plots.show(fig)

# %% [markdown]
r"""
## How long, and how many points

Minutes are for the exercises alone, for somebody who meets them for the first time. With reading,
derivations on paper and the referee's reports, plan **nearly three hours for a chapter**, and
twenty-five for the course. The points of written answers, which a person reads, come on top.
"""

# %%
rows = ["| chapter | exercises | minutes | points |", "|---|--:|--:|--:|"]
for chapter in needs:
    mine = [e for e in exercises().values() if e.chapter == chapter]
    if not mine:  # an edition of some chapters
        continue
    name = title[chapter].replace("\n", " ")
    rows.append(f"| {chapter} {name} | {len(mine)} | {sum(e.minutes for e in mine)} "
                f"| {sum(e.points for e in mine):g} |")
display(Markdown("\n".join(rows)))

# %% [markdown]
r"""
## How far you are

Each chapter remembers, in a small file in its own folder, what you have checked. Run the next cell
again whenever you want to know.
"""

# %%
progress()

# %% [markdown]
r"""
## How to work

1. Open a chapter. Read, predict, compute by hand, write a function, run the check below it.
2. A check says what was asked and what is not there yet; it never shows the answer. Check as often as
   you like. `hint("softmax")` gives a hint for an exercise. It costs nothing.
3. Code that draws a figure is folded away in JupyterLab; a click on its three dots shows it.
4. Save your work under the name that the notebook has. Nothing else needs to be kept.

Five sets of notes, S0 to S4, stand behind the course, and all of them contain mistakes. You will
referee them. The folder `docs/` of the course has a page for looking things up:
`notation.md` (one notation, and what each of the notes calls the same thing), `glossary.md` (words),
`errata.md` (every mistake, where you meet it, and for most the number that shows it) and `inventory.md` (every
formula of the notes, and where it is taught).
"""
