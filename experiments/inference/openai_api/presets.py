"""What is usual at known endpoints, to fill a form with. Everything can be changed, and the truth test has the last word."""

from dataclasses import dataclass, field
from typing import Any

# llama.cpp filters tokens by default; without this, decoding would not be what the experiment says.
_UNFILTERED = {"top_k": 0, "min_p": 0.0, "repeat_penalty": 1.0}


@dataclass(frozen=True)
class Preset:
    """`max_tokens_field` and `seed_field` are the names under which the endpoint takes them; an empty one is never sent.

    `takes_top_k`: whether top-k and min-p, which OpenAI's API does not have, are taken in the request's body.
    `n_at_once` is a first guess for requests at once: a server on one's own machine takes few.
    """

    label: str
    base_url: str
    key_env: str = ""
    is_local: bool = False
    max_tokens_field: str = "max_tokens"
    seed_field: str = "seed"
    takes_top_k: bool = False
    n_at_once: int = 32
    extra_body: dict[str, Any] = field(default_factory=dict)


PRESETS: dict[str, Preset] = {
    "openai": Preset("OpenAI", "https://api.openai.com/v1", "OPENAI_API_KEY", max_tokens_field="max_completion_tokens"),
    "openrouter": Preset("OpenRouter", "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY", takes_top_k=True),
    "azure": Preset(
        "Azure OpenAI",
        "https://YOUR-RESOURCE.openai.azure.com/openai/v1",
        "AZURE_OPENAI_API_KEY",
        max_tokens_field="max_completion_tokens",
    ),
    "together": Preset("Together", "https://api.together.xyz/v1", "TOGETHER_API_KEY", takes_top_k=True),
    "groq": Preset("Groq", "https://api.groq.com/openai/v1", "GROQ_API_KEY"),
    "deepseek": Preset("DeepSeek", "https://api.deepseek.com", "DEEPSEEK_API_KEY", seed_field=""),
    "mistral": Preset("Mistral", "https://api.mistral.ai/v1", "MISTRAL_API_KEY", seed_field="random_seed"),
    "fireworks": Preset("Fireworks", "https://api.fireworks.ai/inference/v1", "FIREWORKS_API_KEY", takes_top_k=True),
    "vllm": Preset("vLLM", "http://localhost:8000/v1", "VLLM_API_KEY", is_local=True, takes_top_k=True, n_at_once=64),
    "sglang": Preset("SGLang", "http://localhost:30000/v1", "SGLANG_API_KEY", is_local=True, takes_top_k=True, n_at_once=64),
    "llama_cpp_server": Preset(
        "llama.cpp server", "http://localhost:8080/v1", is_local=True, takes_top_k=True, n_at_once=4, extra_body=_UNFILTERED
    ),
    "llama_cpp_python": Preset(
        "llama-cpp-python server",
        "http://localhost:8000/v1",
        is_local=True,
        takes_top_k=True,
        n_at_once=1,
        extra_body=_UNFILTERED,
    ),
    "ollama": Preset("Ollama", "http://localhost:11434/v1", is_local=True, n_at_once=4),
    "lm_studio": Preset("LM Studio", "http://localhost:1234/v1", is_local=True, takes_top_k=True, n_at_once=4),
    "other": Preset("Another endpoint", "", takes_top_k=True, n_at_once=8),
}
