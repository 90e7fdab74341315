"""Builders of networks: functions that return named Keras models, in pure `keras`."""
