"""Inspect's table of models, read once for all processes that are forked: .5 seconds each time."""

from inspect_ai.model import get_model_info

get_model_info("openai/gpt-4o")
