"""An engine for other machines: `mien serve --parser-only`. No library, no pages, nothing kept."""
