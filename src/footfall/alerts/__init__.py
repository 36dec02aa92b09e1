"""Alerts: rules, what they say of a window, and what becomes of it. Nothing here reads a clock or sends anything.

`rule` is what people write; `judge` holds one window against it; `machine` remembers, and decides when somebody is
told; `evaluate` does both over a series of windows, for the past as for now.
"""
