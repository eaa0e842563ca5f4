"""The study itself: its text, itself as data for `crosstalk run report.html`, and how to cite."""

from .bundle import is_watched
from .markup import details, join, section, tag

PAPER = ("E. Bengio, J. Pineau, D. Precup. Interference and Generalization in Temporal Difference Learning. "
         "Proceedings of the 37th International Conference on Machine Learning, PMLR 119, 2020.")  # fmt: skip
BIBTEX = """@inproceedings{bengio2020interference,
  title     = {Interference and Generalization in Temporal Difference Learning},
  author    = {Bengio, Emmanuel and Pineau, Joelle and Precup, Doina},
  booktitle = {Proceedings of the 37th International Conference on Machine Learning},
  series    = {PMLR},
  volume    = {119},
  year      = {2020}
}
@software{crosstalk,
  title   = {Crosstalk: an instrument for interference and generalisation},
  version = {%s}
}"""


def render(bundle):
    files = []
    if bundle.watched:
        return ""
    for study in bundle.studies:
        name = study.get("name") or study.get("folder") or "study"
        if study.get("text"):
            files.append(details(f"{name}.toml" if "." not in name else name,
                                 tag("pre", tag("code", str(study["text"])), tabindex="0")))  # fmt: skip
    first = bundle.studies[0] if bundle.studies else {}
    again = bool(first.get("json")) and not is_watched(first)
    return section("study", "The study file",
        join(files) or tag("p", "The results hold no text of the study."),
        tag("p", "The study is inside this page: ", tag("code", "crosstalk run report.html"), " runs it again",
            " (the first of those shown)." if len(bundle.studies) > 1 else ".") if again else "")  # fmt: skip


def citation(bundle):
    what = "the code of the training loop" if bundle.watched else "the study file"
    return section("cite", "How to cite",
        tag("p", "The method and the figures’ numbers are those of ", PAPER, " Stiffness is of S. Fort, P. K. Nowak, "
                 "S. Jastrzębski, S. Narayanan, “Stiffness: A New Perspective on Generalization in Neural Networks”, 2019. "
                 f"Of this report, give the version{f', {what} and the checksums of the data' if bundle.data else f' and {what}'}."),
        details("BibTeX", tag("pre", tag("code", BIBTEX % bundle.version), tabindex="0")))  # fmt: skip
