"""The Llama engine that serves organisms."""
