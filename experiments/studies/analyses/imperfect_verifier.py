"""Resampling until a weaker grader accepts: how often is what it accepts wrong, and how many tries pay?"""

import numpy as np
from pydantic import Field

from ...statistics.imperfect_verifier import Acceptance, TwoTypes, best_number_of_tries, first_acceptance, soundness
from ...statistics.intervals import bootstrap_bands, bootstrap_mean, estimates
from ...statistics.ratios import ratio
from ..wording import describe, describe_difference, problems
from .base import Analysis, Axes, Examined, Part, analyses, banded


@analyses.register("imperfect_verifier", label="Imperfect verifier (two graders)")
class ImperfectVerifier(Analysis):
    """Tries again until a weak grader accepts and asks the run's own grader whether the accepted answer is right.

    Inference Scaling fLaws: The Limits of LLM Resampling with Imperfect Verifiers (2024). Of a problem's n samples the weak
    grader accepts w, of which t are right. The first accepted one comes within K tries with 1 − C(n−w, K) / C(n, K) and is
    right with t / w, in closed form. The utility of K tries is +1 for a right answer handed in, minus the cost for a wrong one.

    More tries cannot lower the chance that an accepted answer is wrong, so accuracy has a ceiling below the oracle's.
    It misleads where the run's grader is itself wrong, and “K at the largest k” means: at the cap, not the optimum.
    """

    grader: str = Field("", title="Weak grader", description="Its key as stored with the grades; empty takes the first by name")
    costs: tuple[float, ...] = Field(
        (0.0, 1.0, 2.0, 4.0, 8.0), title="Costs", description="Of a wrong answer handed in, where a right one is worth 1"
    )

    needs = frozenset({"second_grader"})
    axes = Axes("Utility of trying until the weak grader accepts", "tries allowed (K)", "utility per problem", True, None)

    def look(self, examined: Examined, rng: np.random.Generator) -> Part:
        graders = sorted(set.intersection(*(set(pool.accepted) for pool in examined.pools)))
        if self.grader and self.grader not in graders:
            return Part(f"Not computed: “{self.grader}” did not judge every sample. These did: {', '.join(graders)}.")
        grader = self.grader or graders[0]
        weak = [pool.accepted[grader] for pool in examined.pools]
        counts = np.array(
            [(pool.n, each.sum(), (each & pool.correct).sum()) for pool, each in zip(examined.pools, weak, strict=True)]
        )
        accepted = first_acceptance(*counts.T, examined.ks)
        rates = examined.by_problem(np.column_stack([counts[:, 1:] / counts[:, :1], [p.correct.mean() for p in examined.pools]]))
        ceiling = ratio(rates[:, 1], rates[:, 0], rng)
        wrong = bootstrap_mean(examined.by_problem(accepted.wrong[:, -1]), rng)
        gap = bootstrap_mean(rates[:, 0] - rates[:, 2], rng)
        sentences = [
            f"“{grader}” accepts {rates[:, 0].mean():.0%} of the samples of {problems(len(rates))}, the run's grader "
            f"{rates[:, 2].mean():.0%}: difference {describe_difference(gap)}.",
            f"What it accepts is right with {describe(ceiling)}; after {examined.n} tries {describe(wrong)} of the problems have "
            f"a wrong answer handed in.",
        ]
        numbers = {"right given accepted": ceiling, f"wrong handed in@{examined.n}": wrong, "weak − strong acceptance": gap}
        series, best = [], {}
        for cost in self.costs:
            utility = examined.by_problem(accepted.utility(cost))
            best[f"{cost:g}"], _ = best_number_of_tries(examined.ks, utility)
            bands = bootstrap_bands(utility, rng)
            series.append(banded(f"cost {cost:g}", examined.ks, bands))
            numbers[f"utility@{examined.n}, cost {cost:g}"] = estimates(bands)[-1]
        at = "; ".join(f"{tries} at cost {cost}" for cost, tries in best.items())
        sentences.append(f"The best number of tries among the ks drawn: {at} (0: trying never pays, {examined.n}: the cap).")
        rejected = soundness(rates[:, 0].mean(), rates[:, 2].mean(), ceiling.value or 0)
        details = {
            "grader": grader,
            "soundness": rejected,
            "best_tries": best,
            "wrong_by_tries": _wrong_by_tries(accepted, examined.ks),
        }
        if rejected is not None and counts[:, 2].sum():
            complete = float(counts[:, 2].sum() / sum(pool.correct.sum() for pool in examined.pools))
            details["two_types"] = self._two_types(rates[:, 2], min(max(rejected, 0.0), 1.0), complete, examined.ks)
        return Part(" ".join(sentences), numbers, series, details)

    def _two_types(self, rates: np.ndarray, sound: float, complete: float, ks: tuple[int, ...]) -> dict:
        """What the paper's model of easy and hard problems, here those above and below a half, would advise at each cost."""
        easy = rates >= 0.5
        kinds = [part for part in (easy, ~easy) if part.any()]
        model = TwoTypes(
            tuple(float(rates[part].mean()) for part in kinds), tuple(float(part.mean()) for part in kinds), sound, complete
        )
        tries = range(ks[-1] + 1)
        best = {f"{cost:g}": int(np.argmax([model.utility(k, 1, -cost) for k in tries])) for cost in self.costs}
        return {"rates": model.rates, "shares": model.shares, "ceiling": model.ceiling, "best_tries": best}


def _wrong_by_tries(accepted: Acceptance, ks: tuple[int, ...]) -> dict[str, float]:
    """Of what was accepted at the tries up to each k and after the k before: the share that is wrong. It rises where late
    acceptances come from problems that the model hardly ever gets right."""
    wrong = np.diff(accepted.wrong.mean(axis=0), prepend=0.0)
    either = np.diff((accepted.wrong + accepted.right).mean(axis=0), prepend=0.0)
    return {str(k): float(part / total) for k, part, total in zip(ks, wrong, either, strict=True) if total > 1e-12}
