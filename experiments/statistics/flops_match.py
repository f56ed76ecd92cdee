"""How many more tokens a small model may write where a larger one answers once. Scaling LLM Test-Time Compute Optimally, 2024."""


def token_multiplier(size_ratio: float, inference_to_pretraining: float) -> float:
    """M + 3 (M - 1) / R: the small model's tokens for one of a model M times larger, pretraining (6 N D) and inference (2 N D)
    counted together. R is inference tokens by pretraining tokens; without pretraining, R infinite, it is M."""
    return size_ratio + 3 * (size_ratio - 1) / inference_to_pretraining
