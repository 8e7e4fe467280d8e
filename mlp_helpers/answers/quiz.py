"""The form of a quiz question; the questions are in the modules ``quiz_NN``."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Question:
    """One question with lettered options; `why` answers each option, right or wrong."""

    text: str
    options: dict[str, str]
    answer: str
    why: dict[str, str]

    def __post_init__(self):
        if self.answer not in self.options or set(self.why) != set(self.options):
            raise ValueError("a question needs its answer among the options, and a why for each")
