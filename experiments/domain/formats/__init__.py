"""Prompt formats that mean the same. Quantifying Language Models' Sensitivity to Spurious Features in Prompt Design, 2023."""
