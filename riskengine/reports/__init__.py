"""Figures as something people read: tables, and the places where they are shown."""
