"""Figures -> something people read: tables, and the places they are shown in."""
