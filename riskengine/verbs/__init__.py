"""The verbs of the engine, one public function each; nothing here prints or knows options."""
