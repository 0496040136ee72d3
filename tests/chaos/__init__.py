"""The fault laboratory: parts are killed, frozen and filled with nonsense, and what clients were told must hold."""
