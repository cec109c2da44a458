"""What the verbs print on stdout: tables for people, or one JSON document for programs."""
