"""Prices, the ledger of what was paid, the budget and its gate."""
