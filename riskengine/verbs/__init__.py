"""What the engine does, one public function a verb; nothing here prints or knows options."""
